import type { Person } from '../../identity/index.ts';
import type { Tx } from '../../platform/db.ts';
import type { NavCounts } from '../../web/index.ts';
import { countWaitingChanges } from './change-store.ts';

/** How many changes of policies wait for this admin's confirmation, for the navigation. */
export async function policyNavCounts(tx: Tx, person: Person): Promise<NavCounts> {
  if (!person.personas.has('admin')) return {};
  return { '/admin/policy-changes': await countWaitingChanges(tx, person.userId) };
}
