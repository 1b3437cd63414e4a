import { type Actor, record } from '../audit/index.ts';
import { appNow } from '../platform/db.ts';
import { ConflictError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatUtc } from '../platform/time.ts';
import { CONFIRMATION, type SettingsInput } from './form.ts';
import type { Settings } from './schema.ts';
import { lockSettings, writeSettings } from './store.ts';

/**
 * Changes the settings of the portal; they hold from now on, for requests that are open too. Returns whether anything
 * changed. Throws `ConflictError` where someone changed them since the form was shown, and `InvalidInputError` where
 * approval is to go off without the words that confirm it.
 */
export async function changeSettings(platform: Platform, actor: Actor, input: SettingsInput): Promise<boolean> {
  return platform.db.tx(async (tx) => {
    const current = await lockSettings(tx);
    const moved = () =>
      new ConflictError(
        'settings-changed',
        `${current.updatedByName ?? 'Someone'} changed the settings${current.updatedAt ? ` at ${formatUtc(current.updatedAt)}` : ''} while you had the form open. Nothing of yours was stored: look at the settings as they are now, and change them again.`,
      );
    if (current.version !== input.version) throw moved();
    const before = current.settings;
    const after = input.settings;
    if (before.approvalEnabled && !after.approvalEnabled && input.confirmation !== CONFIRMATION) {
      throw new InvalidInputError({
        confirmation: `To let everyone have access without approval, type “${CONFIRMATION}” here; otherwise tick “Approval workflow” again.`,
      });
    }
    const changed = (Object.keys(after) as (keyof Settings)[]).filter((name) => before[name] !== after[name]);
    if (changed.length === 0) return false;

    const at = await appNow(tx);
    if (!(await writeSettings(tx, after, current.version, { id: actor.id, name: actor.name, at }))) throw moved();
    const pick = (settings: Settings) => Object.fromEntries(changed.map((name) => [name, settings[name]]));
    await record(tx, {
      kind: 'settings.changed',
      actor,
      subject: { kind: 'settings', id: 'settings' },
      before: pick(before),
      after: { ...pick(after), version: current.version + 1 },
    });
    return true;
  });
}
