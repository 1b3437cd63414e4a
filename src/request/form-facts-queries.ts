import type { Tx } from '../platform/db.ts';
import { type Settings, settingsFrom, zoneOf } from '../settings/index.ts';

/** The accounts that a person wants first in a list. */
export interface PinnedAccounts {
  /** Those with their star, the first starred first. */
  favourites: string[];
  /** Those that they asked for last, each once, the latest first. */
  recent: string[];
}

/** What the form needs of the database, besides what is kept in memory for as long as its revision stays. */
export interface FormFacts {
  now: Date;
  settings: Settings;
  timeZone: string;
  policyRevision: string;
  directoryRevision: string;
  /** See `Availability`. */
  delegated: boolean;
  pinned: PinnedAccounts;
}

const RECENT = 5;

/**
 * All of it in one statement: it is asked for with every letter that is typed, and each statement costs more than
 * what it reads. What it takes from other features is what `readSettings`, `readAvailability` and the revisions give.
 */
export async function readFormFacts(tx: Tx, userId: string): Promise<FormFacts> {
  const [row] = await tx.$queryRaw<
    (Pick<FormFacts, 'now' | 'policyRevision' | 'directoryRevision' | 'delegated'> &
      PinnedAccounts & { settings: unknown; timeZone: string | null })[]
  >`
    select app_now() as now,
      (select value from settings) as settings,
      (select time_zone from preferences where user_id = ${userId}) as "timeZone",
      (select revision::text from policy_revision) as "policyRevision",
      (select revision::text from directory_revision) as "directoryRevision",
      coalesce((select delegated from instance_binding), true) as delegated,
      array(select account_id from favourite_accounts where user_id = ${userId} order by created_at, account_id) as favourites,
      array(select account_id from requests where requester_id = ${userId}
        group by account_id order by max(number) desc limit ${RECENT}) as recent`;
  if (!row) throw new Error('the form facts gave no row');
  const { favourites, recent, ...facts } = row;
  const settings = settingsFrom(facts.settings);
  return { ...facts, settings, timeZone: zoneOf(facts.timeZone, settings), pinned: { favourites, recent } };
}
