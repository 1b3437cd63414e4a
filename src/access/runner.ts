import { createFairTurns } from '../platform/fair-turns.ts';
import type { Purpose } from './plan.ts';

/**
 * How many assignments of a purpose one process looks after at the same time. Most of them wait: for AWS, or for a
 * token. So many that what is taken away keeps the budget busy while each waits for its status, and goes first.
 */
const LANES: Record<Purpose, number> = { give: 20, take: 96 };

export interface Runner {
  /**
   * Looks after the assignment as soon as its lane has room; once more if that is already under way. Each `owner` has
   * a turn before another has a second one.
   */
  wake(id: string, purpose: Purpose, owner?: string): void;
  /** It is under way in this process, or waits for its lane. */
  knows(id: string): boolean;
  /** Lets what is under way come to its next safe point, and returns when all have. */
  stop(): Promise<void>;
  signal: AbortSignal;
}

interface UnderWay {
  promise: Promise<void>;
  again: Purpose | null;
}

/**
 * Works on many assignments at once, in two lanes: giving access, however slow, never holds up taking it away.
 * What it holds is in memory only; a process that dies loses nothing that the watchdog does not find.
 */
export function createRunner(work: (id: string, signal: AbortSignal) => Promise<void>): Runner {
  const stopping = new AbortController();
  const waiting = { give: createFairTurns<string>(), take: createFairTurns<string>() };
  const owners = new Map<string, string>();
  const running: Record<Purpose, number> = { give: 0, take: 0 };
  const underWay = new Map<string, UnderWay>();

  function wake(id: string, purpose: Purpose, owner = id): void {
    if (stopping.signal.aborted) return;
    const current = underWay.get(id);
    // It may have looked at the rows for the last time just before they changed.
    if (current) current.again = purpose;
    else wait(id, purpose, owner);
    startNext(purpose);
  }

  function wait(id: string, purpose: Purpose, owner: string): void {
    const known = owners.get(id) ?? owner;
    // What now is to be taken away does not stand in the line of those who wait to be given something.
    if (purpose === 'take') waiting.give.drop(known, id);
    else if (owners.has(id)) return;
    owners.set(id, known);
    waiting[purpose].add(known, id);
  }

  function startNext(purpose: Purpose): void {
    while (running[purpose] < LANES[purpose] && !stopping.signal.aborted) {
      const id = waiting[purpose].next();
      if (id === undefined) return;
      const owner = owners.get(id) ?? id;
      waiting[purpose].take(owner, id);
      owners.delete(id);
      start(id, purpose, owner);
    }
  }

  function start(id: string, purpose: Purpose, owner: string): void {
    running[purpose] += 1;
    const entry: UnderWay = { promise: Promise.resolve(), again: null };
    underWay.set(id, entry);
    entry.promise = work(id, stopping.signal).finally(() => {
      running[purpose] -= 1;
      underWay.delete(id);
      if (entry.again !== null) wake(id, entry.again, owner);
      startNext(purpose);
    });
  }

  return {
    wake,
    knows: (id) => owners.has(id) || underWay.has(id),
    signal: stopping.signal,
    async stop() {
      stopping.abort();
      await Promise.all([...underWay.values()].map(({ promise }) => promise));
    },
  };
}
