import { standsOutside } from '../drift/index.ts';
import type { Tx } from '../platform/db.ts';
import type { AccessRequest, SeenStatus } from './types.ts';

/**
 * Whoever had the access already, outside Latchkey, keeps it: a sentence for the page of the request, or none. What
 * is over says so itself. `mine`: the reader is who asked.
 */
export async function standingNote(
  tx: Tx,
  { requesterId: userId, requesterName, accountId, permissionSetArn }: AccessRequest,
  status: SeenStatus,
  mine: boolean,
): Promise<string[]> {
  if (!['pending', 'scheduled', 'activating', 'active'].includes(status)) return [];
  if (!(await standsOutside(tx, { userId, accountId, permissionSetArn }))) return [];
  return [
    mine
      ? 'You had this already, given outside Latchkey; it will stay after the end.'
      : `${requesterName} had this already, given outside Latchkey, and keeps it after the end.`,
  ];
}
