import type { Prisma, Tx } from '../platform/db.ts';
import type { Letter } from './compose.ts';
import type { Recipient } from './outbox.ts';

/** What an alarm tells: ready words, since it is about Latchkey itself and not about somebody's request. */
export interface Alarm extends Pick<Letter, 'lead' | 'next' | 'facts'> {
  subject: string;
  /** The page of the portal on which to see more, and how the link there reads. */
  page: { path: string; label: string };
}

/**
 * Writes an alarm to administrators into the outbox, in the caller's transaction. Nobody can switch it off. `id` makes
 * it unique, of letters that a Message-ID takes: the same alarm told twice to the same person is one message.
 */
export async function enqueueAlarm(tx: Tx, id: string, to: Recipient, alarm: Alarm): Promise<void> {
  if (to.address === null) return;
  await tx.outboxMessage.createMany({
    data: [
      {
        kind: 'alarm',
        toUserId: to.userId,
        toName: to.name,
        toAddress: to.address,
        messageId: `${id}.${to.userId}`,
        data: JSON.parse(JSON.stringify(alarm)) as Prisma.InputJsonValue,
      },
    ],
    skipDuplicates: true,
  });
}
