import type { Faults } from './faults.ts';

/** The sandbox's idea of the time: what it writes into statuses, events and assertions. */
export interface Clock {
  now(): Date;
}

/** The machine's clock, off by whatever the `clockOffsetMs` fault says. */
export function sandboxClock(faults: Faults): Clock {
  return { now: () => new Date(Date.now() + faults.clockOffsetMs) };
}
