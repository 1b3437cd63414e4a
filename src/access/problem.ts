/**
 * What went wrong with a call to AWS, in our words. `aws-errors.ts` has the table that makes it from an error.
 */
export interface Problem {
  kind:
    | 'busy'
    | 'conflict'
    | 'away'
    | 'no-answer'
    | 'gone'
    | 'forbidden'
    | 'invalid'
    | 'quota'
    | 'key'
    | 'credentials'
    | 'other';
  /** Whether a write may have taken effect all the same. */
  effect: 'none' | 'unknown';
  /** Giving access again would fail again: a grant fails. Taking it away is tried again for ever all the same. */
  permanent: boolean;
  /** For the person whose access this is about: one plain sentence. */
  words: string;
  /** What AWS said. */
  text: string;
}

const FIRST_PAUSE_MS = 500;
/** Between two tries to take access away, and to give it. */
export const LONGEST_PAUSE_MS = 120_000;

/** An AWS that refuses because it is busy is there, and what waits for it may be overdue: it is not left alone for long. */
const LONGEST_PAUSE_WHILE_BUSY_MS = 10_000;

/**
 * Milliseconds to wait after so many failures in a row, the last of this kind: doubling, at most two minutes, ten
 * seconds where AWS was only busy; spread by half around.
 */
export function backOff(failures: number, random: number, kind?: Problem['kind']): number {
  const longest = kind === 'busy' || kind === 'conflict' ? LONGEST_PAUSE_WHILE_BUSY_MS : LONGEST_PAUSE_MS;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16), longest);
  return Math.min(pause * (0.5 + random), longest);
}
