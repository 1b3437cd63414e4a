import type { Db } from '../platform/db.ts';
import type { Alarm } from './alarm-store.ts';
import type { MailContent } from './compose.ts';
import type { MailKind } from './outbox.ts';

export type DueMessage = Addressed & ({ kind: MailKind; data: MailContent } | { kind: 'alarm'; data: Alarm });

interface Addressed {
  id: string;
  toUserId: string | null;
  toName: string;
  toAddress: string;
  messageId: string;
  attempts: number;
  createdAt: Date;
}

/**
 * Takes up to ten due messages. Each is put off by two minutes first: a process that dies while sending leaves it
 * due again, and no other process sends it meanwhile.
 */
export async function claimDueMessages(db: Db): Promise<DueMessage[]> {
  const { rows } = await db.pool.query<DueMessage>(`
    update outbox_messages set next_at = app_now() + interval '2 minutes', attempts = attempts + 1
    where id in (
      select id from outbox_messages where next_at <= app_now() order by next_at limit 10 for update skip locked
    )
    returning id, kind, to_user_id as "toUserId", to_name as "toName", to_address as "toAddress", message_id as "messageId", data, attempts,
      created_at as "createdAt"`);
  return rows;
}

export async function markSent(db: Db, id: string): Promise<void> {
  await db.pool.query(
    'update outbox_messages set sent_at = app_now(), next_at = null, last_error = null where id = $1',
    [id],
  );
}

/** Puts the message off by so many seconds, or for ever (null). */
export async function markFailed(db: Db, id: string, error: string, retryInSeconds: number | null): Promise<void> {
  await db.pool.query(
    'update outbox_messages set next_at = app_now() + make_interval(secs => $3), last_error = $2 where id = $1 and sent_at is null',
    [id, error.slice(0, 1_000), retryInSeconds],
  );
}

/** Gives the message up: it stays in the outbox with the reason and is never sent. */
export async function setAside(db: Db, id: string, why: string): Promise<void> {
  await db.pool.query('update outbox_messages set next_at = null, last_error = $2 where id = $1 and sent_at is null', [
    id,
    why,
  ]);
}
