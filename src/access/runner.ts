import type { Purpose } from './plan.ts';

/** How many assignments of a purpose one process looks after at the same time. */
const LANES: Record<Purpose, number> = { give: 16, take: 32 };

export interface Runner {
  /** Looks after the assignment as soon as its lane has room; once more if that is already under way. */
  wake(id: string, purpose: Purpose): void;
  /** Lets what is under way come to its next safe point, and returns when all have. */
  stop(): Promise<void>;
  signal: AbortSignal;
}

/**
 * Works on many assignments at once, in two lanes: giving access, however slow, never holds up taking it away.
 * What it holds is in memory only; a process that dies loses nothing that the watchdog does not find.
 */
export function createRunner(work: (id: string, signal: AbortSignal) => Promise<void>): Runner {
  const stopping = new AbortController();
  const waiting: Record<Purpose, Set<string>> = { give: new Set(), take: new Set() };
  const running: Record<Purpose, number> = { give: 0, take: 0 };
  const underWay = new Map<string, { promise: Promise<void>; again: Purpose | null }>();

  function wake(id: string, purpose: Purpose): void {
    if (stopping.signal.aborted) return;
    const current = underWay.get(id);
    // It may have looked at the rows for the last time just before they changed.
    if (current) current.again = purpose;
    else waiting[purpose].add(id);
    startNext(purpose);
  }

  function startNext(purpose: Purpose): void {
    for (const id of waiting[purpose]) {
      if (running[purpose] >= LANES[purpose] || stopping.signal.aborted) return;
      waiting[purpose].delete(id);
      if (!underWay.has(id)) start(id, purpose);
    }
  }

  function start(id: string, purpose: Purpose): void {
    running[purpose] += 1;
    const entry: { promise: Promise<void>; again: Purpose | null } = { promise: Promise.resolve(), again: null };
    underWay.set(id, entry);
    entry.promise = work(id, stopping.signal).finally(() => {
      running[purpose] -= 1;
      underWay.delete(id);
      if (entry.again !== null) wake(id, entry.again);
      startNext(purpose);
    });
  }

  return {
    wake,
    signal: stopping.signal,
    async stop() {
      stopping.abort();
      await Promise.all([...underWay.values()].map(({ promise }) => promise));
    },
  };
}
