import { type Learned, learn } from './learn.ts';
import { type Circumstances, type Purpose, plan, type Step } from './plan.ts';
import { obligation, settle } from './settle.ts';
import { EFFECT_WINDOW, type Operation, type OperationKind, plus, type Tuple } from './tuple.ts';

/** What the holder of the lease knows and the rows do not; a crash loses it, and nothing else. */
export interface Memory {
  /** A token of the budget is in hand for the next write. */
  reserved: boolean;
  polledAt: Date | null;
}

export const NOTHING: Memory = { reserved: false, polledAt: null };

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
  given: { now: Date; newId: string; random: number; outstandingCreates: number },
): Turn {
  const { now } = given;
  const informed = learned.reduce((tuple, each) => learn(tuple, each, now, given.random), before);
  // What AWS refused had no effect: its row is written once more, and it counts no longer.
  const refused = informed.operations.filter(({ outcome }) => outcome === 'refused');
  const counting = informed.operations.filter(({ outcome }) => outcome !== 'refused');
  const settled = settle({ ...informed, operations: counting }, now);
  const known = learned.reduce((known, each) => remember(known, each, now), memory);
  const circumstances: Circumstances = { outstandingCreates: given.outstandingCreates, polledAt: known.polledAt };
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
  const operation = intent(step.kind, given.newId, now);
  const owned: Tuple = {
    ...written,
    ownership: 'ours',
    absentSeenAt: written.absentSeenAt ?? written.observedAt,
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

function remember(memory: Memory, learned: Learned, now: Date): Memory {
  if (learned.kind === 'reserved') return { ...memory, reserved: true };
  if (learned.kind === 'polled' || learned.kind === 'poll-failed') return { ...memory, polledAt: now };
  return memory;
}
