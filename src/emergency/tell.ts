import type { Actor } from '../audit/index.ts';
import { otherAdmins } from '../identity/index.ts';
import { type Alarm, enqueueAlarm } from '../notify/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';

/** Tells every other administrator by mail, in the transaction of what they are told of. `id` tells this mail from others. */
export async function tellAdmins(
  platform: Pick<Platform, 'config'>,
  tx: Tx,
  id: string,
  alarm: Alarm,
  actor: Actor,
): Promise<void> {
  for (const { id: userId, displayName: name, email: address } of await otherAdmins(platform, tx, actor.id)) {
    await enqueueAlarm(tx, id, { userId, name, address }, alarm);
  }
}

export const EMERGENCY_PAGE = '/admin/emergency';
