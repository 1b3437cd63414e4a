/** Whose access ends: one person's, that in one account, or all. */
export type ScopeKind = 'user' | 'account' | 'all';

/** What an emergency is about, as it is called now. */
export interface Scope {
  kind: ScopeKind;
  /** The user or account ID; null for all. */
  id: string | null;
  name: string;
  /** What whoever ends it has to type. */
  confirmation: string;
}

export const EVERYTHING: Scope = { kind: 'all', id: null, name: 'everybody, everywhere', confirmation: 'END ALL' };

/** Reads on after "end": 'all access of Ada Admin'. */
export function scopeInWords({ kind, name }: Pick<Scope, 'kind' | 'name'>): string {
  if (kind === 'all') return 'all access of everybody, everywhere';
  return kind === 'user' ? `all access of ${name}` : `all access in the account ${name}`;
}

/** What has to be typed, as it stands in a sentence: 'END ALL in capital letters'. */
export function toBeTyped(word: string): string {
  return /\p{Lu}/u.test(word) && word === word.toUpperCase() ? `${word} in capital letters` : word;
}
