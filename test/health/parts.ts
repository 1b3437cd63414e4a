import { openGrant } from '../../src/access/index.ts';
import { systemActor } from '../../src/audit/index.ts';
import type { TestPortal } from '../support/portal.ts';

export const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');

let made = 0;

/**
 * A grant whose end was due so many minutes ago and that stays as it is: another process seems to be at it for ever.
 * Each is of another tuple.
 */
export async function overdueGrant(
  { context, sandbox }: Pick<TestPortal, 'context' | 'sandbox'>,
  minutesLate: number,
): Promise<{ id: string; assignmentId: string }> {
  const { db } = context;
  const { users, accounts, permissionSets, managementAccountId } = sandbox.organization;
  const members = accounts.filter(({ id, state }) => id !== managementAccountId && state === 'ACTIVE');
  made += 1;
  const user = users[made % users.length]!;
  const account = members[made % members.length]!;
  const permissionSet = permissionSets[Math.floor(made / members.length) % permissionSets.length]!;
  const { id, assignmentId } = await db.tx((tx) =>
    openGrant(
      context,
      tx,
      {
        requestId: null,
        basis: 'break_glass',
        userId: user.id,
        accountId: account.id,
        permissionSetArn: permissionSet.arn,
        userDisplayName: user.displayName,
        userName: user.userName,
        accountName: account.name,
        ouPath: 'Root',
        permissionSetName: permissionSet.name,
        sessionSeconds: 3_600,
        durationMinutes: 60,
        startsAt: new Date(Date.now() + 365 * 86_400_000),
      },
      systemActor('test'),
    ),
  );
  await db.pool.query(
    `update assignments set lease_holder = 'another', lease_until = app_now() + interval '10 years', next_at = null,
       ownership = 'ours', absent_seen_at = app_now(), last_error = 'Rate exceeded', take_after = app_now(), failures = 3
     where id = $1`,
    [assignmentId],
  );
  await db.pool.query(`update grants set status = 'activating' where id = $1`, [id]);
  await db.pool.query(
    `update grants set status = 'ending', end_cause = 'time',
       end_due_at = app_now() - make_interval(secs => $2::float8 * 60) where id = $1`,
    [id, minutesLate],
  );
  return { id, assignmentId };
}

/** AWS forbids to take it away, since this moment. */
export async function forbid({ context }: Pick<TestPortal, 'context'>, assignmentId: string): Promise<void> {
  await context.db.pool.query(
    `update assignments set cannot_revoke_since = app_now(), cannot_revoke_reason = 'User: latchkey is not authorized',
       last_error = 'User: latchkey is not authorized' where id = $1`,
    [assignmentId],
  );
}

/** AWS has confirmed that it is gone. */
export async function gone({ context }: Pick<TestPortal, 'context'>, id: string): Promise<void> {
  await context.db.pool.query(`update grants set status = 'ended', ended_at = app_now() where id = $1`, [id]);
  await context.db.pool.query(
    `update assignments set cannot_revoke_since = null, take_after = null
     where id = (select assignment_id from grants where id = $1)`,
    [id],
  );
}
