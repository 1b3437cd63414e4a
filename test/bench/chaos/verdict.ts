import type pg from 'pg';
import type { SandboxAssignment } from '../../../src/sandbox/organization.ts';

/** What is not as it should be when all is quiet. */
export interface Verdict {
  requests: number;
  grants: number;
  /** Assignments that no open grant explains, and open grants without one. */
  leftBehind: number;
  /** Assignments that stood before and are gone. */
  standingLost: number;
  /** Steps that the audit log does not tell. */
  untold: number;
  /** Seconds from when an end was due to when AWS confirmed it. */
  overdueMaxSeconds: number;
}

const keyOf = ({ accountId, permissionSetArn, principalId }: SandboxAssignment) =>
  `${accountId} ${permissionSetArn} ${principalId}`;

/** True once nothing is left to do: no end is due, nothing is on its way. */
export async function isQuiet(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ busy: number }>(`
    select count(*)::int as busy from grants
    where status in ('activating', 'ending') or (status = 'scheduled' and opens_at <= app_now())
      or (status = 'active' and closes_at <= app_now() + interval '5 seconds')`);
  return rows[0]?.busy === 0;
}

/** Compares what AWS has with what the grants say, and each step with the audit log. */
export async function judge(pool: pg.Pool, before: SandboxAssignment[], after: SandboxAssignment[]): Promise<Verdict> {
  const open = await pool.query<SandboxAssignment>(`
    select account_id as "accountId", permission_set_arn as "permissionSetArn", 'USER' as "principalType",
      user_id as "principalId" from grants where status = 'active'`);
  const there = new Set(after.map(keyOf));
  const standing = new Set(before.map(keyOf));
  const expected = new Set([...standing, ...open.rows.map(keyOf)]);
  const { rows } = await pool.query<{ requests: number; grants: number; overdue: number }>(`
    select (select count(*) from requests)::int as requests, (select count(*) from grants)::int as grants,
      coalesce(extract(epoch from max(ended_at - end_due_at)), 0)::float8 as overdue
    from grants where ended_at is not null`);
  const { rows: gaps } = await pool.query<{ untold: number }>(UNTOLD);
  return {
    requests: rows[0]?.requests ?? 0,
    grants: rows[0]?.grants ?? 0,
    leftBehind:
      [...there].filter((key) => !expected.has(key)).length +
      open.rows.filter((grant) => !there.has(keyOf(grant))).length,
    standingLost: [...standing].filter((key) => !there.has(key)).length,
    untold: gaps[0]?.untold ?? -1,
    overdueMaxSeconds: rows[0]?.overdue ?? 0,
  };
}

/** Each request's submission and end, each grant's last status, and each operation's intent and outcome is an event. */
const UNTOLD = `
  select (
    (select count(*) from requests r where not exists (
      select from audit_events e where e.request_id = r.id and e.kind = 'request.submitted'))
    + (select count(*) from requests r where r.status <> 'pending' and not exists (
      select from audit_events e where e.request_id = r.id and e.kind in ('request.' || r.status, 'request.submitted')
        and (e.kind <> 'request.submitted' or not r.approval_needed)))
    + (select count(*) from grants g where not exists (
      select from audit_events e where e.subject_kind = 'grant' and e.subject_id = g.id::text
        and e.kind = 'grant.' || g.status))
    + (select count(*) from assignment_operations o where 2 > (
      select count(distinct e.kind) from audit_events e where e.after ->> 'operationId' = o.id::text
        and e.kind in ('assignment.' || o.kind || '-intended', 'assignment.' || o.kind || '-' || replace(o.outcome, '_', '-'))))
  )::int as untold`;
