-- Up Migration

-- The time, for everything that Latchkey decides. Read after the row lock, never from a process's own clock.
-- Tests replace this function to move time.
create function app_now() returns timestamptz language sql volatile as 'select clock_timestamp()';

-- Which Identity Center this database belongs to. Set at first start; a portal for another one refuses to start.
create table instance_binding (
  id boolean primary key default true constraint instance_binding_one_row check (id),
  partition text not null,
  region text not null,
  instance_arn text not null,
  identity_store_id text not null,
  management_account_id text not null,
  bound_at timestamptz not null default app_now()
);

create table settings (
  id boolean primary key default true constraint settings_one_row check (id),
  value jsonb not null,
  version integer not null default 1 constraint settings_version_positive check (version > 0),
  updated_at timestamptz not null default app_now(),
  updated_by_id text,
  updated_by_name text
);

-- One token bucket for each family of AWS calls, shared by all replicas. Unlogged: every AWS call waits for its token,
-- and a bucket that a crash of the database empties is simply made anew.
create unlogged table api_budgets (
  family text primary key,
  tokens double precision not null,
  refilled_at timestamptz not null default clock_timestamp()
);

-- Every change that matters, written in the transaction that makes it, and never altered. Sequence and hashes
-- are filled in afterwards by the sealer; they are the only columns that may ever change, once.
create table audit_events (
  id bigint generated always as identity primary key,
  at timestamptz not null default app_now(),
  kind text not null,
  actor_kind text not null constraint audit_events_actor_kind check (actor_kind in ('user', 'token', 'system')),
  actor_id text not null,
  actor_name text not null,
  actor_via text not null,
  subject_kind text not null,
  subject_id text not null,
  request_id uuid,
  before jsonb,
  after jsonb,
  address text,
  user_agent text,
  seq bigint constraint audit_events_seq_unique unique,
  prev_hash bytea,
  entry_hash bytea,
  constraint audit_events_sealed_whole check ((seq is null) = (entry_hash is null) and (seq is null) = (prev_hash is null))
);
create index audit_events_request on audit_events (request_id, id) where request_id is not null;
create index audit_events_subject on audit_events (subject_kind, subject_id, id);
create index audit_events_unsealed on audit_events (id) where seq is null;

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.seq is null and new.seq is not null
     and (to_jsonb(old) - 'seq' - 'prev_hash' - 'entry_hash') = (to_jsonb(new) - 'seq' - 'prev_hash' - 'entry_hash') then
    return new;
  end if;
  raise exception 'audit events are insert-only' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_events_insert_only before update or delete on audit_events
  for each row execute function refuse_audit_change();
create trigger audit_events_no_truncate before truncate on audit_events
  for each statement execute function refuse_audit_change();

-- Refuses a status change that the table named in the trigger's argument does not list.
create function check_transition() returns trigger language plpgsql as $$
declare allowed boolean;
begin
  if new.status = old.status then return new; end if;
  execute format('select exists (select from %I where from_status = $1 and to_status = $2)', tg_argv[0])
    into allowed using old.status, new.status;
  if not allowed then
    raise exception 'a % cannot go from % to %', tg_table_name, old.status, new.status using errcode = 'check_violation';
  end if;
  return new;
end $$;
