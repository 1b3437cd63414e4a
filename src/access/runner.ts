import { createFairTurns } from '../platform/fair-turns.ts';
import type { ReadPurpose } from './plan.ts';

/** How many assignments of a purpose one process looks after at the same time. Most of them wait for a token. */
const LANES: Record<ReadPurpose, number> = { give: 20, take: 96, watch: 8 };
/**
 * So many more may wait until AWS has taken away what it was asked to: all that ends is asked for first, and only then
 * is it confirmed.
 */
const MOST_ASKED = 1_000;

const URGENCY: Record<ReadPurpose, number> = { take: 0, give: 1, watch: 2 };

export interface Runner {
  /**
   * Looks after the assignment as soon as its lane has room; once more if that is already under way. Each `owner` has
   * a turn before another has a second one.
   */
  wake(id: string, purpose: ReadPurpose, owner?: string): void;
  /** It is under way in this process, or waits for its lane. */
  knows(id: string): boolean;
  /** Lets what is under way come to its next safe point, and returns when all have. */
  stop(): Promise<void>;
  signal: AbortSignal;
}

/** What one assignment is looked after in. */
export interface Shift {
  /** The lane that it stands in. */
  purpose: ReadPurpose;
  signal: AbortSignal;
  /** What is left is to see that AWS has taken the access away: what comes next may have its room in the lane. */
  asked(): void;
}

interface UnderWay {
  promise: Promise<void>;
  again: ReadPurpose | null;
}

/**
 * Works on many assignments at once, in three lanes: giving access, however slow, never holds up taking it away, and
 * neither waits for looks at what is settled.
 * What it holds is in memory only; a process that dies loses nothing that the watchdog does not find.
 */
export function createRunner(work: (id: string, shift: Shift) => Promise<void>): Runner {
  const stopping = new AbortController();
  const waiting = {
    give: createFairTurns<string>(),
    take: createFairTurns<string>(),
    watch: createFairTurns<string>(),
  };
  /** In which line each waits. */
  const lines = new Map<string, { purpose: ReadPurpose; owner: string }>();
  const running: Record<ReadPurpose, number> = { give: 0, take: 0, watch: 0 };
  let waitingForAws = 0;
  const underWay = new Map<string, UnderWay>();

  function wake(id: string, purpose: ReadPurpose, owner = id): void {
    if (stopping.signal.aborted) return;
    const current = underWay.get(id);
    // It may have looked at the rows for the last time just before they changed.
    if (current) current.again = purpose;
    else wait(id, purpose, owner);
    startNext(purpose);
  }

  function wait(id: string, purpose: ReadPurpose, owner: string): void {
    const before = lines.get(id);
    // What is more urgent by now does not stand in the line of what is less so.
    if (before && URGENCY[before.purpose] <= URGENCY[purpose]) return;
    if (before) waiting[before.purpose].drop(before.owner, id);
    lines.set(id, { purpose, owner });
    waiting[purpose].add(owner, id);
  }

  function startNext(purpose: ReadPurpose): void {
    while (running[purpose] < LANES[purpose] && !stopping.signal.aborted) {
      const id = waiting[purpose].next();
      if (id === undefined) return;
      const owner = lines.get(id)?.owner ?? id;
      waiting[purpose].take(owner, id);
      lines.delete(id);
      start(id, purpose, owner);
    }
  }

  function start(id: string, purpose: ReadPurpose, owner: string): void {
    running[purpose] += 1;
    let inLane = true;
    const asked = () => {
      if (!inLane || waitingForAws >= MOST_ASKED) return;
      inLane = false;
      waitingForAws += 1;
      running[purpose] -= 1;
      startNext(purpose);
    };
    const entry: UnderWay = { promise: Promise.resolve(), again: null };
    underWay.set(id, entry);
    entry.promise = work(id, { purpose, signal: stopping.signal, asked }).finally(() => {
      if (inLane) running[purpose] -= 1;
      else waitingForAws -= 1;
      underWay.delete(id);
      if (entry.again !== null) wake(id, entry.again, owner);
      startNext(purpose);
    });
  }

  return {
    wake,
    knows: (id) => lines.has(id) || underWay.has(id),
    signal: stopping.signal,
    async stop() {
      stopping.abort();
      await Promise.all([...underWay.values()].map(({ promise }) => promise));
    },
  };
}
