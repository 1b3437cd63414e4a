-- Up Migration

-- Only the hash of the session identifier is kept: who reads this table cannot become anyone.
create table sessions (
  id_hash text primary key,
  user_id text not null,
  -- The browser's sign-in cookie, so that signing in once more there ends this one.
  browser_hash text not null,
  created_at timestamptz not null default app_now(),
  last_seen_at timestamptz not null default app_now(),
  expires_at timestamptz not null,
  address text,
  user_agent text
);
create index sessions_user on sessions (user_id);
create index sessions_browser on sessions (browser_hash);
create index sessions_expiry on sessions (expires_at);

-- A sign-in that was started here: used once, by the browser that started it.
create table sign_in_requests (
  id text primary key,
  browser_hash text not null,
  return_to text not null,
  created_at timestamptz not null default app_now(),
  expires_at timestamptz not null
);

-- Assertions that were used, kept until they could not be used again anyway.
create table used_assertions (
  id text primary key,
  expires_at timestamptz not null
);

-- A group named in the configuration by its display name, pinned to the ID it had when first resolved: whoever
-- later renames a group to that name does not become an administrator.
create table persona_groups (
  persona text not null constraint persona_groups_persona check (persona in ('admin', 'auditor')),
  configured text not null,
  group_id text not null,
  pinned_at timestamptz not null default app_now(),
  primary key (persona, configured)
);
