import type { Settings } from '../settings/index.ts';

/** What can be chosen as duration. */
export interface DurationChoices {
  /** Minutes, ascending. */
  choices: number[];
  /** Whether another length may be typed as well. */
  custom: boolean;
}

const USUAL = [15, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320, 10_080];

/** What the form begins with: an hour, or where that is not offered the longest below it, or else the shortest. */
export function usualDuration(longestMinutes: number, settings: Pick<Settings, 'allowedDurationsMinutes'>): number {
  const { choices } = durationChoices(longestMinutes, { durationMinutes: '', customMinutes: '' }, settings);
  return choices.findLast((minutes) => minutes <= 60) ?? choices[0] ?? 60;
}

/**
 * The durations up to the longest that is offered: the usual ones, or those that the settings allow and then no
 * other. What was chosen before stays in the list, so that the form never changes it silently.
 */
export function durationChoices(
  longestMinutes: number,
  chosen: { durationMinutes: string; customMinutes: string },
  { allowedDurationsMinutes: allowed }: Pick<Settings, 'allowedDurationsMinutes'>,
): DurationChoices {
  const custom = allowed.length === 0;
  const kept = Number(chosen.durationMinutes);
  const offered = (custom ? [...USUAL, longestMinutes] : allowed).filter((minutes) => minutes <= longestMinutes);
  const all = new Set([...offered, ...(Number.isInteger(kept) && kept > 0 ? [kept] : [])]);
  return {
    choices: [...all].filter((minutes) => minutes > 0).toSorted((a, b) => a - b),
    // What somebody typed, or a link brought, can be seen and mended even where nothing may be typed.
    custom: custom || chosen.customMinutes !== '',
  };
}
