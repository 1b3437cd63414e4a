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

/** Milliseconds to wait after so many failures in a row: doubling, at most two minutes, spread by half around. */
export function backOff(failures: number, random: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16), LONGEST_PAUSE_MS);
  return Math.min(pause * (0.5 + random), LONGEST_PAUSE_MS);
}
