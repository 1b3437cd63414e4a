import type { MailKind } from '../notify/index.ts';
import type { Tx } from '../platform/db.ts';
import { isTimeZone } from '../platform/time.ts';
import type { Reader } from '../web/index.ts';
import { mailTopic } from './mail-topics.ts';
import { mutedBy } from './preferences-store.ts';
import type { Settings } from './schema.ts';
import { readSettingsAndZone } from './store.ts';
import { ticketAddress } from './ticket.ts';

/** The zone in which this person reads and writes times: their own choice, else the portal's. */
export async function readTimeZone(tx: Tx, userId: string): Promise<string> {
  return (await readFor(tx, userId)).timeZone;
}

/** What pages need to know of their reader; null: nobody is signed in. */
export async function readReader(tx: Tx, userId: string | null): Promise<Reader> {
  const { timeZone, settings } = await readFor(tx, userId);
  return { timeZone, ticketAddress: (ticket) => ticketAddress(settings, ticket) };
}

/** What holds for a mail to this person: whether mail leaves the portal at all, and the zone of its times. */
export async function mailRules(tx: Tx, userId: string | null): Promise<{ enabled: boolean; timeZone: string }> {
  const { timeZone, settings } = await readFor(tx, userId);
  return { enabled: !settings.mailPaused, timeZone };
}

/** Those of the people who want a mail of this kind. `ownDoing`: it tells them of what they did themselves. */
export async function wantMail(tx: Tx, kind: MailKind, userIds: string[], ownDoing = false): Promise<Set<string>> {
  const topic = mailTopic(kind, ownDoing);
  const muted = topic === null ? new Set<string>() : await mutedBy(tx, topic, userIds);
  return new Set(userIds.filter((userId) => !muted.has(userId)));
}

async function readFor(tx: Tx, userId: string | null): Promise<{ timeZone: string; settings: Settings }> {
  const { settings, timeZone } = await readSettingsAndZone(tx, userId);
  return { timeZone: zoneOf(timeZone, settings), settings };
}

/** The zone that holds for somebody who chose `own` (null: none). */
export function zoneOf(own: string | null, settings: Pick<Settings, 'timeZone'>): string {
  // An older list of time zones, after a step back to an older version, may lack a name that was stored.
  return own !== null && isTimeZone(own) ? own : settings.timeZone;
}
