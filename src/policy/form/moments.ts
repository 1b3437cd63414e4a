import { formatInZone, type LocalTime, parseLocalTime } from '../../platform/time.ts';

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
  const time: LocalTime = parseLocalTime(text, timeZone);
  switch (time.kind) {
    case 'instant': {
      const year = time.at.getUTCFullYear();
      if (year >= 2000 && year < 3000) return { at: time.at, error: '', choices: [] };
      return { at: null, error: 'This day is too far away. Choose one between 2000 and 2999.', choices: [] };
    }
    case 'malformed':
      return { at: null, error: 'Give a day and a time, like 2026-11-22 14:00, or leave it empty.', choices: [] };
    case 'skipped':
      return {
        at: null,
        error: `This time does not exist: the clocks of ${timeZone} jump over it that night. Choose another one.`,
        choices: [],
      };
    case 'ambiguous': {
      const local = text.slice(0, 16).replace('T', ' ');
      const choices = time.choices.map((each, index) => ({
        value: each.offset,
        label: `${local}, the ${index === 0 ? 'first' : 'second'} time (UTC${each.offset})`,
      }));
      const chosen = time.choices.find((each) => each.offset === offset);
      if (chosen) return { at: chosen.at, error: '', choices };
      const error = `The clocks of ${timeZone} pass this time twice that night. Choose which one you mean.`;
      return { at: null, error, choices };
    }
  }
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
