/** Policies or the directory changed: whoever rests on what they say looks again. */
export const POLICIES_CHANGED = 'policies-changed';
