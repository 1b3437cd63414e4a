import { earliest, LIST_LAG, latest, MINUTE, type Operation, plus, SECOND, since, type Tuple } from './tuple.ts';
import { WAYS } from './ways.ts';

/** How long a list may contradict what AWS said of an operation before we believe the list. */
const LIST_PATIENCE = MINUTE;
/** So long after nothing can take effect any more, absence is read again: nothing that we assume of AWS is promised by it. */
const REREADS = [10 * MINUTE, 60 * MINUTE];
/** So long before the end of its window, the operation that AWS was last heard to be working on is asked after again. */
const ASK_BEFORE_END = 2 * MINUTE;

/** Whether the assignment is there, as far as it is proved; 'unproven' where only another look or a write can tell. */
export type Evidence = 'present' | 'absent' | 'unproven';

/**
 * What the last look proves, given what we asked of AWS before it. A list may lag (AWS promises no
 * read-after-write), so a look counts only if it was made after the last operation was over, and one that
 * contradicts it only once no lag explains it.
 */
export function evidence(tuple: Tuple): Evidence {
  const { observed, observedAt: seenAt, goneSince } = tuple;
  if (observed === 'unknown' || seenAt === null) return 'unproven';
  // Told twice over, so that no hiccup of AWS is taken for the end of an account.
  if (goneSince !== null && observed === 'absent' && since(goneSince, seenAt) >= LIST_LAG) return 'absent';
  const last = lastOperation(tuple);
  if (tuple.ownership !== 'ours') return observed;
  if (last === undefined) return goneSince === null ? observed : 'unproven';
  const { outcome, finishedAt } = last;
  if (finishedAt === null) return 'unproven';
  const seen = (after: number) => since(finishedAt, seenAt) >= after;
  const unchanged = last.kind === 'create' ? 'absent' : 'present';
  if (outcome === 'succeeded') return seen(observed === unchanged ? LIST_PATIENCE : 0) ? observed : 'unproven';
  if (outcome === 'failed') return seen(observed === unchanged ? 0 : LIST_LAG) ? observed : 'unproven';
  return since(last.intendedAt, seenAt) >= LIST_LAG ? observed : 'unproven';
}

/** The operation that came to its end last, as far as we heard; one that has not, first of all. */
export function lastOperation({ operations }: Tuple): Operation | undefined {
  const end = ({ finishedAt }: Operation) => finishedAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return operations.reduce<Operation | undefined>(
    (last, each) => (last === undefined || end(each) > end(last) ? each : last),
    undefined,
  );
}

/** It may take effect yet, whatever we heard of it: AWS has been seen to carry out what it had called FAILED. */
function doubtful({ outcome, awsRequestId }: Operation): boolean {
  return outcome === 'unknown' || (outcome === 'failed' && awsRequestId !== null);
}

/** What a look must be later than to show for certain whether it took effect. */
function conclusive({ effectiveUntil }: Operation): Date {
  return plus(effectiveUntil, LIST_LAG);
}

/** AWS said that it was working on it when we stopped to wait for it, and has not said since how it ended. */
function left({ outcome, awsRequestId, reason }: Operation): boolean {
  return outcome === 'unknown' && awsRequestId !== null && reason !== WAYS.lost.words;
}

/** The operation left in progress that is the next to be asked after; AWS may work on it far beyond any window. */
export function leftInProgress({ operations }: Tuple): Operation | undefined {
  return operations.filter(left).sort((one, other) => since(other.effectiveUntil, one.effectiveUntil))[0];
}

/** While AWS works on it, its window is prolonged; so it is asked after a little before that ends. */
export function askAgainAt({ effectiveUntil }: Operation): Date {
  return plus(effectiveUntil, -ASK_BEFORE_END);
}

/**
 * Deletes of ours that may take the assignment away although it was seen after them: AWS may carry them out yet, or
 * has only now said that it did.
 */
export function lateDeletes(tuple: Tuple): Operation[] {
  const { operations, presentAt } = tuple;
  const last = lastOperation(tuple);
  return operations.filter((each) => {
    if (each.kind !== 'delete') return false;
    const { outcome, finishedAt } = each;
    if (outcome !== 'succeeded')
      return doubtful(each) && (left(each) || presentAt === null || presentAt < conclusive(each));
    return each === last && finishedAt !== null && (presentAt === null || presentAt < plus(finishedAt, LIST_LAG));
  });
}

/** When to look next while waiting for a list to show what was done: quickly at first, then every few seconds. */
export function nextLook(tuple: Tuple, operation: Operation): Date {
  const from = operation.finishedAt ?? operation.intendedAt;
  if (tuple.observedAt === null || tuple.observedAt < from) return from;
  const pause = Math.min(Math.max(since(from, tuple.observedAt) / 2, SECOND / 2), 10 * SECOND);
  return plus(tuple.observedAt, pause);
}

/** When to look whether a late delete of ours has taken what is wanted. */
export function nextLookForLoss(tuple: Tuple): Date | null {
  const { observedAt } = tuple;
  if (observedAt === null) return null;
  const ends = lateDeletes(tuple).map(conclusive);
  return ends.length === 0 ? null : earliest([...ends.filter((at) => at > observedAt), plus(observedAt, MINUTE)]);
}

/**
 * When to look again at what is ours although nothing is left to do: a little after the last operation; each minute
 * while a create may still take effect, and twice more after that, or after AWS no longer knew the account. Null: nothing of ours can change it any more.
 */
export function nextWatch(tuple: Tuple): Date | null {
  const { observedAt: seen, operations, goneSince } = tuple;
  if (seen === null) return null;
  const last = lastOperation(tuple);
  const open = operations.filter((each) => doubtful(each) && seen < conclusive(each));
  // Where AWS does not know the account, a list that is read again so soon shows nothing new.
  const due = [
    ...(last?.finishedAt && goneSince === null ? [plus(last.finishedAt, LIST_LAG)] : []),
    ...open.map((each) =>
      each.kind === 'create' && goneSince === null
        ? earliest([conclusive(each), plus(seen, MINUTE)])
        : conclusive(each),
    ),
    ...(watchedAsOurs(tuple) ? rereads(latest([goneSince, ...operations.map(overAt)])) : []),
  ];
  return earliest(due.filter((at) => at !== null && at > seen));
}

/**
 * Whatever appears is ours to take away again: a create of ours is doubtful; or AWS did not know the account or the
 * permission set any more, which may be a hiccup, and what nobody was seen to take away is there again after it.
 */
export function watchedAsOurs({ operations, goneSince }: Tuple): boolean {
  if (goneSince !== null) return true;
  return operations.some((each) => each.kind === 'create' && doubtful(each));
}

/** When to look again at what is no longer ours and was gone for certain. Null: it was read twice. */
export function nextReread({ rereadFrom, observedAt }: Tuple): Date | null {
  if (observedAt === null) return null;
  return earliest(rereads(rereadFrom).filter((at) => at > observedAt));
}

function rereads(from: Date | null): Date[] {
  return from === null ? [] : REREADS.map((pause) => plus(from, pause));
}

function overAt(operation: Operation): Date | null {
  return doubtful(operation) ? latest([operation.effectiveUntil, operation.finishedAt]) : operation.finishedAt;
}
