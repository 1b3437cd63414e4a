import { failAsking, rights } from './fail-grants.ts';
import type { Purpose, ReadPurpose } from './plan.ts';
import { backOff, LONGEST_PAUSE_MS, type Problem } from './problem.ts';
import { EFFECT_WINDOW, LIST_LAG, latest, type Operation, plus, since, type Tuple } from './tuple.ts';
import { WAYS } from './ways.ts';

/** How AWS Organizations has an account; suspended: it exists, and is suspended or closed. */
export type TargetState = 'there' | 'suspended' | 'gone';

export type WriteStatus = 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';

/** 'LOST': AWS no longer (or not yet) knows the request. 'OVER': it is no longer in progress; how it ended was not told. */
export type PolledStatus = WriteStatus | 'LOST' | 'OVER';

/** What came of a step. `at` is the database's time before it was taken: what it shows may be as old as that. */
export type Learned =
  /** `gone`: AWS no longer knows the account or the permission set, so that nothing can be there or come. */
  | { kind: 'looked'; at: Date; present: boolean; gone: boolean }
  | { kind: 'look-failed'; purpose: ReadPurpose; problem: Problem }
  | { kind: 'asked'; operationId: string; status: WriteStatus; awsRequestId: string | null; reason: string | null }
  | { kind: 'ask-failed'; operationId: string; problem: Problem }
  | { kind: 'polled'; operationId: string; status: PolledStatus; reason: string | null }
  | { kind: 'poll-failed'; purpose: ReadPurpose; problem: Problem }
  | { kind: 'rights'; at: Date; grantId: string; verdict: { allowed: true } | { allowed: false; reason: string } }
  | { kind: 'rights-unavailable'; text: string }
  /** How AWS Organizations has the account; 'unknown': it could not be asked. */
  | { kind: 'target'; at: Date; state: TargetState | 'unknown' }
  | { kind: 'reserved' }
  /** The budget had no token in time; nothing was asked. */
  | { kind: 'not-reserved' };

export const NO_REASON = 'AWS gave no reason.';

/** Takes what came of a step into the tuple. `random` in [0, 1) spreads the back-off. */
export function learn(tuple: Tuple, learned: Learned, now: Date, random: number): Tuple {
  switch (learned.kind) {
    case 'looked':
      return learned.gone
        ? gone(tuple, learned.at, learned.at, now)
        : { ...looked(tuple, learned.at, learned.present), goneSince: null };
    case 'look-failed':
      return learned.purpose === 'watch' ? tuple : lookFailed(tuple, learned.purpose, learned.problem, now, random);
    case 'target':
      return target(tuple, learned.state, learned.at, now);
    case 'asked':
      return heard(tuple, learned.operationId, { ...learned, askedAt: now }, now, random);
    case 'ask-failed':
      return askFailed(tuple, learned.operationId, learned.problem, now, random);
    case 'polled':
      return polled(tuple, learned.operationId, learned.status, learned.reason, now, random);
    case 'poll-failed':
      return learned.purpose === 'watch' ? tuple : { ...tuple, lastError: learned.problem.text };
    case 'rights':
      return rights(tuple, learned.grantId, learned.at, learned.verdict, now);
    case 'rights-unavailable':
      return failedOnce(tuple, 'give', learned.text, now, random);
    case 'reserved':
    case 'not-reserved':
      return tuple;
  }
}

function looked(tuple: Tuple, at: Date, present: boolean): Tuple {
  const seen: Tuple = {
    ...tuple,
    observed: present ? 'present' : 'absent',
    observedAt: at,
    absentSince: present ? null : (tuple.absentSince ?? at),
    presentAt: present ? at : tuple.presentAt,
  };
  // What is there before any intent of ours is not ours, and never becomes it while it is there.
  if (tuple.ownership === 'unknown' && present) return { ...seen, ownership: 'preexisting' };
  if (tuple.ownership === 'preexisting' && !present) return { ...seen, ownership: 'unknown' };
  return seen;
}

/** AWS no longer knows where it would be. */
function gone(tuple: Tuple, at: Date, from: Date, now: Date): Tuple {
  const seen = { ...looked(tuple, at, false), goneSince: tuple.goneSince ?? from };
  return failAsking(seen, WAYS['account-gone'].words, 'it does not know them.', now);
}

function target(tuple: Tuple, state: TargetState | 'unknown', at: Date, now: Date): Tuple {
  // Organizations was asked for certain: no second look is needed.
  if (state === 'gone') return gone(tuple, at, plus(at, -LIST_LAG), now);
  if (state !== 'suspended') return tuple;
  const lastError = `${WAYS.suspended.words} AWS says: ${tuple.lastError}`;
  return { ...tuple, lastError, takeAfter: latest([tuple.takeAfter, plus(now, LONGEST_PAUSE_MS)]) };
}

