import { Prisma, type Tx } from '../platform/db.ts';
import type { CsvColumn } from '../web/index.ts';
import { filterSql, GRANTS_WITH_REQUEST, type ListFilter, OVERDUE, REQUESTS_WITH_GRANT, STATUS } from './list-sql.ts';

/** One row of the request log. The names of its fields are the header of the file, in this order. */
export interface LogRow {
  request_id: string | null;
  requester_user_id: string;
  requester_username: string;
  requester_email: string | null;
  account_id: string;
  account_name: string;
  ou_path: string;
  permission_set_arn: string;
  permission_set_name: string;
  justification: string | null;
  ticket: string | null;
  requested_at: Date;
  requested_start: Date | null;
  requested_duration_s: number;
  policy_id: string | null;
  policy_version: string | null;
  required_approvals: number;
  approver_user_ids: string | null;
  approver_names: string | null;
  decision: string;
  decided_at: Date | null;
  decision_comment: string | null;
  granted_at: Date | null;
  aws_create_request_id: string | null;
  expires_at: Date | null;
  revoked_at: Date | null;
  revoke_cause: string | null;
  revoked_by: string | null;
  aws_delete_request_id: string | null;
  overdue_s: number;
  status: string;
  preexisting: boolean;
  break_glass: boolean;
  source_ip: string | null;
  user_agent: string | null;
  audit_seq_first: string | null;
  audit_seq_last: string | null;
  audit_head_hash: string | null;
  request_number: string | null;
  /** The number of the request whose access it made longer. */
  extends: string | null;
  /** What was approved; of an extension, how much more. */
  approved_duration_s: number | null;
}

const NAMES: (keyof LogRow)[] = [
  'request_id',
  'requester_user_id',
  'requester_username',
  'requester_email',
  'account_id',
  'account_name',
  'ou_path',
  'permission_set_arn',
  'permission_set_name',
  'justification',
  'ticket',
  'requested_at',
  'requested_start',
  'requested_duration_s',
  'policy_id',
  'policy_version',
  'required_approvals',
  'approver_user_ids',
  'approver_names',
  'decision',
  'decided_at',
  'decision_comment',
  'granted_at',
  'aws_create_request_id',
  'expires_at',
  'revoked_at',
  'revoke_cause',
  'revoked_by',
  'aws_delete_request_id',
  'overdue_s',
  'status',
  'preexisting',
  'break_glass',
  'source_ip',
  'user_agent',
  'audit_seq_first',
  'audit_seq_last',
  'audit_head_hash',
  // What came later is at the end: scripts may count columns.
  'request_number',
  'extends',
  'approved_duration_s',
];

/** The columns of the request log: the header is a contract that people's scripts rely on. */
export const LOG_COLUMNS: CsvColumn<LogRow>[] = NAMES.map((header) => ({ header, value: (row) => row[header] }));

const BATCH = 500;

/**
 * The request log, the newest first, in batches so that memory stays the same however long it is. `kind`: one row a
 * request, or one row a grant. Rows that come while it is read are not in it.
 */
export async function* requestLog(tx: Tx, kind: 'requests' | 'access', filter: ListFilter): AsyncGenerator<LogRow> {
  const [from, dates] =
    kind === 'requests' ? [REQUESTS_WITH_GRANT, 'submitted' as const] : [GRANTS_WITH_REQUEST, 'access' as const];
  // Microseconds matter: a key that is cut to milliseconds would repeat or skip rows.
  const place = kind === 'requests' ? Prisma.sql`r.number` : Prisma.sql`(g.created_at, g.id)`;
  const key =
    kind === 'requests'
      ? Prisma.sql`r.number::text`
      : Prisma.sql`to_char(g.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || g.id`;
  let after = '';
  for (;;) {
    const [at = '', id = ''] = after.split(' ');
    const beyond =
      after === ''
        ? Prisma.empty
        : kind === 'requests'
          ? Prisma.sql`and r.number < ${BigInt(after)}`
          : Prisma.sql`and (g.created_at, g.id) < (${at}::timestamptz, ${id}::uuid)`;
    const rows = await tx.$queryRaw<(LogRow & { key: string })[]>`
      select ${LOG}, ${key} as key from ${from}
      where ${filterSql(filter, dates, true)} ${beyond} order by ${place} desc limit ${BATCH}`;
    for (const { key: last, ...row } of rows) {
      after = last;
      yield row;
    }
    if (rows.length < BATCH) return;
  }
}

