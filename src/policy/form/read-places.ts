import { accountIndex, readAvailability, whyUnavailable } from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import type { Place } from '../compile.ts';

/** The accounts that can be given. */
export async function readPlaces(tx: Tx): Promise<Place[]> {
  const availability = await readAvailability(tx);
  const { accounts } = await accountIndex(tx);
  return accounts
    .filter((account) => whyUnavailable({ account }, availability) === null)
    .map(({ id, ancestorIds }) => ({ accountId: id, ancestorIds }));
}
