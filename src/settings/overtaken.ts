import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '../platform/db.ts';
import { fieldsOf, type SettingsInput } from './form.ts';
import { changesSince } from './history-store.ts';
import type { Settings } from './schema.ts';
import type { StoredSettings } from './store.ts';
import { labelOf, SETTING_NAMES, type SettingName, valueInWords } from './words.ts';

/** A form that someone else's change overtook, beside what is stored now. */
export interface Overtaken {
  /** The form's fields: what the person changed is as they typed it, the rest as it is stored now. */
  fields: Record<string, unknown>;
  /** What the person wants otherwise than it is stored now. */
  differences: { name: SettingName; label: string; yours: string; stored: string }[];
  /** What others changed and the person left alone. */
  takenOver: { label: string; stored: string }[];
}

/** Compares a form with the settings as they are now; `sent` is the form as it was typed. */
export async function compareOvertaken(
  tx: Tx,
  stored: StoredSettings,
  input: SettingsInput,
  sent: Record<string, unknown>,
): Promise<Overtaken> {
  const now = stored.settings;
  const seen: Settings = { ...now };
  // Undone step by step, the newest first, they lead back to what the form showed.
  for (const { before } of await changesSince(tx, input.version)) Object.assign(seen, before);
  const wanted: Settings = { ...seen, ...input.settings };

  const touched = SETTING_NAMES.filter((name) => !isDeepStrictEqual(wanted[name], seen[name]));
  const current = fieldsOf(now);
  const fields = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, touched.includes(name) ? (sent[name] ?? '') : current[name]]),
  );
  const differences = touched
    .filter((name) => !isDeepStrictEqual(wanted[name], now[name]))
    .map((name) => ({
      name,
      label: labelOf(name),
      yours: valueInWords(name, wanted[name]),
      stored: valueInWords(name, now[name]),
    }));
  const takenOver = SETTING_NAMES.filter(
    (name) => !touched.includes(name) && !isDeepStrictEqual(seen[name], now[name]),
  ).map((name) => ({ label: labelOf(name), stored: valueInWords(name, now[name]) }));
  return { fields: { ...fields, confirmation: sent.confirmation ?? '' }, differences, takenOver };
}
