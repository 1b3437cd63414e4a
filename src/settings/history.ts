import type { SettingsEvent } from './history-store.ts';
import { labelOf, SETTING_NAMES, valueInWords } from './words.ts';

/** One line of the history: who did what, in words. */
export interface HistoryEntry {
  at: Date;
  by: string;
  changes: { label: string; from: string; to: string }[];
  /** What there is to say besides, or instead. Empty: nothing. */
  note: string;
}

export function historyEntry({ at, kind, actorName, before, after }: SettingsEvent): HistoryEntry {
  // As on the settings page; the database keeps its own order.
  const order: readonly string[] = SETTING_NAMES;
  const place = (name: string) => order.indexOf(name);
  const changes = Object.entries(before ?? {})
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([name, from]) => ({
      label: labelOf(name),
      from: valueInWords(name, from),
      to: valueInWords(name, after?.[name]),
    }));
  return { at, by: actorName, changes, note: noteOf(kind, after ?? {}) };
}

function noteOf(kind: string, { setting, askedByName }: Record<string, unknown>): string {
  const about = `“${labelOf(String(setting))}”`;
  if (kind === 'settings.switch-off-asked') return `Asked to switch ${about} off, which waits for another admin.`;
  if (kind === 'settings.switch-off-withdrawn') {
    return `Took back the wish of ${String(askedByName)} to switch ${about} off; it stays on.`;
  }
  return typeof askedByName === 'string' ? `${askedByName} had asked for it.` : '';
}
