import { isDeepStrictEqual } from 'node:util';
import { type Actor, record } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { ConflictError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatInZone } from '../platform/time.ts';
import { contradictions } from './contradictions.ts';
import { CONFIRMATION, type SettingsInput } from './form.ts';
import { readTimeZone } from './reader.ts';
import type { Settings } from './schema.ts';
import { lockSettings, type StoredSettings, writeSettings } from './store.ts';
import { closeSwitchOff, insertSwitchOff, openSwitchOffs, SWITCHES, type Switch } from './switch-off-store.ts';

export interface SettingsChange {
  /** False where everything was so already. */
  changed: boolean;
  /** What now waits for another admin to be switched off. */
  asked: Switch[];
}

/**
 * Changes the settings of the portal; they hold from now on, for requests that are open too. While a second admin is
 * required, what takes two to switch off stays on and is asked for. Throws `ConflictError` ('settings-changed') where
 * someone changed them since the form was shown, and `InvalidInputError` where settings contradict each other, or
 * approval is to go off without the words that confirm it.
 */
export async function changeSettings(platform: Platform, actor: Actor, input: SettingsInput): Promise<SettingsChange> {
  return platform.db.tx(async (tx) => {
    const current = await lockSettings(tx);
    if (current.version !== input.version) throw await movedOn(tx, current, actor);
    const before = current.settings;
    const wanted = { ...before, ...input.settings };
    const errors = contradictions(wanted);
    if (before.approvalEnabled && !wanted.approvalEnabled && input.confirmation !== CONFIRMATION) {
      errors.confirmation = `To let everyone have access without approval, type “${CONFIRMATION}” here; otherwise tick “Approval workflow” again.`;
    }
    if (Object.keys(errors).length > 0) throw new InvalidInputError(errors);

    const held = SWITCHES.filter((name) => before.secondAdminRequired && before[name] && !wanted[name]);
    const after = { ...wanted, ...Object.fromEntries(held.map((name) => [name, true])) };
    const at = await appNow(tx);
    const asked: Switch[] = [];
    for (const name of held) if (await ask(tx, name, actor, at)) asked.push(name);

    const changed = (Object.keys(after) as (keyof Settings)[]).filter(
      (name) => !isDeepStrictEqual(before[name], after[name]),
    );
    if (changed.length === 0) return { changed: false, asked };
    if (!(await writeSettings(tx, after, current.version, { id: actor.id, name: actor.name, at }))) {
      throw await movedOn(tx, await lockSettings(tx), actor);
    }
    const pick = (settings: Settings) => Object.fromEntries(changed.map((name) => [name, settings[name]]));
    await record(tx, {
      kind: 'settings.changed',
      actor,
      subject: { kind: 'settings', id: 'settings' },
      before: pick(before),
      after: { ...pick(after), version: current.version + 1 },
    });
    await closeSettled(tx, after, actor, at);
    return { changed: true, asked };
  });
}

/** Asks for another admin's word; false where that was asked already. */
async function ask(tx: Tx, setting: Switch, actor: Actor, at: Date): Promise<boolean> {
  const id = await insertSwitchOff(tx, setting, actor, at);
  if (id === null) return false;
  await record(tx, {
    kind: 'settings.switch-off-asked',
    actor,
    subject: { kind: 'settings', id: 'settings' },
    after: { setting, switchOffId: id },
  });
  return true;
}

/** What is off by now, since two were no longer needed for it, does not go on waiting. */
async function closeSettled(tx: Tx, settings: Settings, actor: Actor, at: Date): Promise<void> {
  for (const { id, setting } of await openSwitchOffs(tx)) {
    if (!settings[setting]) await closeSwitchOff(tx, id, 'withdrawn', actor, at);
  }
}

async function movedOn(tx: Tx, { updatedByName, updatedAt }: StoredSettings, actor: Actor): Promise<ConflictError> {
  const zone = await readTimeZone(tx, actor.id);
  const when = updatedAt ? ` at ${formatInZone(updatedAt, zone)} (${zone})` : '';
  return new ConflictError(
    'settings-changed',
    `${updatedByName ?? 'Someone'} changed the settings${when} while you had the form open. Nothing of yours is stored yet: compare below, and save again what you still want.`,
  );
}
