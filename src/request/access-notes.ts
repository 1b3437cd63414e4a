import type { Grant } from '../access/index.ts';

/** What else there is to say of access besides its status. Pure. */
export interface NotedFacts {
  /** Since when its holder is no longer eligible, where the setting lets it run on. */
  rightsLostSince: Date | null;
  /** Nobody can use the account, and AWS changes nothing in it. */
  suspended: boolean;
}

/** Causes that the portal itself found: their reason is nobody's private word. */
const FOUND = new Set(['user_disabled', 'user_deleted', 'rights_lost', 'target_gone']);

const REFUSED_WHILE_SUSPENDED =
  'AWS refuses changes in a suspended account; nobody can use it meanwhile. Latchkey goes on trying until AWS allows it or the account is gone.';

/** Each one or two sentences; none where there is nothing to add. */
export function accessNotes(grant: Grant, facts: NotedFacts, format: (at: Date) => string): string[] {
  const { status, removedOutsideAt, endCause, endComment, gone } = grant;
  const notes: string[] = [];
  if (status === 'active' && removedOutsideAt !== null) {
    notes.push(
      `Somebody took this access away outside Latchkey; it was seen at ${format(removedOutsideAt)}. It is not given again by itself: a new request gives it again.`,
    );
  }
  if (status === 'active' && facts.rightsLostSince !== null) {
    notes.push(
      `No longer eligible since ${format(facts.rightsLostSince)}; the access runs on to its end, as the portal’s setting says. An administrator can revoke it.`,
    );
  }
  const over = status === 'ending' || status === 'revoked' || status === 'ended';
  if (over && endCause !== null && FOUND.has(endCause) && endComment) notes.push(endComment);
  if (status === 'ending' && facts.suspended) notes.push(REFUSED_WHILE_SUSPENDED);
  if (over && gone) {
    notes.push('AWS no longer has the account or the permission set, so nothing was left to take away.');
  }
  return notes;
}
