import type { Person } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { NavCounts } from '../web/index.ts';
import { openLoosenings } from './loosening-store.ts';

/** How many wishes to loosen a setting wait that this admin may confirm. */
export async function countWaitingSettings(tx: Tx, userId: string): Promise<number> {
  return (await openLoosenings(tx)).filter(({ askedById }) => askedById !== userId).length;
}

/** How many of them, for the navigation. */
export async function settingsNavCounts(tx: Tx, person: Person): Promise<NavCounts> {
  if (!person.personas.has('admin')) return {};
  return { '/admin/settings': await countWaitingSettings(tx, person.userId) };
}
