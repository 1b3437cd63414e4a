import { Prisma, type Tx } from '../platform/db.ts';
import type { OrganizationCopy } from './organization-reader.ts';
import type { Group, PermissionSet, User } from './types.ts';

/** What a copy changed in the tables. */
export interface Changes {
  added: number;
  changed: number;
  removed: number;
}

/** The copy of units and accounts becomes what was read; only rows that differ are written. */
export async function storeOrganization(tx: Tx, { units, accounts }: OrganizationCopy): Promise<Changes> {
  return sum([await replace(tx, UNITS, units), await replace(tx, ACCOUNTS, accounts)]);
}

export async function storePermissionSets(tx: Tx, permissionSets: PermissionSet[]): Promise<Changes> {
  return replace(tx, PERMISSION_SETS, permissionSets);
}

export async function storeUsers(tx: Tx, users: User[]): Promise<Changes> {
  return replace(tx, USERS, users);
}

export async function storeGroups(tx: Tx, groups: Group[]): Promise<Changes> {
  return replace(tx, GROUPS, groups);
}

export async function storeMemberships(tx: Tx, members: { groupId: string; userId: string }[]): Promise<Changes> {
  return replace(tx, MEMBERSHIPS, members);
}

/** One user as just read; null means that they are gone. For the watch, which sees single users between two copies. */
export async function storeUser(tx: Tx, id: string, user: User | null): Promise<void> {
  if (user === null) await tx.user.deleteMany({ where: { id } });
  else await tx.user.updateMany({ where: { id, enabled: { not: user.enabled } }, data: { enabled: user.enabled } });
}

interface Table {
  name: string;
  /** Column → [type, field]. */
  columns: Record<string, [type: string, field: string]>;
  key: string[];
}

const UNITS: Table = {
  name: 'organizational_units',
  columns: {
    id: ['text', 'id'],
    name: ['text', 'name'],
    parent_id: ['text', 'parentId'],
    path: ['text', 'path'],
    ancestor_ids: ['text[]', 'ancestorIds'],
  },
  key: ['id'],
};
const ACCOUNTS: Table = {
  name: 'accounts',
  columns: {
    id: ['text', 'id'],
    name: ['text', 'name'],
    email: ['text', 'email'],
    state: ['text', 'state'],
    parent_id: ['text', 'parentId'],
    ou_path: ['text', 'ouPath'],
    ancestor_ids: ['text[]', 'ancestorIds'],
    is_management: ['boolean', 'isManagement'],
  },
  key: ['id'],
};
const PERMISSION_SETS: Table = {
  name: 'permission_sets',
  columns: {
    arn: ['text', 'arn'],
    name: ['text', 'name'],
    description: ['text', 'description'],
    session_seconds: ['integer', 'sessionSeconds'],
    in_management_account: ['boolean', 'inManagementAccount'],
  },
  key: ['arn'],
};
const USERS: Table = {
  name: 'users',
  columns: {
    id: ['text', 'id'],
    user_name: ['text', 'userName'],
    display_name: ['text', 'displayName'],
    email: ['text', 'email'],
    enabled: ['boolean', 'enabled'],
  },
  key: ['id'],
};
const GROUPS: Table = {
  name: 'groups',
  columns: {
    id: ['text', 'id'],
    display_name: ['text', 'displayName'],
    description: ['text', 'description'],
  },
  key: ['id'],
};
const MEMBERSHIPS: Table = {
  name: 'memberships',
  columns: { group_id: ['text', 'groupId'], user_id: ['text', 'userId'] },
  key: ['group_id', 'user_id'],
};

/** One statement for any number of rows: what is new is inserted, what differs updated, what vanished deleted. */
async function replace(tx: Tx, { name, columns, key }: Table, rows: object[]): Promise<Changes> {
  const all = Object.keys(columns);
  const rest = all.filter((column) => !key.includes(column));
  const list = (names: string[], of: string) => names.map((column) => `${of}.${column}`).join(', ');
  const onKey = key.map((column) => `old.${column} = new.${column}`).join(' and ');
  const shape = Object.entries(columns).map(([, [type, field]]) => `"${field}" ${type}`);
  const selected = Object.entries(columns).map(([column, [, field]]) => `r."${field}" as ${column}`);
  const changed =
    rest.length === 0
      ? 'select 1 where false'
      : `update ${name} old set ${rest.map((column) => `${column} = new.${column}`).join(', ')} from new
         where ${onKey} and (${list(rest, 'old')}) is distinct from (${list(rest, 'new')}) returning 1`;
  // The names come from the tables above, never from outside; the rows are the statement's one parameter.
  const [counts] = await tx.$queryRaw<Changes[]>`
    ${Prisma.raw(`with new as materialized (
      select distinct on (${key.map((column) => `"${columns[column]?.[1]}"`).join(', ')}) ${selected.join(', ')}
      from jsonb_to_recordset(`)}${JSON.stringify(rows)}${Prisma.raw(`::jsonb) as r(${shape.join(', ')})
    ), added as (
      insert into ${name} (${all.join(', ')}) select ${list(all, 'new')} from new
      where not exists (select from ${name} old where ${onKey}) returning 1
    ), changed as (${changed}), removed as (
      delete from ${name} old where not exists (select from new where ${onKey}) returning 1
    )
    select (select count(*)::int from added) as added, (select count(*)::int from changed) as changed,
      (select count(*)::int from removed) as removed`)}`;
  if (!counts) throw new Error(`copying ${name} gave no counts`);
  return counts;
}

function sum(all: Changes[]): Changes {
  const total = { added: 0, changed: 0, removed: 0 };
  for (const { added, changed, removed } of all) {
    total.added += added;
    total.changed += changed;
    total.removed += removed;
  }
  return total;
}
