import { openGrant } from '../access/index.ts';
import type { Actor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { announceGrant } from './announce-grant.ts';
import { grantFor } from './grant-for.ts';
import type { AccessRequest } from './types.ts';

/** Opens the grant of an approved request and says so where it begins later, all in the caller's transaction. */
export async function give(
  platform: Platform,
  tx: Tx,
  request: AccessRequest,
  durationMinutes: number,
  actor: Actor,
): Promise<void> {
  const grant = await openGrant(platform, tx, grantFor(request, durationMinutes), actor);
  if (request.startsAt !== null) await announceGrant(tx, grant, 'scheduled');
}
