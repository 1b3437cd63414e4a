import type { Person } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { NavCounts } from '../web/index.ts';
import { countWaiting } from './queries.ts';

/** What waits for the person, for the navigation. */
export async function navCounts(tx: Tx, person: Person): Promise<NavCounts> {
  if (!person.personas.has('approver')) return {};
  return { '/approvals': await countWaiting(tx, person) };
}
