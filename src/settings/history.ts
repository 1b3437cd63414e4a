import type { SettingsEvent } from './history-store.ts';
import { wishInWords } from './loosening.ts';
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

function noteOf(kind: string, { setting, newValue, askedByName }: Record<string, unknown>): string {
  const wish = wishInWords(String(setting), newValue);
  if (kind === 'settings.loosening-asked') return `Asked to ${wish}, which waits for another admin.`;
  if (kind === 'settings.loosening-withdrawn') {
    return `Took back the wish of ${String(askedByName)} to ${wish}; it stays as it is.`;
  }
  return typeof askedByName === 'string' ? `${askedByName} had asked for it.` : '';
}
