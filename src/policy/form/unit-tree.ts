import type { Account, AccountIndex, OrganizationalUnit, UnitIndex } from '../../directory/index.ts';

/** How many accounts lie directly in an OU, and how many in its whole subtree. */
export interface UnitCount {
  direct: number;
  nested: number;
}

const counted = new WeakMap<AccountIndex, ReadonlyMap<string, UnitCount>>();

/** The counts of all OUs that have accounts, by OU ID. */
export function countAccounts(index: AccountIndex): ReadonlyMap<string, UnitCount> {
  const there = counted.get(index);
  if (there) return there;
  const counts = new Map<string, UnitCount>();
  for (const { ancestorIds } of index.accounts) {
    const parent = ancestorIds.at(-1);
    for (const id of ancestorIds) {
      const count = counts.get(id) ?? { direct: 0, nested: 0 };
      count.nested += 1;
      if (id === parent) count.direct += 1;
      counts.set(id, count);
    }
  }
  counted.set(index, counts);
  return counts;
}

const byParents = new WeakMap<UnitIndex, ReadonlyMap<string | null, OrganizationalUnit[]>>();

/** The OUs that lie directly in this one, by name; of null those that lie in none. */
export function unitsIn(index: UnitIndex, parentId: string | null): OrganizationalUnit[] {
  let byParent = byParents.get(index);
  if (byParent === undefined) {
    byParent = Map.groupBy(index.units, (unit) =>
      unit.parentId !== null && index.byId.has(unit.parentId) ? unit.parentId : null,
    );
    byParents.set(index, byParent);
  }
  return byParent.get(parentId) ?? [];
}

/** Accounts directly in the OU, by name; at most so many. */
export function accountsIn(index: AccountIndex, unitId: string, most: number): Account[] {
  const found: Account[] = [];
  for (const account of index.accounts) {
    if (account.ancestorIds.at(-1) !== unitId) continue;
    found.push(account);
    if (found.length === most) break;
  }
  return found;
}

/** The OUs in whose path or ID all words occur, those whose name begins with the query first; at most so many. */
export function searchUnits(
  index: UnitIndex,
  query: string,
  most: number,
): { units: OrganizationalUnit[]; total: number } {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const matches = index.units.filter((unit) => {
    const text = plain(`${unit.path} ${unit.id}`);
    // Everything below a match has its name in the path: only what adds a word of its own is a match too.
    const own = plain(`${unit.name} ${unit.id}`);
    return words.every((word) => text.includes(word)) && words.some((word) => own.includes(word));
  });
  const begins = (unit: OrganizationalUnit) => plain(unit.name).startsWith(words.join(' '));
  const best = matches.toSorted((a, b) => Number(begins(b)) - Number(begins(a)));
  return { units: best.slice(0, most), total: matches.length };
}

/** Lower case, without accents. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}
