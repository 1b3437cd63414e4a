import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { setAlarm } from './alarm.ts';
import { dueAt, lockAssignment } from './store.ts';
import { toGrant } from './store-rows.ts';
import type { Grant } from './types.ts';

/**
 * Tries once more to give what could not be given, within the window that was promised; the rights are checked
 * again. Throws `ConflictError` where it did not fail or the window is over, `NotFoundError` where there is none.
 */
export async function retryGrant(
  platform: Platform,
  tx: Tx,
  { grantId, actor }: { grantId: string; actor: Actor },
): Promise<Grant> {
  const found = await tx.grant.findUnique({ where: { id: grantId } });
  if (!found) throw new NotFoundError('no-grant', 'There is no such access.');
  const { now } = await lockAssignment(tx, found.assignmentId);
  const before = await tx.grant.findUniqueOrThrow({ where: { id: grantId } });
  if (before.status !== 'failed') {
    throw new ConflictError(
      'grant-not-failed',
      'Only access that could not be given can be tried again; this one moved on.',
    );
  }
  if (before.basis === 'adopted') {
    throw new ConflictError(
      'grant-adopted',
      'This assignment could not be taken over. Where it is still at AWS, the drift page shows it again; adopt it there.',
    );
  }
  if (now >= before.latestEnd) {
    throw new ConflictError('window-over', 'The window of this access is over. Ask for it with a new request.');
  }
  const after = await tx.grant.update({
    where: { id: grantId },
    data: { status: 'scheduled', failure: null, rightsCheckedAt: null, announced: '', version: { increment: 1 } },
  });
  await record(tx, {
    kind: 'grant.retried',
    actor,
    subject: { kind: 'grant', id: grantId },
    ...(before.requestId ? { requestId: before.requestId } : {}),
    before: { status: before.status, failure: before.failure },
    after: { status: after.status },
  });
  // Whoever asks for another try does not wait for the pause after the last one.
  await tx.assignment.update({ where: { id: before.assignmentId }, data: { giveAfter: null } });
  await dueAt(tx, before.assignmentId, now, before.latestEnd);
  await setAlarm(platform, tx, { assignmentId: before.assignmentId, purpose: 'give', owner: before.userId }, 'now');
  return toGrant(after);
}
