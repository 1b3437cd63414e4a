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
  search: string;
}

const LONGEST_QUERY = 200;

/** `entries` are sorted by search text, then ID. Those that the query begins come first, as in the database's search. */
export function searchIn(
  entries: readonly Entry[],
  { q, accept, limit }: AccountSearch,
): { items: Account[]; total: number } {
  const typed = q.replaceAll('\0', '').trim().slice(0, LONGEST_QUERY);
  const text = searchText(typed);
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

/** What `search_text` of the database makes of the text: no accents, lower case. */
function searchText(text: string): string {
  const bare = text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  return oneSigma(Array.from(bare, (letter) => letter.toLowerCase()).join(''));
}

/** Whether a sigma at a word's end is lowered to another letter depends on the database's locale; here it is one. */
export function oneSigma(text: string): string {
  return text.replaceAll('ς', 'σ');
}
