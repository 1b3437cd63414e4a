import { extendGrant, openGrant } from '../access/index.ts';
import type { Actor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { announceGrant } from './announce-grant.ts';
import { grantFor } from './grant-for.ts';
import type { AccessRequest } from './types.ts';

/**
 * Gives what an approved request is for, all in the caller's transaction: opens its grant and says so where it begins
 * later, or moves the end of the one that it extends.
 */
export async function give(
  platform: Platform,
  tx: Tx,
  request: AccessRequest,
  minutes: number,
  actor: Actor,
): Promise<void> {
  if (request.extendsGrantId !== null) {
    const { id: requestId, extendsGrantId: grantId, approvalNeeded: approved } = request;
    await extendGrant(platform, tx, { grantId, requestId, minutes, approved, actor });
    return;
  }
  const grant = await openGrant(platform, tx, grantFor(request, minutes), actor);
  if (request.startsAt !== null) await announceGrant(tx, grant, 'scheduled');
}
