import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { setAlarm } from './alarm.ts';
import { dueAt, lockAssignment } from './store.ts';

/**
 * Tries to take access away at once instead of after the pause that follows a failure. Throws `ConflictError` where
 * nothing is to be taken away any more, `NotFoundError` where there is no such assignment.
 */
export async function retryRevoke(
  platform: Platform,
  tx: Tx,
  { assignmentId, actor }: { assignmentId: string; actor: Actor },
): Promise<void> {
  const found = await tx.assignment.findUnique({ where: { id: assignmentId }, select: { id: true } });
  if (!found) throw new NotFoundError('no-assignment', 'There is no such access.');
  const { now, ownership } = await lockAssignment(tx, assignmentId);
  const before = await tx.assignment.findUniqueOrThrow({
    where: { id: assignmentId },
    include: { grants: { where: { status: { in: ['activating', 'active', 'ending'] } } } },
  });
  const ending = before.grants.find(
    ({ status, closesAt }) => status === 'ending' || (status === 'active' && closesAt !== null && closesAt <= now),
  );
  if (!ending && (ownership !== 'ours' || before.grants.length > 0)) {
    throw new ConflictError('nothing-to-revoke', 'This access is gone by now; there is nothing left to take away.');
  }
  await tx.assignment.update({ where: { id: assignmentId }, data: { takeAfter: null } });
  await record(tx, {
    kind: 'assignment.retry-asked',
    actor,
    subject: { kind: 'assignment', id: assignmentId },
    ...(ending?.requestId ? { requestId: ending.requestId } : {}),
    before: { takeAfter: before.takeAfter, failures: before.failures, lastError: before.lastError },
    after: { takeAfter: null },
  });
  await dueAt(tx, assignmentId, now);
  await setAlarm(platform, tx, { assignmentId, purpose: 'take' }, 'now');
}
