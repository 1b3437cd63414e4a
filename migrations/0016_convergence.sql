-- Up Migration

alter table assignments
  -- The last look that found it present.
  add column present_at timestamptz,
  -- An administrator took it over as it stood: ours from then on, with an end.
  add column adopted_at timestamptz,
  -- Since when AWS no longer knows the account or the permission set.
  add column gone_since timestamptz,
  -- It was gone for certain at that time; absence is read again ten and sixty minutes later. Null: nothing to read again.
  add column reread_from timestamptz,
  -- The cannot_revoke_since of which the administrators were told.
  add column cannot_revoke_told_at timestamptz,
  drop constraint assignments_ours_was_absent,
  add constraint assignments_ours_since check ((ownership = 'ours') = (absent_seen_at is not null or adopted_at is not null)),
  add constraint assignments_reread_not_ours check (reread_from is null or ownership <> 'ours');

create index assignments_cannot_revoke on assignments (cannot_revoke_since) where cannot_revoke_since is not null;
-- What AWS would not let go yet.
create index assignments_taking_again on assignments (must_be_gone_by) where ownership = 'ours' and take_after is not null;

-- An emergency: everything of one person, of one account, or all of it ends.
create table emergencies (
  id uuid primary key default gen_random_uuid(),
  scope text not null constraint emergencies_scope check (scope in ('user', 'account', 'all')),
  scope_id text,
  -- As it was called then.
  scope_name text not null,
  reason text not null constraint emergencies_reason_length check (char_length(reason) between 1 and 1000),
  -- How many grants it set out to end.
  grants integer not null default 0,
  started_by_id text not null,
  started_by_name text not null,
  started_at timestamptz not null default app_now(),
  -- From then on nothing was left of it to end. Null: whoever finds it goes on.
  swept_at timestamptz,
  constraint emergencies_scope_named check ((scope = 'all') = (scope_id is null))
);
create index emergencies_started on emergencies (started_at desc);
create index emergencies_under_way on emergencies (started_at) where swept_at is null;

alter table grants
  -- It ended because AWS no longer knows the account or the permission set.
  add column gone boolean not null default false,
  -- Somebody took the access away past Latchkey; seen then. It is not given again by itself.
  add column removed_outside_at timestamptz,
  add column emergency_id uuid references emergencies (id),
  -- How many mails told the administrators that its end is overdue.
  add column overdue_told integer not null default 0,
  -- When the administrators were told that the person lost the right to it, where the setting lets it run.
  add column rights_lost_told_at timestamptz;
create index grants_emergency on grants (emergency_id) where emergency_id is not null;
create index grants_activated on grants (activated_at) where activated_at is not null;
create index grants_ended on grants (ended_at) where ended_at is not null;
create index grants_ending on grants (end_due_at) where status = 'ending';
create index grants_activating on grants (opens_at) where status = 'activating';
create index grants_failed on grants (opens_at) where status = 'failed';

-- An extension is a request of its own, about a grant that is there.
alter table requests add column extends_grant_id uuid references grants (id);
create index requests_extends on requests (extends_grant_id) where extends_grant_id is not null;
create unique index requests_one_pending_extension on requests (extends_grant_id)
  where status = 'pending' and extends_grant_id is not null;

-- The one step in which an end moves.
create table extensions (
  id uuid primary key default gen_random_uuid(),
  grant_id uuid not null references grants (id),
  request_id uuid not null constraint extensions_once_per_request unique references requests (id),
  from_closes_at timestamptz not null,
  to_closes_at timestamptz not null,
  created_at timestamptz not null default app_now(),
  constraint extensions_later check (to_closes_at > from_closes_at)
);
create index extensions_grant on extensions (grant_id);

-- A window is set once. Only an extension that is on record moves its end, and the promise with it.
create function check_window() returns trigger language plpgsql as $$
begin
  if new.opens_at <> old.opens_at then
    raise exception 'the opening of a grant never moves' using errcode = 'check_violation';
  end if;
  if old.closes_at is null then
    if new.latest_end <> old.latest_end then
      raise exception 'the latest end of a grant moves by an extension only' using errcode = 'check_violation';
    end if;
  elsif new.closes_at is distinct from old.closes_at or new.latest_end <> old.latest_end then
    if not exists (
      select from extensions where grant_id = new.id and from_closes_at = old.closes_at and to_closes_at = new.closes_at
    ) or new.latest_end - old.latest_end <> new.closes_at - old.closes_at then
      raise exception 'the end of a grant moves by an extension only' using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create trigger grants_window before update of opens_at, closes_at, latest_end on grants
  for each row execute function check_window();

