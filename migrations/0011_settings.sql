-- Up Migration

-- What a person chose for themselves. Without a row the portal's choices hold.
create table preferences (
  user_id text primary key,
  -- Null: the portal's.
  time_zone text constraint preferences_time_zone_not_empty check (time_zone <> ''),
  -- The topics of mail that the person does not want.
  muted text[] not null default '{}'
    constraint preferences_muted_known check (muted <@ array['to-decide', 'decided-by-another', 'own-requests', 'own-access']),
  updated_at timestamptz not null default app_now()
);

-- While a second admin is required, what loosens the portal is switched off by two: one asks, another confirms.
create table switch_offs (
  id uuid primary key default gen_random_uuid(),
  setting text not null
    constraint switch_offs_setting check (setting in ('secondAdminRequired', 'approvalEnabled')),
  asked_at timestamptz not null default app_now(),
  asked_by_id text not null,
  asked_by_name text not null,
  outcome text constraint switch_offs_outcome check (outcome in ('confirmed', 'withdrawn')),
  closed_at timestamptz,
  closed_by_id text,
  closed_by_name text,
  constraint switch_offs_closed_whole check (
    (outcome is null) = (closed_at is null) and (outcome is null) = (closed_by_id is null)
      and (outcome is null) = (closed_by_name is null)
  ),
  constraint switch_offs_confirmed_by_another check (outcome is distinct from 'confirmed' or closed_by_id <> asked_by_id)
);
create unique index switch_offs_one_open on switch_offs (setting) where outcome is null;
