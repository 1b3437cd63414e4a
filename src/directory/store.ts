import type { Tx } from '../platform/db.ts';
import type { Account, Group, OrganizationalUnit, PermissionSet, User } from './types.ts';

const accountColumns = {
  id: true,
  name: true,
  email: true,
  state: true,
  ouPath: true,
  ancestorIds: true,
  isManagement: true,
} as const;
const unitColumns = { id: true, name: true, parentId: true, path: true, ancestorIds: true } as const;
const permissionSetColumns = {
  arn: true,
  name: true,
  description: true,
  sessionSeconds: true,
  inManagementAccount: true,
} as const;
const userColumns = { id: true, userName: true, displayName: true, email: true, enabled: true } as const;
const groupColumns = { id: true, displayName: true, description: true } as const;

/** The account as the copy has it; null where the copy has none of this ID. */
export async function findAccount(tx: Tx, id: string): Promise<Account | null> {
  return tx.account.findUnique({ where: { id }, select: accountColumns });
}

/** The permission set as the copy has it; null where the copy has none of this ARN. */
export async function findPermissionSet(tx: Tx, arn: string): Promise<PermissionSet | null> {
  return tx.permissionSet.findUnique({ where: { arn }, select: permissionSetColumns });
}

/** The permission sets of these ARNs, by name; those that the copy does not have are left out. */
export async function findPermissionSets(tx: Tx, arns: string[]): Promise<PermissionSet[]> {
  if (arns.length === 0) return [];
  return tx.permissionSet.findMany({
    where: { arn: { in: arns } },
    select: permissionSetColumns,
    orderBy: [{ search: 'asc' }, { arn: 'asc' }],
  });
}

/** The ARNs of the permission sets that the copy knows to be provisioned to the management account. */
export async function permissionSetsInManagementAccount(tx: Tx): Promise<string[]> {
  const rows = await tx.permissionSet.findMany({ where: { inManagementAccount: true }, select: { arn: true } });
  return rows.map(({ arn }) => arn);
}

/** The user as the copy has them, for names and lists; rights are read with `readPersonNow`. */
export async function findUser(tx: Tx, id: string): Promise<User | null> {
  return tx.user.findUnique({ where: { id }, select: userColumns });
}

/** The user as `findUser`, with the groups of `groupIdsOf`: for those who ask for both on every page. */
export async function findMember(tx: Tx, id: string): Promise<(User & { groupIds: string[] }) | null> {
  const [row] = await tx.$queryRaw<(User & { groupIds: string[] })[]>`
    select id, user_name as "userName", display_name as "displayName", email, enabled,
      array(select group_id from memberships where user_id = users.id order by group_id) as "groupIds"
    from users where id = ${id}`;
  return row ?? null;
}

/** The users of these IDs, by name; those that the copy does not have are left out. */
export async function findUsers(tx: Tx, ids: string[]): Promise<User[]> {
  if (ids.length === 0) return [];
  return tx.user.findMany({
    where: { id: { in: ids } },
    select: userColumns,
    orderBy: [{ search: 'asc' }, { id: 'asc' }],
  });
}

/** The groups of these IDs, by name; those that the copy does not have are left out. */
export async function findGroups(tx: Tx, ids: string[]): Promise<Group[]> {
  if (ids.length === 0) return [];
  return tx.group.findMany({
    where: { id: { in: ids } },
    select: groupColumns,
    orderBy: [{ search: 'asc' }, { id: 'asc' }],
  });
}

/**
 * The groups that the copy knows the user to be in: only of those groups that policies and personas name, and as
 * old as the copy. For lists and forms, never for a decision.
 */
export async function groupIdsOf(tx: Tx, userId: string): Promise<string[]> {
  const rows = await tx.membership.findMany({
    where: { userId },
    select: { groupId: true },
    orderBy: { groupId: 'asc' },
  });
  return rows.map(({ groupId }) => groupId);
}

/** Who is in these groups, once for each group, by name. Who is disabled is told too: see `enabled`. */
export async function membersOf(tx: Tx, groupIds: string[]): Promise<(User & { groupId: string })[]> {
  if (groupIds.length === 0) return [];
  return tx.$queryRaw<(User & { groupId: string })[]>`
    select u.id, u.user_name as "userName", u.display_name as "displayName", u.email, u.enabled, m.group_id as "groupId"
    from memberships m join users u on u.id = m.user_id
    where m.group_id = any(${groupIds})
    order by u.search collate "C", u.id, m.group_id`;
}

/** Every organizational unit, the root first, each after the one that it lies in. */
export async function allOrganizationalUnits(tx: Tx): Promise<OrganizationalUnit[]> {
  return tx.organizationalUnit.findMany({ select: unitColumns, orderBy: [{ path: 'asc' }, { id: 'asc' }] });
}