-- One row: what holds for all giving of access.
create table access_state (
  id boolean primary key default true constraint access_state_one_row check (id),
  -- An administrator stopped giving access.
  giving_stopped_at timestamptz,
  giving_stopped_by_id text,
  giving_stopped_by_name text,
  giving_stopped_reason text,
  -- A backup was restored: nothing is given until an administrator has looked at what is uncertain.
  restored_at timestamptz,
  restore_reviewed_at timestamptz,
  restore_reviewed_by_id text,
  restore_reviewed_by_name text,
  -- When any process last said that it is there.
  beat_at timestamptz not null default app_now(),
  -- After a silence of more than ten minutes: what was seen before then is not believed when access is to be given.
  looks_trusted_from timestamptz,
  -- When administrators were last told of overdue access; null while they know of none.
  overdue_told_at timestamptz,
  constraint access_state_stop_whole check (
    (giving_stopped_at is null) = (giving_stopped_by_id is null)
    and (giving_stopped_at is null) = (giving_stopped_by_name is null)
    and (giving_stopped_at is null) = (giving_stopped_reason is null)
  ),
  constraint access_state_review_whole check (
    (restore_reviewed_at is null) = (restore_reviewed_by_id is null)
    and (restore_reviewed_at is null) = (restore_reviewed_by_name is null)
    and (restore_reviewed_at is null or restored_at is not null)
  )
);
insert into access_state default values;

-- The processes that are there.
create table replicas (
  id uuid primary key,
  host text not null,
  role text not null,
  started_at timestamptz not null default app_now(),
  seen_at timestamptz not null default app_now()
);

-- Where AWS has something else than Latchkey knows of. Never acted on but by an administrator.
create table drift_findings (
  id uuid primary key default gen_random_uuid(),
  -- unknown: an assignment of a user that Latchkey does not know; removed: taken away past Latchkey while a grant is
  -- open; recreated: there again after Latchkey took it away; missing: it should be there and never was seen to be.
  kind text not null constraint drift_findings_kind check (kind in ('unknown', 'removed', 'recreated', 'missing')),
  principal_id text not null,
  account_id text not null,
  permission_set_arn text not null,
  grant_id uuid references grants (id),
  found_at timestamptz not null default app_now(),
  -- The last look that still showed it.
  seen_at timestamptz not null default app_now(),
  -- cleared: a later look no longer showed it.
  state text not null default 'open' constraint drift_findings_state check (state in ('open', 'left', 'adopted', 'removed', 'cleared')),
  decided_at timestamptz,
  decided_by_id text,
  decided_by_name text,
  reason text constraint drift_findings_reason_length check (char_length(reason) between 1 and 1000),
  -- The grant that adopting or removing it made.
  resulting_grant_id uuid references grants (id),
  constraint drift_findings_decided_whole check (
    (state in ('left', 'adopted', 'removed')) = (decided_at is not null)
    and (decided_at is null) = (decided_by_id is null)
    and (decided_at is null) = (decided_by_name is null)
    and (decided_at is null) = (reason is null)
  ),
  constraint drift_findings_result check ((state in ('adopted', 'removed')) = (resulting_grant_id is not null))
);
create unique index drift_findings_one_current on drift_findings (principal_id, account_id, permission_set_arn, kind)
  where state in ('open', 'left');
create index drift_findings_open on drift_findings (found_at) where state = 'open';

-- When the rolling pass last read all assignments of an account.
create table drift_accounts (
  account_id text primary key,
  read_at timestamptz not null
);

-- What is asked to be compared at once.
create table drift_requests (
  id uuid primary key default gen_random_uuid(),
  scope text not null constraint drift_requests_scope check (scope in ('own', 'account', 'user')),
  scope_id text,
  requested_by_id text not null,
  requested_by_name text not null,
  requested_at timestamptz not null default app_now(),
  finished_at timestamptz,
  -- How many questions to AWS were answered, of how many, and after which one to go on where a process died.
  done integer not null default 0,
  expected integer,
  place text,
  found integer,
  error text,
  constraint drift_requests_scope_named check ((scope = 'own') = (scope_id is null))
);
create index drift_requests_waiting on drift_requests (requested_at) where finished_at is null;

-- What is done again and again, by whichever process comes first, as its row says it is due.
create table recurring_tasks (
  name text primary key,
  next_at timestamptz not null default app_now(),
  lease_holder uuid,
  lease_until timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  -- What the last run saw; where it is something else now, the task is due.
  mark text not null default '',
  -- How many runs failed since one succeeded.
  failures integer not null default 0,
  last_error text,
  constraint recurring_tasks_lease_whole check ((lease_holder is null) = (lease_until is null))
);
-- Users are watched by such a task now.
do $$ begin
  if to_regclass('pgboss.schedule') is not null then
    delete from pgboss.schedule where name = 'directory-watch-users';
  end if;
end $$;

-- The account or the permission set went away, or AWS suspended the account.
alter table grants drop constraint grants_end_cause;
alter table grants add constraint grants_end_cause check (end_cause in
  ('time', 'requester', 'approver', 'admin', 'user_disabled', 'user_deleted', 'rights_lost', 'target_gone', 'never_opened'));

-- Letting access run on without the right to it is looser than taking it away.
alter table loosenings drop constraint loosenings_setting;
alter table loosenings add constraint loosenings_setting check (setting in
  ('secondAdminRequired', 'approvalEnabled', 'ticketRequired', 'policyTicketRequired', 'mailPaused', 'maxDurationMinutes',
   'onEligibilityLost'));
