-- Up Migration

-- What a search compares: letters without accents, in lower case. Names are found however they were typed.
create function search_text(variadic parts text[]) returns text language sql immutable parallel safe as $$
  select lower(regexp_replace(normalize(array_to_string(parts, ' '), NFKD), '[\u0300-\u036f]', '', 'g'))
$$;

-- A copy of what AWS has, for lists, forms and search. Nothing refers to it by foreign key: what is gone at AWS
-- is gone here, while requests keep the names as they were.
create table organizational_units (
  id text primary key,
  name text not null,
  parent_id text,
  path text not null,
  ancestor_ids text[] not null,
  search text not null generated always as (search_text(name, id, path)) stored
);

create table accounts (
  id text primary key,
  name text not null,
  email text not null,
  state text not null,
  parent_id text not null,
  ou_path text not null,
  -- The OUs above it, the root first, its own parent last.
  ancestor_ids text[] not null,
  is_management boolean not null default false,
  search text not null generated always as (search_text(name, id, email, ou_path)) stored
);
create index accounts_parent on accounts (parent_id);

create table permission_sets (
  arn text primary key,
  name text not null,
  description text not null,
  session_seconds integer not null constraint permission_sets_session_positive check (session_seconds > 0),
  in_management_account boolean not null default false,
  search text not null generated always as (search_text(name, description)) stored
);

create table users (
  id text primary key,
  user_name text not null,
  display_name text not null,
  email text,
  enabled boolean not null,
  search text not null generated always as (search_text(display_name, user_name, email)) stored
);
create index users_user_name on users (lower(user_name));

create table groups (
  id text primary key,
  display_name text not null,
  description text not null,
  search text not null generated always as (search_text(display_name, description)) stored
);

create table memberships (
  group_id text not null,
  user_id text not null,
  primary key (group_id, user_id)
);
create index memberships_user on memberships (user_id);

-- How each kind of copy stands. A failed run keeps the old copy and says why here.
create table directory_syncs (
  kind text primary key constraint directory_syncs_kind check (kind in ('organization', 'permission_sets', 'users', 'groups', 'memberships')),
  started_at timestamptz,
  succeeded_at timestamptz,
  failed_at timestamptz,
  error text,
  row_count integer,
  rows_changed integer
);
