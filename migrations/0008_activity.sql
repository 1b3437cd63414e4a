-- Up Migration

create table activity_events (
  event_id text primary key,
  account_id text not null,
  at timestamptz not null,
  name text not null,
  service text not null,
  region text not null,
  resource text not null default '',
  error text not null default '',
  source_address text not null default '',
  user_agent text not null default '',
  read_only boolean not null,
  record jsonb not null,
  stored_at timestamptz not null default app_now()
);

-- The grants that an event fits: usually one, more where grants of the same tuple touch.
create table activity_matches (
  event_id text not null references activity_events (event_id),
  grant_id uuid not null references grants (id),
  primary key (event_id, grant_id)
);
create index activity_matches_grant on activity_matches (grant_id);

-- How far each grant's activity was read, per Region.
create table activity_cursors (
  grant_id uuid not null references grants (id),
  region text not null,
  read_until timestamptz,
  next_at timestamptz,
  last_error text,
  failures integer not null default 0,
  primary key (grant_id, region)
);
create index activity_cursors_due on activity_cursors (next_at) where next_at is not null;
