import type { Actor } from '../audit/index.ts';
import { otherAdmins } from '../identity/index.ts';
import { enqueueAlarm } from '../notify/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';

/** Tells every other administrator by mail that a setting waits for one of them, in the transaction that asks for it. */
export async function tellOtherAdmins(
  platform: Pick<Platform, 'config'>,
  tx: Tx,
  asked: { id: string; wish: string },
  actor: Actor,
): Promise<void> {
  for (const { id: userId, displayName: name, email: address } of await otherAdmins(platform, tx, actor.id)) {
    await enqueueAlarm(
      tx,
      `settings-change.${asked.id}`,
      { userId, name, address },
      {
        subject: `${actor.name} asks you to confirm: ${asked.wish}`,
        lead: `${actor.name} asked to ${asked.wish}, for the whole portal.`,
        next: 'Until another administrator confirms it, the setting stays as it is.',
        facts: [],
        page: { path: '/admin/settings', label: 'See the settings' },
      },
    );
  }
}
