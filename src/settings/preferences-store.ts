import type { Tx } from '../platform/db.ts';
import { type MailTopic, mailTopics } from './mail-topics.ts';

/** What a person chose for themselves. */
export interface Preferences {
  /** Null: the portal's. */
  timeZone: string | null;
  /** The mail that they do not want. */
  muted: MailTopic[];
}

/** The person's preferences; who never chose anything has the portal's. */
export async function readPreferences(tx: Tx, userId: string): Promise<Preferences> {
  const row = await tx.preferences.findFirst({ where: { userId } });
  return { timeZone: row?.timeZone ?? null, muted: mailTopics(row?.muted ?? []) };
}

/** As `readPreferences`, and no other change of the same person's comes between until the transaction ends. */
export async function lockPreferences(tx: Tx, userId: string): Promise<Preferences> {
  await tx.preferences.createMany({ data: [{ userId }], skipDuplicates: true });
  await tx.$queryRaw`select 1 from preferences where user_id = ${userId} for update`;
  return readPreferences(tx, userId);
}

export async function writePreferences(tx: Tx, userId: string, { timeZone, muted }: Preferences, at: Date) {
  await tx.preferences.update({ where: { userId }, data: { timeZone, muted, updatedAt: at } });
}

/** Those of the people who do not want mail of this topic. */
export async function mutedBy(tx: Tx, topic: MailTopic, userIds: string[]): Promise<Set<string>> {
  const rows = await tx.preferences.findMany({
    where: { userId: { in: userIds }, muted: { has: topic } },
    select: { userId: true },
  });
  return new Set(rows.map(({ userId }) => userId));
}
