-- Up Migration

-- The account assignment, as the tuple that AWS knows it by, with what Latchkey knows and owes about it.
create table assignments (
  id uuid primary key default gen_random_uuid(),
  instance_arn text not null,
  principal_type text not null default 'USER' constraint assignments_principal_type check (principal_type in ('USER', 'GROUP')),
  principal_id text not null,
  target_type text not null default 'AWS_ACCOUNT' constraint assignments_target_type check (target_type = 'AWS_ACCOUNT'),
  target_id text not null,
  permission_set_arn text not null,
  -- unknown: nothing of ours is there, look before creating; preexisting: there before any grant of ours, never
  -- deleted; ours: absent when we first meant to create it, whatever is there now is ours to take away.
  ownership text not null default 'unknown' constraint assignments_ownership check (ownership in ('unknown', 'preexisting', 'ours')),
  observed text not null default 'unknown' constraint assignments_observed check (observed in ('unknown', 'absent', 'present')),
  observed_at timestamptz,
  -- The first of the looks in a row that found it absent.
  absent_since timestamptz,
  -- When it was seen absent, before the first create of ours.
  absent_seen_at timestamptz,
  -- The obligation, committed before AWS is asked to give anything: by then it must be gone.
  must_be_gone_by timestamptz,
  -- When the next step is due. Null: at rest.
  next_at timestamptz,
  lease_holder text,
  lease_until timestamptz,
  fence bigint not null default 0,
  failures integer not null default 0,
  last_error text,
  -- After a failure: not before then. Giving and taking away wait apart, so that neither holds the other up.
  give_after timestamptz,
  take_after timestamptz,
  -- Since when AWS forbids us to take it away; we go on trying.
  cannot_revoke_since timestamptz,
  created_at timestamptz not null default app_now(),
  constraint assignments_tuple_unique unique (instance_arn, principal_type, principal_id, target_type, target_id, permission_set_arn),
  constraint assignments_for_grants unique (id, principal_id, target_id, permission_set_arn),
  constraint assignments_preexisting_owes_nothing check (ownership <> 'preexisting' or must_be_gone_by is null),
  constraint assignments_ours_owes_its_end check (ownership <> 'ours' or must_be_gone_by is not null),
  constraint assignments_ours_was_absent check ((ownership = 'ours') = (absent_seen_at is not null)),
  constraint assignments_lease_whole check ((lease_holder is null) = (lease_until is null))
);
create index assignments_due on assignments (next_at) where next_at is not null;

-- One row for each create or delete asked of AWS: first the intent, then what became of it.
create table assignment_operations (
  id uuid primary key default gen_random_uuid(),
  assignment_id uuid not null references assignments (id),
  kind text not null constraint assignment_operations_kind check (kind in ('create', 'delete')),
  fence bigint not null,
  intended_at timestamptz not null default app_now(),
  -- For a create: when its absence was seen, without which no create is intended.
  absent_seen_at timestamptz,
  -- Until then it could still take effect, whatever we heard of it.
  effective_until timestamptz not null,
  outcome text not null default 'intended' constraint assignment_operations_outcome
    check (outcome in ('intended', 'in_progress', 'succeeded', 'failed', 'refused', 'unknown')),
  aws_request_id text,
  reason text,
  asked_at timestamptz,
  finished_at timestamptz,
  constraint assignment_operations_create_saw_absence check (kind <> 'create' or absent_seen_at is not null)
);
create index assignment_operations_assignment on assignment_operations (assignment_id, intended_at desc);
create unique index assignment_operations_one_open on assignment_operations (assignment_id)
  where outcome in ('intended', 'in_progress');

-- Nothing is asked of AWS for an assignment that is not ours: not a delete, because it would take what others gave;
-- not a create, because the obligation to take it away comes first.
create function check_operation_on_ours() returns trigger language plpgsql as $$
begin
  if not exists (select from assignments where id = new.assignment_id and ownership = 'ours') then
    raise exception 'a % may be asked for an assignment of ours only', new.kind using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger assignment_operations_on_ours before insert on assignment_operations
  for each row execute function check_operation_on_ours();

create table grant_transitions (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status)
);
insert into grant_transitions values
  ('scheduled', 'activating'), ('scheduled', 'revoked'), ('scheduled', 'failed'), ('scheduled', 'ended'),
  ('activating', 'active'), ('activating', 'ending'), ('activating', 'failed'), ('activating', 'revoked'), ('activating', 'ended'),
  ('active', 'ending'), ('active', 'ended'), ('active', 'revoked'),
  ('ending', 'ended'), ('ending', 'revoked'), ('ending', 'failed'),
  ('failed', 'scheduled');

create table grants (
  id uuid primary key default gen_random_uuid(),
  assignment_id uuid not null,
  request_id uuid references requests (id),
  basis text not null constraint grants_basis check (basis in ('approval', 'self_serve', 'adopted', 'break_glass')),
  status text not null default 'scheduled' constraint grants_status
    check (status in ('scheduled', 'activating', 'active', 'ending', 'ended', 'revoked', 'failed')),
  user_id text not null,
  account_id text not null,
  permission_set_arn text not null,
  -- As they were when the grant was made.
  user_display_name text not null,
  user_name text not null,
  account_name text not null,
  ou_path text not null,
  permission_set_name text not null,
  session_seconds integer not null,
  duration_minutes integer not null constraint grants_duration_positive check (duration_minutes > 0),
  opens_at timestamptz not null,
  -- Set once, when AWS has confirmed the access: opens late by at most fifteen minutes, lasts the full duration.
  closes_at timestamptz,
  latest_end timestamptz not null,
  activated_at timestamptz,
  -- When the end became due: the window's, or the moment somebody took the access away.
  end_due_at timestamptz,
  end_cause text constraint grants_end_cause check (end_cause in
    ('time', 'requester', 'approver', 'admin', 'user_disabled', 'user_deleted', 'rights_lost', 'never_opened')),
  end_comment text,
  ended_by_id text,
  ended_by_name text,
  ended_at timestamptz,
  failure text,
  -- The access went on after this grant's end, through that other grant.
  continued_by uuid references grants (id),
  -- The assignment stood before and stays.
  preexisting boolean not null default false,
  -- When the rights behind it were last found in order, just before the access was given.
  rights_checked_at timestamptz,
  -- The last status of which people were told; empty: none.
  announced text not null default '',
  ending_soon_told_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default app_now(),
  constraint grants_of_assignment foreign key (assignment_id, user_id, account_id, permission_set_arn)
    references assignments (id, principal_id, target_id, permission_set_arn),
  constraint grants_latest_end_after_open check (latest_end > opens_at),
  constraint grants_close_within_promise check (closes_at is null or closes_at <= latest_end),
  constraint grants_active_has_window check (status <> 'active' or (activated_at is not null and closes_at is not null)),
  constraint grants_failed_says_why check (status <> 'failed' or failure is not null),
  constraint grants_over_has_time check ((status in ('ended', 'revoked')) = (ended_at is not null)),
  constraint grants_ending_has_cause check (status not in ('ending', 'ended', 'revoked') or (end_cause is not null and end_due_at is not null))
);
create index grants_assignment on grants (assignment_id);
create index grants_request on grants (request_id);
create index grants_user on grants (user_id, created_at desc);
create index grants_open on grants (opens_at) where status in ('scheduled', 'activating', 'active', 'ending');
create index grants_closing on grants (closes_at) where status = 'active';
create trigger grants_transition before update of status on grants
  for each row execute function check_transition('grant_transitions');
