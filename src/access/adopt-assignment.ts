import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { setAlarm } from './alarm.ts';
import { lockOrCreateAssignment } from './open-grant.ts';
import { standingOf } from './standing-store.ts';
import { dueAt } from './store.ts';
import { toGrant } from './store-rows.ts';
import { LATEST_DELAY, MINUTE, plus } from './tuple.ts';
import type { Grant, NewGrant } from './types.ts';

export type Adoption = Omit<NewGrant, 'requestId' | 'basis' | 'startsAt'> & {
  /** When AWS was last seen to have the assignment. */
  seenAt: Date;
};

/**
 * Takes over an assignment that stands at AWS without a grant of ours: it is ours from now on, by when it must be
 * gone is committed, and a grant with an end rests on it. The grant becomes active once AWS shows the assignment
 * again; where it has vanished meanwhile, the grant fails and nothing is created. Where it stood before another grant
 * that is open, it goes with the last of both. Throws `ConflictError` where it is ours already, or being changed.
 */
export async function adoptAssignment(platform: Platform, tx: Tx, adoption: Adoption, actor: Actor): Promise<Grant> {
  const { seenAt, ...given } = adoption;
  const { id, now } = await lockOrCreateAssignment(tx, given);
  const standing = await standingOf(tx, id);
  if (standing.ownership === 'ours') {
    throw new ConflictError('assignment-ours', 'Latchkey looks after this assignment already. Reload the page.');
  }
  if (standing.busy) {
    throw new ConflictError(
      'assignment-busy',
      'Latchkey is giving or taking this access at the moment. Try again in a minute.',
    );
  }
  const latestEnd = plus(now, given.durationMinutes * MINUTE + LATEST_DELAY);
  // What rests on it owes its end too from now on, and no longer leaves it as it stood.
  const resting = await tx.grant.findMany({
    where: { assignmentId: id, preexisting: true, status: 'active' },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  const noLongerPreexisting = resting.map((grant) => grant.id);
  if (resting.length > 0)
    await tx.grant.updateMany({
      where: { id: { in: noLongerPreexisting } },
      data: { preexisting: false, version: { increment: 1 } },
    });
  await tx.$executeRaw`
    update assignments a set
      ownership = 'ours', adopted_at = ${now}, observed = 'present', absent_since = null,
      observed_at = greatest(a.observed_at, ${seenAt}::timestamptz),
      present_at = greatest(a.present_at, ${seenAt}::timestamptz),
      reread_from = null, gone_since = null, failures = 0, last_error = null, give_after = null, take_after = null,
      must_be_gone_by = greatest(${latestEnd}::timestamptz, a.must_be_gone_by, (
        select max(g.latest_end) from grants g
        where g.assignment_id = a.id and g.status in ('scheduled', 'activating', 'active', 'ending')
      ))
    where a.id = ${id}::uuid`;
  const created = await tx.grant.create({
    data: {
      ...given,
      requestId: null,
      basis: 'adopted',
      // Open at once: whoever ends it now waits until AWS has confirmed that it is gone.
      status: 'activating',
      assignmentId: id,
      opensAt: now,
      latestEnd,
    },
  });
  await dueAt(tx, id, now);
  await record(tx, {
    kind: 'grant.activating',
    actor,
    subject: { kind: 'grant', id: created.id },
    before: { ownership: standing.ownership },
    after: {
      ownership: 'ours',
      userId: created.userId,
      accountId: created.accountId,
      permissionSetArn: created.permissionSetArn,
      basis: created.basis,
      durationMinutes: created.durationMinutes,
      opensAt: now,
      latestEnd,
      // The other grants that rest on it: theirs to take away now, too.
      ...(resting.length > 0 ? { noLongerPreexisting } : {}),
    },
  });
  await setAlarm(platform, tx, { assignmentId: id, purpose: 'give' }, 'now');
  return toGrant(created);
}
