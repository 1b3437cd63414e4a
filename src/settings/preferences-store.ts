import type { Tx } from '../platform/db.ts';
import { isTimeZone } from '../platform/time.ts';
import { type MailTopic, mailTopics } from './mail-topics.ts';
import { readSettings } from './store.ts';

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

/** The zone in which this person reads and writes times: their own choice, else the portal's. */
export async function readTimeZone(tx: Tx, userId: string): Promise<string> {
  const { timeZone } = await readPreferences(tx, userId);
  // A newer list of time zones may lack a name that was stored with an older one.
  if (timeZone !== null && isTimeZone(timeZone)) return timeZone;
  return (await readSettings(tx)).settings.timeZone;
}