function lookFailed(tuple: Tuple, purpose: Purpose, problem: Problem, now: Date, random: number): Tuple {
  const failed = failedOnce(tuple, purpose, problem.text, now, random, problem.kind);
  if (purpose === 'give' && problem.permanent) return failAsking(failed, problem.words, problem.text, now);
  return forbidden(failed, purpose, problem, now);
}

function askFailed(tuple: Tuple, operationId: string, problem: Problem, now: Date, random: number): Tuple {
  const operation = tuple.operations.find(({ id }) => id === operationId);
  if (!operation) return tuple;
  const purpose: Purpose = operation.kind === 'create' ? 'give' : 'take';
  // A delete of what AWS does not know is not believed at once: the create before it may not have arrived everywhere.
  const refusal = operation.kind === 'delete' && problem.kind === 'gone' ? 'failed' : 'refused';
  const outcome = problem.effect === 'unknown' ? 'unknown' : refusal;
  const over = change(tuple, operationId, { outcome, reason: problem.text, askedAt: now, finishedAt: now });
  const failed = failedOnce(over, purpose, problem.text, now, random, problem.kind);
  if (purpose === 'give' && problem.permanent) return failAsking(failed, problem.words, problem.text, now, operation);
  return forbidden(failed, purpose, problem, now);
}

function polled(
  tuple: Tuple,
  operationId: string,
  status: PolledStatus,
  reason: string | null,
  now: Date,
  random: number,
): Tuple {
  const operation = tuple.operations.find(({ id }) => id === operationId);
  if (!operation || status === 'OVER') return tuple;
  if (status !== 'LOST') return heard(tuple, operationId, { status, reason }, now, random);
  if (operation.outcome !== 'in_progress') return change(tuple, operationId, { reason: WAYS.lost.words });
  // Right after the call the request may not be known everywhere yet; later, only the list can tell.
  if (since(operation.intendedAt, now) < LIST_LAG) return tuple;
  return change(tuple, operationId, { outcome: 'unknown', reason: WAYS.lost.words, finishedAt: now });
}

function heard(
  tuple: Tuple,
  operationId: string,
  news: { status: WriteStatus; reason: string | null; awsRequestId?: string | null; askedAt?: Date },
  now: Date,
  random: number,
): Tuple {
  const operation = tuple.operations.find(({ id }) => id === operationId);
  if (!operation) return tuple;
  const { status, reason } = news;
  const asked = {
    ...(news.awsRequestId === undefined ? {} : { awsRequestId: news.awsRequestId }),
    ...(news.askedAt === undefined ? {} : { askedAt: news.askedAt }),
  };
  if (operation.outcome === 'unknown') return change(tuple, operationId, late(status, reason, now));
  if (status === 'IN_PROGRESS') return change(tuple, operationId, { ...asked, outcome: 'in_progress' });
  if (status === 'SUCCEEDED') {
    const done = change(tuple, operationId, { ...asked, outcome: 'succeeded', finishedAt: now });
    return { ...done, failures: 0, lastError: null, giveAfter: null, takeAfter: null, cannotRevokeSince: null };
  }
  const text = reason ?? NO_REASON;
  const over = change(tuple, operationId, { ...asked, outcome: 'failed', reason: text, finishedAt: now });
  if (operation.kind === 'delete') return failedOnce(over, 'take', text, now, random);
  return failAsking({ ...over, lastError: text }, WAYS.failed.words, text, now, operation);
}

/** News of what was given up long ago: how the grants of now fare does not follow from it. */
function late(status: WriteStatus, reason: string | null, now: Date): Partial<Operation> {
  // While AWS works on it, it may take effect.
  if (status === 'IN_PROGRESS') return { effectiveUntil: plus(now, EFFECT_WINDOW) };
  if (status === 'SUCCEEDED') return { outcome: 'succeeded', finishedAt: now };
  return { outcome: 'failed', reason: reason ?? NO_REASON, finishedAt: now };
}

function forbidden(tuple: Tuple, purpose: Purpose, problem: Problem, now: Date): Tuple {
  if (purpose !== 'take' || problem.kind !== 'forbidden') return tuple;
  return { ...tuple, cannotRevokeSince: tuple.cannotRevokeSince ?? now, cannotRevokeReason: problem.text };
}

function failedOnce(
  tuple: Tuple,
  purpose: Purpose,
  text: string,
  now: Date,
  random: number,
  kind?: Problem['kind'],
): Tuple {
  const failures = tuple.failures + 1;
  const after = plus(now, backOff(failures, random, kind));
  return { ...tuple, failures, lastError: text, [purpose === 'give' ? 'giveAfter' : 'takeAfter']: after };
}

function change(tuple: Tuple, operationId: string, to: Partial<Operation>): Tuple {
  const operations = tuple.operations.map((each) => (each.id === operationId ? { ...each, ...to } : each));
  return { ...tuple, operations };
}
