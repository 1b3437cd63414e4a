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
