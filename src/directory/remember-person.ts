import type { Tx } from '../platform/db.ts';
import type { PersonNow } from './live.ts';

/**
 * Brings the copy up to date with a person who was just read from Identity Center, so that someone new can be served
 * before the next copy is made. Memberships of groups that nobody names go again with that copy.
 */
export async function rememberPerson(tx: Tx, { user, groupIds }: PersonNow): Promise<void> {
  const { id, ...fields } = user;
  await tx.user.upsert({ where: { id }, create: user, update: fields });
  await tx.membership.deleteMany({ where: { userId: id, groupId: { notIn: groupIds } } });
  await tx.membership.createMany({
    data: groupIds.map((groupId) => ({ groupId, userId: id })),
    skipDuplicates: true,
  });
}
