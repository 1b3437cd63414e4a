import { isDeepStrictEqual } from 'node:util';
import { type Actor, record } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { ConflictError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatInZone } from '../platform/time.ts';
import { contradictions } from './contradictions.ts';
import { CONFIRMATION, type SettingsInput } from './form.ts';
import { HELD, type HeldSetting, loosens, wishInWords } from './loosening.ts';
import { closeLoosening, insertLoosening, openLoosenings, recordWithdrawal } from './loosening-store.ts';
import { readTimeZone } from './reader.ts';
import type { Settings } from './schema.ts';
import { lockSettings, type StoredSettings, writeSettings } from './store.ts';
import { tellOtherAdmins } from './tell-admins.ts';

export interface Wish {
  setting: HeldSetting;
  value: unknown;
}

export interface SettingsChange {
  /** False where everything was so already. */
  changed: boolean;
  /** What now waits for another admin, with the value that it is to have. */
  asked: Wish[];
  /** What was to be loosened while another wish for the same setting waits, and so was not asked for. */
  waitsAlready: HeldSetting[];
}

/**
 * Changes the settings of the portal; they hold from now on, for requests that are open too. While a second admin is
 * required, what loosens the portal stays as it is and is asked for. Throws `ConflictError` ('settings-changed') where
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
    const held = HELD.filter((name) => before.secondAdminRequired && loosens(name, before, wanted));
    const after = { ...wanted, ...Object.fromEntries(held.map((name) => [name, before[name]])) };
    // What is held back may be what the rest of the save rests on.
    Object.assign(errors, contradictions(after));
    if (Object.keys(errors).length > 0) throw new InvalidInputError(errors);

    const at = await appNow(tx);
    const wishes: Pick<SettingsChange, 'asked' | 'waitsAlready'> = { asked: [], waitsAlready: [] };
    for (const setting of held) {
      if (await ask(platform, tx, { setting, before, wanted }, actor, at)) {
        wishes.asked.push({ setting, value: wanted[setting] });
      } else wishes.waitsAlready.push(setting);
    }

    const changed = (Object.keys(after) as (keyof Settings)[]).filter(
      (name) => !isDeepStrictEqual(before[name], after[name]),
    );
    if (changed.length === 0) return { changed: false, ...wishes };
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
    await closeOvertaken(tx, after, actor, at);
    return { changed: true, ...wishes };
  });
}

/** Asks for another admin's word; false where the setting waits for one already. */
async function ask(
  platform: Platform,
  tx: Tx,
  wish: { setting: HeldSetting; before: Settings; wanted: Settings },
  actor: Actor,
  at: Date,
): Promise<boolean> {
  const id = await insertLoosening(tx, wish, actor, at);
  if (id === null) return false;
  const { setting, wanted } = wish;
  await record(tx, {
    kind: 'settings.loosening-asked',
    actor,
    subject: { kind: 'settings', id: 'settings' },
    after: { setting, newValue: wanted[setting], looseningId: id },
  });
  await tellOtherAdmins(platform, tx, { id, wish: wishInWords(setting, wanted[setting]) }, actor);
  return true;
}

/** A wish whose setting was changed meanwhile rests on what is no more, and does not go on waiting. */
async function closeOvertaken(tx: Tx, settings: Settings, actor: Actor, at: Date): Promise<void> {
  for (const { id, setting, oldValue, newValue, askedByName } of await openLoosenings(tx)) {
    if (isDeepStrictEqual(settings[setting], oldValue)) continue;
    await closeLoosening(tx, id, 'withdrawn', actor, at);
    await recordWithdrawal(tx, { id, setting, newValue, askedByName }, actor);
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
