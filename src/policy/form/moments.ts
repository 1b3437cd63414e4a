import { formatInZone, parseLocalTime, whyNoInstant } from '../../platform/time.ts';

export const ENDS_TOO_EARLY = 'The end comes before the start. Choose a later end, or leave it empty.';

/** A day and time that somebody typed. */
export interface Moment {
  /** Null: nothing was typed, or nothing that can be used. */
  at: Date | null;
  /** Why it cannot be used; empty where it can. */
  error: string;
  /** For a time that the clocks pass twice: the two that a person chooses between. */
  choices: { value: string; label: string }[];
}

/**
 * What was typed, local to the zone or with an offset of its own. `offset`: which of two is meant, where the clocks
 * pass the time twice.
 */
export function readMoment(typed: string, offset: string, timeZone: string): Moment {
  const text = typed.trim();
  if (text === '') return { at: null, error: '', choices: [] };
  const time = parseLocalTime(text, timeZone);
  if (time.kind === 'instant') {
    const year = time.at.getUTCFullYear();
    if (year >= 2000 && year < 3000) return { at: time.at, error: '', choices: [] };
    return { at: null, error: 'This day is too far away. Choose one between 2000 and 2999.', choices: [] };
  }
  const { error, choices } = whyNoInstant(text, time, timeZone);
  const offered = choices.map((each) => ({ value: each.offset, label: each.label }));
  const chosen = choices.find((each) => each.offset === offset);
  return chosen ? { at: chosen.at, error: '', choices: offered } : { at: null, error, choices: offered };
}

/** An instant as the form's two fields have it. The offset is empty where the local time says it all. */
export function momentFields(at: Date | null, timeZone: string): { local: string; offset: string } {
  if (at === null) return { local: '', offset: '' };
  const local = formatInZone(at, timeZone).replace(' ', 'T');
  const time = parseLocalTime(local, timeZone);
  const chosen =
    time.kind === 'ambiguous' ? time.choices.find((each) => each.at.getTime() === at.getTime()) : undefined;
  return { local, offset: chosen?.offset ?? '' };
}
