-- Up Migration

-- Exclusions are written as targets are; an excluded OU takes its whole subtree out. A policy holds from starts_at
-- (included) until ends_at (not included), and only while it is enabled.
alter table eligibility_policies
  add column exclusions text[] not null default '{}',
  add column enabled boolean not null default true,
  add column starts_at timestamptz,
  add column ends_at timestamptz,
  -- Of the last change: why it was made, for auditors.
  add column ticket text not null default '' constraint eligibility_policies_ticket_length check (char_length(ticket) <= 100),
  add constraint eligibility_policies_ends_after_start check (ends_at > starts_at);
alter table approval_policies
  add column exclusions text[] not null default '{}',
  add column enabled boolean not null default true,
  add column starts_at timestamptz,
  add column ends_at timestamptz,
  add column ticket text not null default '' constraint approval_policies_ticket_length check (char_length(ticket) <= 100),
  add constraint approval_policies_ends_after_start check (ends_at > starts_at);

-- Limits above all policies. No permission sets: all roles; no targets: everywhere. OUs are meant with their subtree.
create table guardrails (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint guardrails_name_length check (char_length(name) between 1 and 100),
  permission_sets text[] not null default '{}',
  targets text[] not null default '{}',
  never_self_served boolean not null default false,
  max_duration_minutes integer constraint guardrails_duration_positive check (max_duration_minutes > 0),
  note text not null default '',
  ticket text not null default '' constraint guardrails_ticket_length check (char_length(ticket) <= 100),
  version integer not null default 1,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  updated_by_id text not null,
  updated_by_name text not null,
  constraint guardrails_limit_something check (never_self_served or max_duration_minutes is not null)
);
create unique index guardrails_name_unique on guardrails (lower(name));
create trigger guardrails_revision after insert or update or delete or truncate on guardrails
  for each statement execute function renew_policy_revision();

alter table policy_versions
  drop constraint policy_versions_kind,
  add constraint policy_versions_kind check (kind in ('eligibility', 'approval', 'guardrail')),
  add column name text not null default '',
  add column ticket text not null default '',
  -- The second admin, where one had to confirm the change.
  add column confirmed_by_id text,
  add column confirmed_by_name text,
  add constraint policy_versions_confirmed_by_another check (confirmed_by_id <> changed_by_id);
create index policy_versions_changed on policy_versions (changed_at desc);

-- A change of a policy that waits until another admin confirms it. document null: the policy is to be deleted;
-- policy_id null: it is to be made, and base_version is then 0.
create table policy_changes (
  id uuid primary key default gen_random_uuid(),
  kind text not null constraint policy_changes_kind check (kind in ('eligibility', 'approval', 'guardrail')),
  policy_id uuid,
  base_version integer not null,
  name text not null,
  document jsonb,
  ticket text not null default '',
  status text not null default 'waiting'
    constraint policy_changes_status check (status in ('waiting', 'confirmed', 'rejected', 'withdrawn')),
  proposed_at timestamptz not null default app_now(),
  proposed_by_id text not null,
  proposed_by_name text not null,
  decided_at timestamptz,
  decided_by_id text,
  decided_by_name text,
  comment text not null default '',
  constraint policy_changes_something check (document is not null or policy_id is not null),
  constraint policy_changes_new_has_no_version check ((policy_id is null) = (base_version = 0)),
  constraint policy_changes_decided check ((status = 'waiting') = (decided_at is null and decided_by_id is null)),
  constraint policy_changes_confirmed_by_another check (status <> 'confirmed' or decided_by_id <> proposed_by_id)
);
create unique index policy_changes_one_waiting on policy_changes (policy_id) where status = 'waiting';
create index policy_changes_waiting on policy_changes (proposed_at) where status = 'waiting';
