-- Up Migration

create table request_transitions (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status)
);
insert into request_transitions values
  ('pending', 'approved'), ('pending', 'rejected'), ('pending', 'cancelled'), ('pending', 'expired');

create table requests (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity (start with 1001) constraint requests_number_unique unique,
  status text not null constraint requests_status
    check (status in ('pending', 'approved', 'rejected', 'cancelled', 'expired')),
  version integer not null default 1,
  -- The form that was sent: sent twice, it is one request.
  form_key uuid not null,
  requester_id text not null,
  requester_name text not null,
  requester_user_name text not null,
  requester_email text,
  account_id text not null,
  account_name text not null,
  ou_path text not null,
  permission_set_arn text not null,
  permission_set_name text not null,
  session_seconds integer not null,
  -- Null: as soon as it is approved.
  starts_at timestamptz,
  duration_minutes integer not null constraint requests_duration_positive check (duration_minutes > 0),
  ticket text not null default '',
  justification text not null constraint requests_justification_length check (char_length(justification) between 10 and 2000),
  approval_needed boolean not null,
  -- [{"approvers": [...], "approvalsNeeded": 1}], as the policies had it at submission; empty without approval.
  steps jsonb not null,
  -- [{"id", "version", "name", "kind"}]: the policies that this rests on, as they were.
  policies jsonb not null,
  submitted_at timestamptz not null default app_now(),
  -- Undecided at this time, it expires.
  expires_at timestamptz not null,
  -- When an approver shortened it.
  approved_duration_minutes integer constraint requests_approved_duration_shorter
    check (approved_duration_minutes between 1 and duration_minutes),
  closed_at timestamptz,
  closed_by_id text,
  closed_by_name text,
  close_comment text,
  address text,
  user_agent text,
  constraint requests_form_key_unique unique (requester_id, form_key),
  constraint requests_id_requester unique (id, requester_id),
  constraint requests_closed_when_decided check ((status = 'pending') = (closed_at is null))
);
create index requests_requester on requests (requester_id, number desc);
create index requests_pending on requests (expires_at) where status = 'pending';
create index requests_account on requests (account_id, number desc);
create trigger requests_transition before update of status on requests
  for each row execute function check_transition('request_transitions');

create table decisions (
  id uuid primary key default gen_random_uuid(),
  request_id uuid not null,
  requester_id text not null,
  approver_id text not null,
  approver_name text not null,
  verdict text not null constraint decisions_verdict check (verdict in ('approve', 'reject')),
  step integer not null default 0,
  duration_minutes integer,
  comment text not null default '',
  decided_at timestamptz not null default app_now(),
  address text,
  user_agent text,
  constraint decisions_of_request foreign key (request_id, requester_id) references requests (id, requester_id),
  constraint decisions_not_by_requester check (approver_id <> requester_id),
  constraint decisions_once_per_person unique (request_id, approver_id)
);
create index decisions_approver on decisions (approver_id, decided_at desc);
