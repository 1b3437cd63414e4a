import type { Tx } from '../platform/db.ts';
import type { ApproverPerson } from './approvers.ts';

/** The user IDs of each of these groups, from the directory's copy. */
export async function readMembers(tx: Tx, groupIds: string[]): Promise<Map<string, string[]>> {
  const members = new Map<string, string[]>();
  if (groupIds.length === 0) return members;
  for (const row of await tx.membership.findMany({ where: { groupId: { in: groupIds } } })) {
    const there = members.get(row.groupId);
    if (there) there.push(row.userId);
    else members.set(row.groupId, [row.userId]);
  }
  return members;
}

/** Those of the users who exist and are enabled, by display name. */
export async function readPeople(tx: Tx, userIds: string[]): Promise<ApproverPerson[]> {
  if (userIds.length === 0) return [];
  const rows = await tx.user.findMany({
    where: { id: { in: userIds }, enabled: true },
    orderBy: [{ displayName: 'asc' }, { id: 'asc' }],
  });
  return rows.map(({ id, displayName, userName, email }) => ({ userId: id, displayName, userName, email }));
}
