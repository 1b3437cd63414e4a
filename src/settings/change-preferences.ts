import { isDeepStrictEqual } from 'node:util';
import { type Actor, record } from '../audit/index.ts';
import { appNow } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { lockPreferences, type Preferences, writePreferences } from './preferences-store.ts';

/** Changes what a person, the actor, chose for themselves; what `input` leaves out stays. Returns whether anything changed. */
export async function changePreferences(
  platform: Platform,
  actor: Actor,
  input: Partial<Preferences>,
): Promise<boolean> {
  return platform.db.tx(async (tx) => {
    const before = await lockPreferences(tx, actor.id);
    const wanted = { ...before, ...input };
    if (isDeepStrictEqual(before, wanted)) return false;
    await writePreferences(tx, actor.id, wanted, await appNow(tx));
    await record(tx, {
      kind: 'preferences.changed',
      actor,
      subject: { kind: 'user', id: actor.id },
      before: { ...before },
      after: { ...wanted },
    });
    return true;
  });
}
