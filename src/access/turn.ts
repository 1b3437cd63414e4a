import { type Learned, learn } from './learn.ts';
import { type Circumstances, type Purpose, plan, type Step, type Surroundings } from './plan.ts';
import { obligation, settle } from './settle.ts';
import { EFFECT_WINDOW, LIST_LAG, type Operation, type OperationKind, plus, since, type Tuple } from './tuple.ts';

/** What the holder of the lease knows and the rows do not; a crash loses it, and nothing else. */
export interface Memory {
  /** A token of the budget is in hand for the next write. */
  reserved: boolean;
  polledAt: Date | null;
  /** When the operation in progress was found to be over, without being told how it ended. */
  overAt: Date | null;
  /** When a look or a poll for which nothing waited last failed. */
  watchFailedAt: Date | null;
  /** A delete failed, and nobody asked yet whether the account is still there. */
  targetUnasked: boolean;
}

export const NOTHING: Memory = {
  reserved: false,
  polledAt: null,
  overAt: null,
  watchFailedAt: null,
  targetUnasked: false,
};

/** What the holder of the lease does next. A create or delete comes with the operation whose intent was just written. */
export type Action =
  | Exclude<Step, { kind: 'create' | 'delete' }>
  | { kind: 'reserve'; purpose: Purpose }
  | { kind: 'ask'; operation: Operation };

export interface Turn {
  /** To be written before the action is taken. */
  tuple: Tuple;
  memory: Memory;
  action: Action;
}

/**
 * One turn of the engine: take in what the last actions showed, draw what follows, and name the next action.
 * Pure, so that its every path can be tried against a simulated AWS; `converge.ts` runs it in a transaction.
 */
export function takeTurn(
  before: Tuple,
  memory: Memory,
  learned: Learned[],
  given: Surroundings & { now: Date; newId: string; random: number },
): Turn {
  const { now, newId, random, ...surroundings } = given;
  const known = learned.reduce((known, each) => remember(known, each, before, now), memory);
  const informed = confirmed(
    learned.reduce((tuple, each) => learn(tuple, each, now, random), before),
    known.overAt,
  );
  // What AWS refused had no effect: its row is written once more, and it counts no longer.
  const refused = informed.operations.filter(({ outcome }) => outcome === 'refused');
  const counting = informed.operations.filter(({ outcome }) => outcome !== 'refused');
  const settled = settle({ ...informed, operations: counting }, now, surroundings.mayGive);
  const circumstances: Circumstances = { ...surroundings, ...known };
  const step = plan(settled, now, circumstances);
  const written: Tuple = { ...settled, operations: [...settled.operations, ...refused] };

  if (step.kind !== 'create' && step.kind !== 'delete') {
    const nextAt = step.kind === 'rest' ? step.until : written.nextAt;
    return { tuple: { ...written, nextAt }, memory: known, action: step };
  }
  // The token comes before the intent: what was decided before waiting for it may no longer hold.
  if (!known.reserved) {
    const purpose = step.kind === 'create' ? 'give' : 'take';
    return { tuple: written, memory: known, action: { kind: 'reserve', purpose } };
  }
  const operation = intent(step.kind, newId, now);
  const owned: Tuple = {
    ...written,
    ownership: 'ours',
    absentSeenAt: written.absentSeenAt ?? (step.kind === 'create' ? written.observedAt : null),
    rereadFrom: null,
    operations: [operation, ...written.operations],
  };
  return {
    tuple: { ...owned, mustBeGoneBy: obligation(owned) },
    memory: NOTHING,
    action: { kind: 'ask', operation },
  };
}

function intent(kind: OperationKind, id: string, now: Date): Operation {
  return {
    id,
    kind,
    intendedAt: now,
    effectiveUntil: plus(now, EFFECT_WINDOW),
    outcome: 'intended',
    awsRequestId: null,
    reason: null,
    askedAt: null,
    finishedAt: null,
  };
}

function remember(memory: Memory, learned: Learned, tuple: Tuple, now: Date): Memory {
  const targetUnasked = memory.targetUnasked || deleteFailed(learned, tuple);
  switch (learned.kind) {
    case 'reserved':
      return { ...memory, reserved: true };
    case 'look-failed':
      return learned.purpose === 'watch' ? { ...memory, watchFailedAt: now } : memory;
    case 'poll-failed':
      return { ...memory, polledAt: now, ...(learned.purpose === 'watch' ? { watchFailedAt: now } : {}) };
    case 'polled':
      return { ...memory, targetUnasked, polledAt: now, overAt: learned.status === 'OVER' ? now : null };
    case 'target':
      return { ...memory, targetUnasked: false };
    default:
      return { ...memory, targetUnasked };
  }
}

/** AWS said no to a delete, for a reason that may be the account's. */
function deleteFailed(learned: Learned, { operations }: Tuple): boolean {
  if (learned.kind !== 'polled' && learned.kind !== 'asked' && learned.kind !== 'ask-failed') return false;
  const kind = operations.find(({ id }) => id === learned.operationId)?.kind;
  if (kind !== 'delete') return false;
  return learned.kind === 'ask-failed' ? learned.problem.permanent : learned.status === 'FAILED';
}

/** What is over and did what was asked of it, as a look after that shows, succeeded. */
function confirmed(tuple: Tuple, overAt: Date | null): Tuple {
  const running = tuple.operations.find(({ outcome }) => outcome === 'in_progress');
  if (!running || overAt === null || tuple.observedAt === null || tuple.observedAt < overAt) return tuple;
  const { observedAt } = tuple;
  // A list that lags may show what was before an earlier write of the other kind; then AWS is asked.
  const lagging = tuple.operations.some(({ kind, finishedAt }) => {
    return kind !== running.kind && finishedAt !== null && since(finishedAt, observedAt) < LIST_LAG;
  });
  if (lagging) return tuple;
  const expected = running.kind === 'create' ? 'present' : 'absent';
  if (tuple.observed !== expected) return tuple;
  return learn(tuple, { kind: 'polled', operationId: running.id, status: 'SUCCEEDED', reason: null }, overAt, 0);
}
