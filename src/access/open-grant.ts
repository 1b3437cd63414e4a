import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { setAlarm } from './alarm.ts';
import { dueAt } from './store.ts';
import { toGrant } from './store-rows.ts';
import { LATEST_DELAY, MINUTE, plus } from './tuple.ts';
import type { Grant, NewGrant } from './types.ts';

/**
 * Promises access: writes the grant, and that the assignment must be gone by its latest end. It opens at the later
 * of its start and now, and AWS is asked as soon as it has opened.
 */
export async function openGrant(platform: Platform, tx: Tx, grant: NewGrant, actor: Actor): Promise<Grant> {
  const { startsAt, ...given } = grant;
  const assignment = await lockOrCreateAssignment(tx, grant);
  const opensAt = startsAt !== null && startsAt > assignment.now ? startsAt : assignment.now;
  const latestEnd = plus(opensAt, grant.durationMinutes * MINUTE + LATEST_DELAY);
  const created = await tx.grant.create({ data: { ...given, assignmentId: assignment.id, opensAt, latestEnd } });
  // At once even for a later start: the engine tells the person, and sets its own alarm for the opening.
  await dueAt(tx, assignment.id, assignment.now, latestEnd);
  await record(tx, {
    kind: 'grant.scheduled',
    actor,
    subject: { kind: 'grant', id: created.id },
    ...(created.requestId ? { requestId: created.requestId } : {}),
    after: {
      userId: created.userId,
      accountId: created.accountId,
      permissionSetArn: created.permissionSetArn,
      basis: created.basis,
      durationMinutes: created.durationMinutes,
      opensAt,
      latestEnd,
    },
  });
  await setAlarm(platform, tx, { assignmentId: assignment.id, purpose: 'give', owner: grant.userId }, 'now');
  return toGrant(created);
}

/** The row of the tuple, locked, and the time read after that. */
export async function lockOrCreateAssignment(
  tx: Tx,
  grant: Pick<NewGrant, 'userId' | 'accountId' | 'permissionSetArn'>,
): Promise<{ id: string; now: Date }> {
  // The update changes nothing; it locks the row that is already there and returns it.
  const [row] = await tx.$queryRaw<{ id: string; now: Date }[]>`
    insert into assignments (instance_arn, principal_id, target_id, permission_set_arn)
    select instance_arn, ${grant.userId}, ${grant.accountId}, ${grant.permissionSetArn} from instance_binding
    on conflict (instance_arn, principal_type, principal_id, target_type, target_id, permission_set_arn)
    do update set principal_id = excluded.principal_id
    returning id, app_now() as now`;
  if (row) return row;
  throw new UnavailableError(
    'not-bound',
    'Latchkey does not know its Identity Center instance yet. Try again in a minute.',
  );
}
