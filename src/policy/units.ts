import { allOrganizationalUnits, type OrganizationalUnit } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';

/** The OUs of these IDs that the copy has. */
export async function findUnits(tx: Tx, ids: string[]): Promise<OrganizationalUnit[]> {
  if (ids.length === 0) return [];
  const wanted = new Set(ids);
  return (await allOrganizationalUnits(tx)).filter((unit) => wanted.has(unit.id));
}
