import { type Actor, record } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { lockSettings, writeSettings } from './store.ts';
import { closeSwitchOff, findSwitchOff, type SwitchOff } from './switch-off-store.ts';
import { labelOf } from './words.ts';

/**
 * Another admin confirms that something is switched off, which holds from now on. Throws `ForbiddenError` for whoever
 * asked for it, and `ConflictError` where it no longer waits.
 */
export async function confirmSwitchOff(platform: Platform, actor: Actor, id: string): Promise<SwitchOff> {
  return platform.db.tx(async (tx) => {
    const { settings, version } = await lockSettings(tx);
    const waiting = await findWaiting(tx, id);
    const { setting, askedById, askedByName } = waiting;
    if (askedById === actor.id) {
      throw new ForbiddenError(
        'same-admin',
        `You asked for this yourself, so another admin has to confirm that “${labelOf(setting)}” is switched off.`,
      );
    }
    const at = await appNow(tx);
    await closeSwitchOff(tx, id, 'confirmed', actor, at);
    const by = { id: actor.id, name: actor.name, at };
    if (!(await writeSettings(tx, { ...settings, [setting]: false }, version, by))) {
      throw new Error('settings changed while their row was locked');
    }
    await record(tx, {
      kind: 'settings.changed',
      actor,
      subject: { kind: 'settings', id: 'settings' },
      before: { [setting]: settings[setting] },
      after: { [setting]: false, version: version + 1, switchOffId: id, askedById, askedByName },
    });
    return waiting;
  });
}

/** An admin, whoever asked, takes the wish back; what it was about stays on. Throws `ConflictError` as above. */
export async function withdrawSwitchOff(platform: Platform, actor: Actor, id: string): Promise<SwitchOff> {
  return platform.db.tx(async (tx) => {
    await lockSettings(tx);
    const waiting = await findWaiting(tx, id);
    await closeSwitchOff(tx, id, 'withdrawn', actor, await appNow(tx));
    await record(tx, {
      kind: 'settings.switch-off-withdrawn',
      actor,
      subject: { kind: 'settings', id: 'settings' },
      after: { setting: waiting.setting, switchOffId: id, askedByName: waiting.askedByName },
    });
    return waiting;
  });
}

async function findWaiting(tx: Tx, id: string): Promise<SwitchOff> {
  const found = await findSwitchOff(tx, id);
  if (found === null) throw new NotFoundError('no-switch-off', 'Nobody asked for this. Look at the settings again.');
  if (found.outcome === null) return found;
  throw new ConflictError(
    'switch-off-closed',
    `This no longer waits: ${found.closedByName ?? 'someone'} ${found.outcome === 'confirmed' ? 'confirmed it' : 'took it back'}. Look at the settings as they are now.`,
  );
}
