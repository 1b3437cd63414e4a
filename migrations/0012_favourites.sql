-- Up Migration

-- The accounts that a person wants to have at the top of their list. A preference: it gives no right to anything.
create table favourite_accounts (
  user_id text not null,
  account_id text not null,
  created_at timestamptz not null default app_now(),
  primary key (user_id, account_id)
);
