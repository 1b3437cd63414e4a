-- Up Migration

-- Mail to be sent, written with the change it tells of. Sent at least once; the Message-ID is fixed, so a repeat is seen as one.
create table outbox_messages (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  to_user_id text,
  to_name text not null,
  to_address text not null,
  message_id text not null constraint outbox_messages_message_id_unique unique,
  data jsonb not null,
  created_at timestamptz not null default app_now(),
  next_at timestamptz default app_now(),
  attempts integer not null default 0,
  sent_at timestamptz,
  last_error text,
  constraint outbox_messages_sent_rests check (sent_at is null or next_at is null)
);
create index outbox_messages_due on outbox_messages (next_at) where next_at is not null;
