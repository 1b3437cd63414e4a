import type { Tx } from '../platform/db.ts';
import { type AccountSearch, comparable, searchIn } from './account-search.ts';
import { directoryRevision, readAccounts, readPermissionSetRows, readUnits, type Snapshot } from './index-store.ts';
import { inTreeOrder } from './tree-order.ts';
import type { Account, OrganizationalUnit, PermissionSet } from './types.ts';

export interface AccountIndex {
  /** The same for as long as no account, unit or permission set changes in the copy. */
  revision: string;
  /** In the order in which a search for nothing gives them: by name. */
  accounts: readonly Account[];
  byId: ReadonlyMap<string, Account>;
  /** As `searchAccounts`, without asking the database; `total` counts all that match, not only those given. */
  search(input: AccountSearch): { items: Account[]; total: number };
}

export interface UnitIndex {
  revision: string;
  /** The root first, each unit before what lies in it, units side by side by name. */
  units: readonly OrganizationalUnit[];
  byId: ReadonlyMap<string, OrganizationalUnit>;
}

export interface PermissionSetIndex {
  revision: string;
  /** By name. */
  permissionSets: readonly PermissionSet[];
  byArn: ReadonlyMap<string, PermissionSet>;
}

/**
 * All accounts of the copy, in memory; read again only where something changed. Sees its own transaction's changes.
 * `seen`: the directory's revision, where the caller has just read it with something else.
 */
export const accountIndex = kept(readAccounts, ({ revision, rows }): AccountIndex => {
  const accounts = rows.map(({ search: _search, ...account }) => account);
  const entries = rows.map(({ search }, position) => ({
    search: comparable(search),
    account: accounts[position] as Account,
  }));
  return {
    revision,
    accounts,
    byId: new Map(accounts.map((account) => [account.id, account])),
    search: (input) => searchIn(entries, input),
  };
});

/** All organizational units of the copy, in memory, as `accountIndex`. */
export const unitIndex = kept(readUnits, ({ revision, rows }): UnitIndex => {
  const units = inTreeOrder(rows);
  return { revision, units, byId: new Map(units.map((unit) => [unit.id, unit])) };
});

/** All permission sets of the copy, in memory, as `accountIndex`. */
export const permissionSetIndex = kept(
  readPermissionSetRows,
  ({ revision, rows }): PermissionSetIndex => ({
    revision,
    permissionSets: rows,
    byArn: new Map(rows.map((permissionSet) => [permissionSet.arn, permissionSet])),
  }),
);

/** The revision is random and so stands for one content only, in whatever database: one index a process is enough. */
function kept<Row, Index extends { revision: string }>(
  read: (tx: Tx) => Promise<Snapshot<Row>>,
  build: (snapshot: Snapshot<Row>) => Index,
): (tx: Tx, seen?: string) => Promise<Index> {
  let last: Index | undefined;
  return async (tx, seen) => {
    const revision = seen ?? (await directoryRevision(tx));
    if (last?.revision === revision) return last;
    const index = build(await read(tx));
    last = index;
    return index;
  };
}
