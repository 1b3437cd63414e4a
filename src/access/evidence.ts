import { LIST_LAG, MINUTE, type Operation, SECOND, since, type Tuple } from './tuple.ts';

/** How long a list may contradict what AWS said of an operation before we believe the list. */
const LIST_PATIENCE = MINUTE;

/** Whether the assignment is there, as far as it is proved; 'unproven' where only another look or a write can tell. */
export type Evidence = 'present' | 'absent' | 'unproven';

/**
 * What the last look proves, given what we asked of AWS before it. A list may lag (AWS promises no
 * read-after-write), so a look counts only if it was made after the last operation was over, and one that
 * contradicts it only once no lag explains it.
 */
export function evidence(tuple: Tuple): Evidence {
  const { observed, observedAt: seenAt, operations } = tuple;
  if (observed === 'unknown' || seenAt === null) return 'unproven';
  const [last] = operations;
  if (tuple.ownership !== 'ours' || last === undefined) return observed;
  const { outcome, finishedAt } = last;
  if (finishedAt === null) return 'unproven';
  const seen = (after: number) => since(finishedAt, seenAt) >= after;
  const unchanged = last.kind === 'create' ? 'absent' : 'present';
  if (outcome === 'succeeded') return seen(observed === unchanged ? LIST_PATIENCE : 0) ? observed : 'unproven';
  if (outcome === 'failed') return seen(observed === unchanged ? 0 : LIST_LAG) ? observed : 'unproven';
  return since(last.intendedAt, seenAt) >= LIST_LAG ? observed : 'unproven';
}

/** When to look next while waiting for a list to show what was done: quickly at first, then every few seconds. */
export function nextLook(tuple: Tuple, operation: Operation): Date {
  const from = operation.finishedAt ?? operation.intendedAt;
  if (tuple.observedAt === null || tuple.observedAt < from) return from;
  const pause = Math.min(Math.max(since(from, tuple.observedAt) / 2, SECOND / 2), 10 * SECOND);
  return new Date(tuple.observedAt.getTime() + pause);
}

/**
 * When to look again although nothing is left to do: a little after the last operation, and until everything
 * whose outcome is unknown can no longer take effect. Null: nothing can change any more.
 */
export function nextWatch(tuple: Tuple): Date | null {
  const { observedAt, operations } = tuple;
  if (observedAt === null) return null;
  const seen = observedAt.getTime();
  const [last] = operations;
  const settledAt = last?.finishedAt ? last.finishedAt.getTime() + LIST_LAG : 0;
  const lingering = operations
    .filter(({ outcome, effectiveUntil }) => outcome === 'unknown' && effectiveUntil.getTime() > seen)
    .map(({ effectiveUntil }) => Math.min(effectiveUntil.getTime(), seen + MINUTE));
  const due = [...(settledAt > seen ? [settledAt] : []), ...lingering];
  return due.length === 0 ? null : new Date(Math.min(...due));
}
