import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { setAlarm } from './alarm.ts';
import { type NotExtendable, whyNotExtendable } from './extendable.ts';
import { readGiving } from './giving.ts';
import { dueAt, lockAssignment } from './store.ts';
import { toGrant } from './store-rows.ts';
import { ENDING_SOON, since } from './tuple.ts';
import type { Grant } from './types.ts';

interface ExtendGrant {
  grantId: string;
  /** The approved request for it, of which there is one for each extension. */
  requestId: string;
  /** How much longer. */
  minutes: number;
  /** Whether people approved it: from then on the access rests on their word. */
  approved: boolean;
  actor: Actor;
}

const REFUSALS: Record<NotExtendable, string> = {
  over: 'The end of this access has begun, so it can no longer be extended. Ask for it with a new request.',
  'not-there-yet': 'This access is not there yet, so there is no end to move. Extend it once it is active.',
  'removed-outside':
    'This access was taken away outside Latchkey, so it is not extended. Ask for it with a new request.',
};

/**
 * Moves the end of active access, and with it what is owed, in one step: nothing is asked of AWS, so there is no
 * gap. Extension and end contend for the assignment's lock: throws `ConflictError` where the end came first, or where
 * giving access is stopped; `NotFoundError` where there is no such grant.
 */
export async function extendGrant(
  platform: Platform,
  tx: Tx,
  { grantId, requestId, minutes, approved, actor }: ExtendGrant,
): Promise<Grant> {
  const found = await tx.grant.findUnique({ where: { id: grantId } });
  if (!found) throw new NotFoundError('no-grant', 'There is no such access.');
  const { now } = await lockAssignment(tx, found.assignmentId);
  // Read again: it may have changed before the lock was ours.
  const before = await tx.grant.findUniqueOrThrow({ where: { id: grantId } });
  const refusal = whyNotExtendable(toGrant(before), now);
  if (refusal !== null) throw new ConflictError(`grant-${refusal}`, REFUSALS[refusal]);
  await refuseWhileStopped(tx);

  // By the database's own times, which are finer than ours; what is not on record is refused by it.
  await tx.$executeRaw`
    insert into extensions (grant_id, request_id, from_closes_at, to_closes_at)
    select id, ${requestId}::uuid, closes_at, closes_at + make_interval(mins => ${minutes}::int)
    from grants where id = ${grantId}::uuid`;
  await tx.$executeRaw`
    update grants set closes_at = closes_at + make_interval(mins => ${minutes}::int),
      latest_end = latest_end + make_interval(mins => ${minutes}::int),
      duration_minutes = duration_minutes + ${minutes}::int
    where id = ${grantId}::uuid`;
  const { closesAt } = await tx.grant.findUniqueOrThrow({ where: { id: grantId } });
  const soon = closesAt !== null && since(now, closesAt) <= ENDING_SOON;
  const after = await tx.grant.update({
    where: { id: grantId },
    data: {
      basis: approved ? 'approval' : before.basis,
      // Told of its end again before the new one; where that is near already, being told of the extension is enough.
      endingSoonToldAt: soon ? now : null,
      version: { increment: 1 },
    },
  });
  await dueAt(tx, before.assignmentId, now, after.latestEnd);
  await record(tx, {
    kind: 'grant.extended',
    actor,
    subject: { kind: 'grant', id: grantId },
    ...(before.requestId ? { requestId: before.requestId } : {}),
    before: { closesAt: before.closesAt, latestEnd: before.latestEnd, basis: before.basis },
    after: { closesAt: after.closesAt, latestEnd: after.latestEnd, basis: after.basis, minutes, extension: requestId },
  });
  // The engine takes the new end, and forgets the alarm for the old one.
  await setAlarm(platform, tx, { assignmentId: before.assignmentId, purpose: 'give', owner: before.userId }, 'now');
  return toGrant(after);
}

/** To move an end is to give access: each extension comes before a stop, or hears of it. */
async function refuseWhileStopped(tx: Tx): Promise<void> {
  await tx.$executeRaw`select from access_state for share`;
  const stop = await readGiving(tx);
  if (stop === null) return;
  const why =
    stop.cause === 'stopped'
      ? `${stop.byName} stopped giving access for now`
      : 'Latchkey was restored from a backup and gives no access until an administrator has looked at it';
  throw new ConflictError(
    'not-giving',
    `${why}, and that includes more time. An administrator of Latchkey can say when it goes on.`,
  );
}
