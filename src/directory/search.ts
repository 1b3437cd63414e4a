import { z } from 'zod';
import { Prisma, type Tx } from '../platform/db.ts';
import type { Account, Group, OrganizationalUnit, PermissionSet, User } from './types.ts';

/** A page of what was found. `nextCursor` is null on the last page. */
export interface Found<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface SearchInput {
  /** What was typed; each word must occur. Empty: everything, by name. */
  q?: string | undefined;
  /** At most so many; 20 unless told otherwise. */
  limit?: number | undefined;
  /** From the page before. One that cannot be read means the first page. */
  cursor?: string | null | undefined;
}

interface Table {
  from: Prisma.Sql;
  columns: Prisma.Sql;
  /** The column that makes rows distinct. A query that begins it ranks before one that is only contained. */
  key: Prisma.Sql;
}

/** Accounts by name, ID, e-mail or OU path. `onlyIds` narrows to what the person may see, `onlyActive` to what can be asked for. */
export function searchAccounts(
  tx: Tx,
  input: SearchInput & { onlyIds?: string[] | undefined; onlyActive?: boolean | undefined },
): Promise<Found<Account>> {
  const conditions = [
    input.onlyIds === undefined ? null : Prisma.sql`t.id = any(${input.onlyIds})`,
    input.onlyActive ? Prisma.sql`t.state = 'ACTIVE'` : null,
  ];
  return search<Account>(tx, ACCOUNTS, input, conditions);
}

/** People by display name, user name or e-mail. `onlyEnabled` leaves out who cannot sign in. */
export function searchPeople(tx: Tx, input: SearchInput & { onlyEnabled?: boolean | undefined }): Promise<Found<User>> {
  return search<User>(tx, USERS, input, [input.onlyEnabled ? Prisma.sql`t.enabled` : null]);
}

/** Groups by display name or description. */
export function searchGroups(tx: Tx, input: SearchInput): Promise<Found<Group>> {
  return search<Group>(tx, GROUPS, input, []);
}

/** Permission sets by name or description. */
export function searchPermissionSets(
  tx: Tx,
  input: SearchInput & { onlyArns?: string[] | undefined },
): Promise<Found<PermissionSet>> {
  const condition = input.onlyArns === undefined ? null : Prisma.sql`t.arn = any(${input.onlyArns})`;
  return search<PermissionSet>(tx, PERMISSION_SETS, input, [condition]);
}

/** Organizational units by name, ID or path, each with the accounts directly in it and in its whole subtree. */
export function searchOrganizationalUnits(
  tx: Tx,
  input: SearchInput,
): Promise<Found<OrganizationalUnit & { directAccounts: number; nestedAccounts: number }>> {
  return search(tx, UNITS, input, []);
}

const ACCOUNTS: Table = {
  from: Prisma.sql`accounts`,
  columns: Prisma.sql`t.id, t.name, t.email, t.state, t.ou_path as "ouPath", t.ancestor_ids as "ancestorIds", t.is_management as "isManagement"`,
  key: Prisma.sql`t.id`,
};
const USERS: Table = {
  from: Prisma.sql`users`,
  columns: Prisma.sql`t.id, t.user_name as "userName", t.display_name as "displayName", t.email, t.enabled`,
  key: Prisma.sql`t.id`,
};
const GROUPS: Table = {
  from: Prisma.sql`groups`,
  columns: Prisma.sql`t.id, t.display_name as "displayName", t.description`,
  key: Prisma.sql`t.id`,
};
const PERMISSION_SETS: Table = {
  from: Prisma.sql`permission_sets`,
  columns: Prisma.sql`t.arn, t.name, t.description, t.session_seconds as "sessionSeconds", t.in_management_account as "inManagementAccount"`,
  key: Prisma.sql`t.arn`,
};
const UNITS: Table = {
  from: Prisma.sql`organizational_units`,
  columns: Prisma.sql`t.id, t.name, t.parent_id as "parentId", t.path, t.ancestor_ids as "ancestorIds",
    (select count(*)::int from accounts a where a.parent_id = t.id) as "directAccounts",
    (select count(*)::int from accounts a where t.id = any(a.ancestor_ids)) as "nestedAccounts"`,
  key: Prisma.sql`t.id`,
};

const Cursor = z.tuple([z.int(), z.string(), z.string()]);
type Cursor = z.infer<typeof Cursor>;

const LONGEST_QUERY = 200;

async function search<Item>(
  tx: Tx,
  table: Table,
  input: SearchInput,
  conditions: (Prisma.Sql | null)[],
): Promise<Found<Item>> {
  const limit = input.limit ?? 20;
  // Postgres takes no zero byte in a text.
  const q = (input.q ?? '').replaceAll('\0', '').trim().slice(0, LONGEST_QUERY);
  const after = readCursor(input.cursor);
  const beyond = after
    ? Prisma.sql`and (found.rank, found.search collate "C", found.key collate "C") > (${after[0]}::int, ${after[1]}, ${after[2]})`
    : Prisma.empty;
  const narrowed = conditions.filter((each) => each !== null).map((each) => Prisma.sql`and ${each}`);

  const rows = await tx.$queryRaw<(Item & { rank: number; search: string; key: string })[]>`
    with query as materialized (
      select search_text(${q}) as q, regexp_split_to_array(search_text(${q}), '\\s+') as words
    ), found as (
      select t.*, ${table.key} as key,
        case when starts_with(t.search, query.q) or starts_with(${table.key}, ${q}) then 0 else 1 end as rank
      from ${table.from} t, query
      where not exists (select from unnest(query.words) word where strpos(t.search, word) = 0)
        ${narrowed.length === 0 ? Prisma.empty : Prisma.join(narrowed, ' ')}
    ), page as (
      select * from found where true ${beyond}
      order by rank, search collate "C", key collate "C" limit ${limit + 1}
    )
    select ${table.columns}, t.rank, t.search, t.key from page t
    order by t.rank, t.search collate "C", t.key collate "C"`;

  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(({ rank: _rank, search: _search, key: _key, ...item }) => item as Item),
    nextCursor: last ? writeCursor([last.rank, last.search, last.key]) : null,
  };
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function readCursor(text: string | null | undefined): Cursor | null {
  if (!text) return null;
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
}
