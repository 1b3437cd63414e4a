-- Up Migration

-- Principals are written USER:id or GROUP:id, targets ACCOUNT:id or OU:id, as the forms send them.
create table eligibility_policies (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint eligibility_policies_name_length check (char_length(name) between 1 and 100),
  principals text[] not null constraint eligibility_policies_has_principals check (cardinality(principals) > 0),
  targets text[] not null constraint eligibility_policies_has_targets check (cardinality(targets) > 0),
  include_nested_ous boolean not null default false,
  permission_sets text[] not null constraint eligibility_policies_has_roles check (cardinality(permission_sets) > 0),
  max_duration_minutes integer not null constraint eligibility_policies_duration_positive check (max_duration_minutes > 0),
  approval_required boolean not null default true,
  ticket_required boolean not null default false,
  note text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  updated_by_id text not null,
  updated_by_name text not null
);
create unique index eligibility_policies_name_unique on eligibility_policies (lower(name));

-- steps: [{"approvers": ["GROUP:id", "USER:id"], "approvalsNeeded": 1}]
create table approval_policies (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint approval_policies_name_length check (char_length(name) between 1 and 100),
  targets text[] not null constraint approval_policies_has_targets check (cardinality(targets) > 0),
  include_nested_ous boolean not null default false,
  permission_sets text[] not null default '{}',
  requester_groups text[] not null default '{}',
  broader_may_decide boolean not null default false,
  steps jsonb not null constraint approval_policies_has_steps check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) > 0),
  note text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  updated_by_id text not null,
  updated_by_name text not null
);
create unique index approval_policies_name_unique on approval_policies (lower(name));

-- Every version that a policy ever had, the deletion included: what a request names by ID and version is read here.
create table policy_versions (
  policy_id uuid not null,
  version integer not null,
  kind text not null constraint policy_versions_kind check (kind in ('eligibility', 'approval')),
  document jsonb,
  changed_at timestamptz not null default app_now(),
  changed_by_id text not null,
  changed_by_name text not null,
  primary key (policy_id, version)
);

-- Changes with every policy change, so that a process knows at once whether the policies that it keeps compiled are
-- still the right ones. A random value and not a count: one that was rolled back never comes again.
create table policy_revision (
  id boolean primary key default true constraint policy_revision_one_row check (id),
  revision uuid not null default gen_random_uuid()
);
insert into policy_revision default values;

create function renew_policy_revision() returns trigger language plpgsql as $$
begin
  update policy_revision set revision = gen_random_uuid();
  return null;
end $$;
create trigger eligibility_policies_revision after insert or update or delete or truncate on eligibility_policies
  for each statement execute function renew_policy_revision();
create trigger approval_policies_revision after insert or update or delete or truncate on approval_policies
  for each statement execute function renew_policy_revision();
