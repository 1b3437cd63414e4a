-- Up Migration

-- Changes with every row of the organization's copy that changes, so that a process knows at once whether the accounts,
-- units and permission sets that it keeps in memory are still the right ones. A random value and not a count: one that
-- was rolled back never comes again.
create table directory_revision (
  id boolean primary key default true constraint directory_revision_one_row check (id),
  revision uuid not null default gen_random_uuid()
);
insert into directory_revision default values;

-- A statement that changed no row fires its triggers too; a copy that found nothing new must not look like a change.
create function renew_directory_revision() returns trigger language plpgsql as $$
begin
  if tg_op <> 'TRUNCATE' then
    if not exists (select from changed) then return null; end if;
  end if;
  update directory_revision set revision = gen_random_uuid();
  return null;
end $$;

do $$
declare
  copied text;
begin
  foreach copied in array array['organizational_units', 'accounts', 'permission_sets'] loop
    execute format('create trigger %1$s_revision_insert after insert on %1$I referencing new table as changed
      for each statement execute function renew_directory_revision()', copied);
    execute format('create trigger %1$s_revision_update after update on %1$I referencing new table as changed
      for each statement execute function renew_directory_revision()', copied);
    execute format('create trigger %1$s_revision_delete after delete on %1$I referencing old table as changed
      for each statement execute function renew_directory_revision()', copied);
    execute format('create trigger %1$s_revision_truncate after truncate on %1$I
      for each statement execute function renew_directory_revision()', copied);
  end loop;
end $$;

-- Whether Latchkey runs outside the management account, where AWS keeps that account, and whatever is provisioned to
-- it, out of reach. Seen anew at each start; until it was seen, the narrower right is assumed.
alter table instance_binding add column delegated boolean not null default true;

-- How far the run under way has come: things read so far, and how many there will be where that is known.
alter table directory_syncs
  add column progress integer,
  add column expected integer;

-- Which kinds someone wants copied again. Only ever added to and deleted from, so that nobody who asks waits for a copy
-- that is being stored.
create table directory_sync_requests (
  id bigint primary key generated always as identity,
  kind text not null constraint directory_sync_requests_kind check (kind in ('organization', 'permission_sets', 'users', 'groups', 'memberships')),
  asked_at timestamptz not null default app_now()
);

-- What a copy found to have changed at AWS, for administrators to read; the first copy of a kind changes nothing.
create table directory_changes (
  id bigint primary key generated always as identity,
  at timestamptz not null default app_now(),
  kind text not null constraint directory_changes_kind check (kind in ('account', 'organizational_unit', 'permission_set', 'user', 'group')),
  thing_id text not null,
  name text not null,
  what text not null constraint directory_changes_what check (what in ('appeared', 'vanished', 'renamed', 'moved', 'state', 'enabled', 'disabled', 'management')),
  old_value text,
  new_value text
);
create index directory_changes_by_kind on directory_changes (kind, id);
create index directory_changes_by_time on directory_changes (at);
