import { systemActor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { endGrant } from './end-grant.ts';
import type { EndCause, Grant } from './types.ts';

const COMMENTS: Partial<Record<EndCause, string>> = {
  user_disabled: 'The person was disabled in Identity Center.',
  user_deleted: 'The person was deleted in Identity Center.',
  rights_lost: 'The person is no longer eligible.',
};

/** Ends everything that a person has or is to get. The grants that it ended, as they are then. */
export async function endGrantsOfUser(
  platform: Platform,
  tx: Tx,
  userId: string,
  cause: 'user_disabled' | 'user_deleted' | 'rights_lost',
): Promise<Grant[]> {
  // In one order, so that two who do this at once wait for each other instead of locking each other out.
  const grants = await tx.grant.findMany({
    where: { userId, status: { in: ['scheduled', 'activating', 'active'] } },
    orderBy: [{ assignmentId: 'asc' }, { id: 'asc' }],
  });
  const ended: Grant[] = [];
  for (const { id, assignmentId } of grants) {
    await tx.$executeRaw`select from assignments where id = ${assignmentId}::uuid for update`;
    const still = await tx.grant.count({ where: { id, status: { in: ['scheduled', 'activating', 'active'] } } });
    if (still === 0) continue;
    const comment = COMMENTS[cause] ?? null;
    ended.push(await endGrant(platform, tx, { grantId: id, cause, comment, actor: systemActor('access') }));
  }
  return ended;
}
