import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { setAlarm } from './alarm.ts';
import { dueAt, lockAssignment } from './store.ts';
import { toGrant } from './store-rows.ts';
import type { EndCause, Grant, GrantStatus } from './types.ts';

interface EndGrant {
  grantId: string;
  cause: Exclude<EndCause, 'time'>;
  comment: string | null;
  actor: Actor;
  /** The emergency that ends it. */
  emergencyId?: string;
}

/** Where a grant is over, in words for whoever tries to end it. */
const OVER: Partial<Record<GrantStatus, string>> = {
  ending: 'This access is already being taken away.',
  ended: 'This access has already ended.',
  revoked: 'This access has already been taken away.',
  failed: 'This access was never given, so there is nothing to end.',
};

/**
 * Ends a grant before its time. What AWS may already have given is taken away by the engine, and the grant is
 * 'ending' until that is confirmed; of a grant for which nothing was asked yet, it is 'revoked' at once.
 * Throws `ConflictError` where it is over, `NotFoundError` where there is none.
 */
export async function endGrant(
  platform: Platform,
  tx: Tx,
  { grantId, cause, comment, actor, emergencyId }: EndGrant,
): Promise<Grant> {
  const found = await tx.grant.findUnique({ where: { id: grantId } });
  if (!found) throw new NotFoundError('no-grant', 'There is no such access.');
  const assignment = await lockAssignment(tx, found.assignmentId);
  // Read again: it may have changed before the lock was ours.
  const before = await tx.grant.findUniqueOrThrow({ where: { id: grantId } });
  const over = OVER[before.status as GrantStatus];
  if (over) throw new ConflictError('grant-over', over);

  const { now } = assignment;
  // While nothing is ours there, no create for it was ever intended.
  const neverOpened =
    before.status === 'scheduled' || (before.status === 'activating' && assignment.ownership !== 'ours');
  const after = await tx.grant.update({
    where: { id: grantId },
    data: {
      status: neverOpened ? 'revoked' : 'ending',
      endedAt: neverOpened ? now : null,
      endCause: cause,
      endComment: comment,
      endDueAt: now,
      endedById: actor.id,
      endedByName: actor.name,
      ...(emergencyId ? { emergencyId } : {}),
      version: { increment: 1 },
    },
  });
  await record(tx, {
    kind: neverOpened ? 'grant.revoked' : 'grant.ending',
    actor,
    subject: { kind: 'grant', id: grantId },
    ...(before.requestId ? { requestId: before.requestId } : {}),
    before: { status: before.status, closesAt: before.closesAt },
    after: { status: after.status, endCause: cause, endComment: comment, ...(emergencyId ? { emergencyId } : {}) },
  });
  await dueAt(tx, before.assignmentId, now);
  await setAlarm(platform, tx, { assignmentId: before.assignmentId, purpose: 'take', owner: before.userId }, 'now');
  return toGrant(after);
}