const DECISIONS = Prisma.sql`decisions d where d.request_id = r.id`;
const EVENTS = Prisma.sql`audit_events e where e.request_id = r.id and e.seq is not null`;
// What stood at AWS was not asked for: an administrator decided on it.
const ADOPTION = Prisma.sql`drift_findings f where g.basis = 'adopted' and f.resulting_grant_id = g.id limit 1`;
const POLICIES = Prisma.sql`jsonb_array_elements(r.policies) policy where policy ->> 'kind' = 'eligibility'`;

const LOG = Prisma.sql`
  r.id::text as request_id,
  coalesce(r.requester_id, g.user_id) as requester_user_id,
  coalesce(r.requester_user_name, g.user_name) as requester_username,
  r.requester_email,
  coalesce(r.account_id, g.account_id) as account_id,
  coalesce(r.account_name, g.account_name) as account_name,
  coalesce(r.ou_path, g.ou_path) as ou_path,
  coalesce(r.permission_set_arn, g.permission_set_arn) as permission_set_arn,
  coalesce(r.permission_set_name, g.permission_set_name) as permission_set_name,
  r.justification, r.ticket,
  coalesce(r.submitted_at, g.created_at) as requested_at,
  r.starts_at as requested_start,
  coalesce(r.duration_minutes, g.duration_minutes) * 60 as requested_duration_s,
  (select string_agg(policy ->> 'id', ';') from ${POLICIES}) as policy_id,
  (select string_agg(policy ->> 'version', ';') from ${POLICIES}) as policy_version,
  coalesce((select sum((step ->> 'approvalsNeeded')::int)::int from jsonb_array_elements(r.steps) step), 0) as required_approvals,
  coalesce((select string_agg(d.approver_id, ';' order by d.decided_at) from ${DECISIONS}),
    (select f.decided_by_id from ${ADOPTION})) as approver_user_ids,
  coalesce((select string_agg(d.approver_name, ';' order by d.decided_at) from ${DECISIONS}),
    (select f.decided_by_name from ${ADOPTION})) as approver_names,
  case when r.status = 'approved' and not r.approval_needed then 'self_serve' else coalesce(r.status, (select f.state from ${ADOPTION}), g.basis) end as decision,
  coalesce(r.closed_at, (select f.decided_at from ${ADOPTION})) as decided_at,
  coalesce((select string_agg(d.comment, '; ' order by d.decided_at) from ${DECISIONS} and d.comment <> ''),
    (select f.reason from ${ADOPTION})) as decision_comment,
  g.activated_at as granted_at,
  (select o.aws_request_id from assignment_operations o where o.assignment_id = g.assignment_id and o.kind = 'create'
    and o.intended_at <= coalesce(g.activated_at, g.ended_at, app_now()) and o.aws_request_id is not null
    order by o.intended_at desc limit 1) as aws_create_request_id,
  g.closes_at as expires_at,
  g.ended_at as revoked_at,
  case g.end_cause when 'time' then 'expired' when 'user_disabled' then 'deactivated' when 'user_deleted' then 'deactivated'
    when 'requester' then 'manual' when 'approver' then 'manual' when 'admin' then 'manual' else g.end_cause end as revoke_cause,
  g.ended_by_name as revoked_by,
  (select o.aws_request_id from assignment_operations o where o.assignment_id = g.assignment_id and o.kind = 'delete'
    and o.intended_at >= g.end_due_at and o.intended_at <= coalesce(g.ended_at, app_now()) and o.aws_request_id is not null
    order by o.intended_at desc limit 1) as aws_delete_request_id,
  case when g.ended_at is not null or ${OVERDUE}
    then greatest(0, extract(epoch from coalesce(g.ended_at, app_now()) - coalesce(g.end_due_at, g.closes_at)))::int
    else 0 end as overdue_s,
  ${STATUS} as status,
  coalesce(g.preexisting, false) as preexisting,
  coalesce(g.basis = 'break_glass', false) as break_glass,
  r.address as source_ip, r.user_agent,
  (select min(e.seq)::text from ${EVENTS}) as audit_seq_first,
  (select max(e.seq)::text from ${EVENTS}) as audit_seq_last,
  (select encode(e.entry_hash, 'hex') from ${EVENTS} order by e.seq desc limit 1) as audit_head_hash,
  'R-' || r.number as request_number,
  (select 'R-' || o.number from grants e join requests o on o.id = e.request_id where e.id = r.extends_grant_id) as extends,
  case when r.status = 'approved' then coalesce(r.approved_duration_minutes, r.duration_minutes) * 60 end as approved_duration_s`;
