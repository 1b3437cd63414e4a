import { Prisma } from '../platform/db.ts';
import { GRANT_PRECEDENCE, OVERDUE_AFTER_MINUTES } from './status.ts';

/**
 * The request `r` with the grant `g` that its status goes by, the most alive of several; of an approved extension, the
 * one that it extended. As `grantsFor` has it; a test holds the two together.
 */
export const REQUESTS_WITH_GRANT = Prisma.sql`
  requests r left join lateral (
    select * from grants where request_id = r.id or (r.status = 'approved' and id = r.extends_grant_id)
    order by array_position(${[...GRANT_PRECEDENCE]}::text[], status), created_at desc limit 1
  ) g on true`;

/** All grants `g` with the request `r` that they follow from, if any. */
export const GRANTS_WITH_REQUEST = Prisma.sql`grants g left join requests r on r.id = g.request_id`;

/** What `seenStatus` says, in SQL, so that lists can be filtered by it; a test holds the two together. */
export const STATUS = Prisma.sql`
  case when r.id is null or r.status = 'approved' then coalesce(g.status, 'scheduled') else r.status end`;

export const OVERDUE = Prisma.sql`
  coalesce(g.status in ('active', 'ending')
    and app_now() > coalesce(g.end_due_at, g.closes_at) + make_interval(mins => ${OVERDUE_AFTER_MINUTES}::int), false)`;

/** Which step of a pending request waits, from 0, as `currentStep` says; null where none does. */
const CURRENT_STEP = Prisma.sql`
  case when r.status = 'pending' then (
    select min(step.at) - 1 from jsonb_array_elements(r.steps) with ordinality as step(step, at)
    where (step.step ->> 'approvalsNeeded')::int > (select count(distinct d.approver_id) from decisions d
      where d.request_id = r.id and d.verdict = 'approve' and d.step = step.at - 1))::int end`;

/** The approvers of that step, as policies write them. */
export const CURRENT_APPROVERS = Prisma.sql`(r.steps -> (${CURRENT_STEP}) -> 'approvers')`;

/** One row of any list, by the names that people know. */
export const COLUMNS = Prisma.sql`
  r.id as "requestId", r.number::int as "number", g.id as "grantId",
  coalesce(r.requester_id, g.user_id) as "personId",
  coalesce(r.requester_name, g.user_display_name) as "personName",
  coalesce(r.account_id, g.account_id) as "accountId",
  coalesce(r.account_name, g.account_name) as "accountName",
  coalesce(r.ou_path, g.ou_path) as "ouPath",
  coalesce(r.permission_set_name, g.permission_set_name) as "roleName",
  coalesce(r.permission_set_arn, g.permission_set_arn) as "permissionSetArn",
  coalesce(r.session_seconds, g.session_seconds) as "sessionSeconds",
  r.starts_at as "startsAt",
  coalesce(r.approved_duration_minutes, r.duration_minutes, g.duration_minutes) as "durationMinutes",
  r.extends_grant_id as "extendsGrantId",
  (select o.number::int from grants e join requests o on o.id = e.request_id where e.id = r.extends_grant_id) as "extendsNumber",
  case when r.status = 'pending' then (select e.closes_at from grants e where e.id = r.extends_grant_id) end as "extendsFrom",
  coalesce(r.ticket, '') as ticket, coalesce(r.justification, '') as justification,
  coalesce(r.submitted_at, g.created_at) as "submittedAt", r.expires_at as "expiresAt",
  coalesce(r.version, 0) as version, coalesce(r.steps, '[]') as steps, coalesce(r.approval_needed, false) as "approvalNeeded",
  ${CURRENT_STEP} as "currentStep",
  coalesce((select jsonb_agg(jsonb_build_object('approverId', d.approver_id, 'approverName', d.approver_name,
      'verdict', d.verdict, 'step', d.step) order by d.decided_at)
    from decisions d where d.request_id = r.id), '[]') as decisions,
  r.closed_at as "closedAt", r.closed_by_name as "closedByName",
  g.opens_at as "opensAt", g.activated_at as "activatedAt", g.closes_at as "closesAt", g.end_due_at as "endDueAt",
  g.ended_at as "endedAt", g.removed_outside_at as "removedOutsideAt", coalesce(g.preexisting, false) as preexisting, g.end_cause as "endCause", g.failure,
  case when g.status = 'active' then g.rights_lost_told_at end as "rightsLostSince",
  case when g.basis = 'adopted' then coalesce((
    select jsonb_build_object('state', f.state, 'byName', f.decided_by_name, 'reason', f.reason)
    from drift_findings f where f.resulting_grant_id = g.id limit 1
  ), jsonb_build_object('state', 'adopted', 'byName', null, 'reason', null)) end as adoption,
  ${STATUS} as status, ${OVERDUE} as overdue`;

export interface ListFilter {
  /** Each word must occur in what names the request. */
  q?: string | undefined;
  status?: string | undefined;
  from?: Date | undefined;
  /** Exclusive. */
  to?: Date | undefined;
}

/**
 * The conditions of a filter. `dates`: whether the dates narrow to when a request was submitted or to any overlap
 * with the time in which there was access. `withText`: whether the reader may search in tickets.
 */
export function filterSql(filter: ListFilter, dates: 'submitted' | 'access', withText: boolean): Prisma.Sql {
  const conditions: Prisma.Sql[] = [Prisma.sql`true`];
  const q = (filter.q ?? '').replaceAll('\0', '').trim().slice(0, 200);
  if (q !== '') {
    const ticket = withText ? Prisma.sql`r.ticket` : Prisma.sql`''`;
    conditions.push(Prisma.sql`not exists (
      select from unnest(regexp_split_to_array(search_text(${q}), '\\s+')) word
      where strpos(search_text('R-' || r.number::text, coalesce(r.requester_name, g.user_display_name),
        coalesce(r.requester_user_name, g.user_name), coalesce(r.account_name, g.account_name),
        coalesce(r.account_id, g.account_id), coalesce(r.ou_path, g.ou_path),
        coalesce(r.permission_set_name, g.permission_set_name), ${ticket},
        (select string_agg(d.approver_name, ' ') from decisions d where d.request_id = r.id)), word) = 0)`);
  }
  if (filter.status) conditions.push(Prisma.sql`${STATUS} = ${filter.status}`);
  if (dates === 'submitted') {
    if (filter.from) conditions.push(Prisma.sql`coalesce(r.submitted_at, g.created_at) >= ${filter.from}`);
    if (filter.to) conditions.push(Prisma.sql`coalesce(r.submitted_at, g.created_at) < ${filter.to}`);
  } else {
    const opened = Prisma.sql`coalesce(g.activated_at, g.opens_at)`;
    const closed = Prisma.sql`coalesce(g.ended_at, g.closes_at, g.latest_end)`;
    if (filter.from) conditions.push(Prisma.sql`${closed} >= ${filter.from}`);
    if (filter.to) conditions.push(Prisma.sql`${opened} < ${filter.to}`);
  }
  return Prisma.join(conditions, ' and ');
}
