import type { Account } from './types.ts';

export interface AccountSearch {
  /** What was typed; each word must occur in name, ID, e-mail or OU path. Empty: everything. */
  q: string;
  /** Which accounts count at all. */
  accept: (account: Account) => boolean;
  /** At most so many are given. */
  limit: number;
}

interface Entry {
  account: Account;
  /** Made by `comparable`. */
  search: string;
}

const LONGEST_QUERY = 200;

/** `entries` are sorted by search text, then ID. Those that the query begins come first, as in the database's search. */
export function searchIn(
  entries: readonly Entry[],
  { q, accept, limit }: AccountSearch,
): { items: Account[]; total: number } {
  const typed = q.replaceAll('\0', '').trim().slice(0, LONGEST_QUERY);
  const text = comparable(typed);
  const words = text.split(/\s+/).filter((word) => word !== '');
  const first: Account[] = [];
  const rest: Account[] = [];
  let total = 0;
  for (const { account, search } of entries) {
    if (!words.every((word) => search.includes(word)) || !accept(account)) continue;
    total += 1;
    const ranks = search.startsWith(text) || account.id.startsWith(typed) ? first : rest;
    if (ranks.length < limit) ranks.push(account);
  }
  return { items: [...first, ...rest].slice(0, limit), total };
}

/**
 * What is compared: no accents, lower case. `search_text` of the database does the same, except that the database's
 * locale says which letters it can lower; so what comes from there is lowered here once more. Letter by letter, and
 * with one letter sigma, or a word's end would be lowered by the rules of its language.
 */
export function comparable(text: string): string {
  const bare = text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  return Array.from(bare, (letter) => letter.toLowerCase())
    .join('')
    .replaceAll('ς', 'σ');
}
