import type { Person } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { NavCounts } from '../web/index.ts';
import { DRIFT } from './page.ts';
import { countOpenFindings } from './page-queries.ts';

/** What waits for an administrator's decision, for the navigation. */
export async function driftNavCounts(tx: Tx, person: Person): Promise<NavCounts> {
  return person.personas.has('admin') ? { [DRIFT]: await countOpenFindings(tx) } : {};
}
