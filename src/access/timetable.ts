import type { ReadPurpose } from './plan.ts';

/** So far ahead a process knows what falls due, in milliseconds. Longer than it takes until it looks again. */
export const HORIZON_MS = 3_000;

/** An assignment that is to be looked after. */
export interface Call {
  id: string;
  purpose: ReadPurpose;
  /** Who must not make others wait: the person whom the assignment is for. */
  owner: string;
}

/** Wakes assignments just when they fall due. It is in memory only: jobs and the watchdog find what it forgets. */
export interface Timetable {
  /** In so many milliseconds; what lies beyond the horizon is left to whoever looks then. */
  set(call: Call, inMs: number): void;
  clear(): void;
}

export function createTimetable(wake: (call: Call) => void): Timetable {
  const timers = new Map<string, { timer: NodeJS.Timeout; at: number }>();
  return {
    set(call, inMs) {
      if (inMs > HORIZON_MS) return;
      const at = performance.now() + inMs;
      const set = timers.get(call.id);
      // Whoever is woken sets the next time by itself.
      if (set && set.at <= at) return;
      clearTimeout(set?.timer);
      const timer = setTimeout(
        () => {
          timers.delete(call.id);
          wake(call);
        },
        Math.max(0, inMs),
      ).unref();
      timers.set(call.id, { timer, at });
    },
    clear() {
      for (const { timer } of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
