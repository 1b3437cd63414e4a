import type { Context } from '../../src/context.ts';
import { actorOf, DEVELOPMENT, LENA, POWER, PRIYA, type Stage } from '../request/stage.ts';

export const ADA = actorOf('ada.admin');

/** Where access of a person in payments-dev stands at AWS. */
export const inDevelopment = (principalId: string) => ({
  accountId: DEVELOPMENT,
  permissionSetArn: POWER,
  principalType: 'USER' as const,
  principalId,
});

/** Nothing is stopped, nothing was ended yet, and nobody has access. Requests and grants are the stage's to clear. */
export async function calm({ context, sandbox }: Pick<Stage, 'context' | 'sandbox'>): Promise<void> {
  // What a test before left would count as having stood there before Latchkey.
  for (const each of sandbox.assignments.list()) {
    if (each.principalId === LENA || each.principalId === PRIYA) sandbox.assignments.remove(each);
  }
  await context.db.pool.query(`update access_state set giving_stopped_at = null, giving_stopped_by_id = null,
    giving_stopped_by_name = null, giving_stopped_reason = null`);
  await context.db.pool.query('delete from emergencies');
}

/** Grants for later, of people whom nobody knows, each on an assignment of its own. */
export async function promises(db: Context['db'], count: number): Promise<void> {
  await db.pool.query(
    `with made as (
       insert into assignments (instance_arn, principal_id, target_id, permission_set_arn)
       select instance_arn, 'person-' || n, $1, $2 from instance_binding, generate_series(1, $3::int) n returning *
     )
     insert into grants (assignment_id, basis, user_id, account_id, permission_set_arn, user_display_name, user_name,
       account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, latest_end)
     select id, 'adopted', principal_id, target_id, permission_set_arn, principal_id, principal_id, 'payments-dev', '/',
       'PowerUser', 3600, 60, app_now() + interval '1 day', app_now() + interval '2 days' from made`,
    [DEVELOPMENT, POWER, count],
  );
}

/** How many grants there are of each status. */
export async function statuses(db: Context['db']): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ status: string; count: number }>(
    'select status, count(*)::int as count from grants group by status order by status',
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
