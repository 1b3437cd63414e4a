import {
  askAgainAt,
  evidence,
  lastOperation,
  lateDeletes,
  leftInProgress,
  nextLook,
  nextLookForLoss,
  nextReread,
  nextWatch,
} from './evidence.ts';
import {
  asks,
  earliest,
  holds,
  latest,
  MINUTE,
  mayGoOn,
  type OpenGrant,
  type Operation,
  plus,
  RIGHTS_AGE,
  rightsVerified,
  SECOND,
  since,
  type Tuple,
} from './tuple.ts';

/** Whether a step serves giving access or taking it away; taking goes first where the budget is short. */
export type Purpose = 'give' | 'take';

/** What AWS is read for. 'watch': nothing waits for it, so it goes behind all that somebody does wait for. */
export type ReadPurpose = Purpose | 'watch';

export type Step =
  /**
   * ListAccountAssignments; with `rightsOf`, the rights of that grant are checked meanwhile, because a create is
   * what usually comes next.
   */
  | { kind: 'look'; purpose: ReadPurpose; rightsOf?: string }
  /** Whether the grant may still be given, read from Identity Center now. */
  | { kind: 'check-rights'; grantId: string; thenCreate: boolean }
  | { kind: 'create' }
  /** Whether the account still is in the organization: deletes that keep failing may have no other end. */
  | { kind: 'check-target' }
  | { kind: 'delete' }
  /** How far the operation in progress is; `alone`: by Describe…Status, which also tells the reason of a failure. */
  | { kind: 'poll'; operation: Operation; purpose: ReadPurpose; alone: boolean }
  /** Nothing to do before then; null: nothing to do. */
  | { kind: 'rest'; until: Date | null; purpose: ReadPurpose };

/** What the rows do not say. */
export interface Circumstances extends Surroundings {
  /** When the operation in progress was last asked for. */
  polledAt: Date | null;
  /** When it was found to be over, without being told how it ended. */
  overAt: Date | null;
  /** When a look or a poll for which nothing waited last failed. */
  watchFailedAt: Date | null;
  /** A delete failed, and nobody asked yet whether the account is still there. */
  targetUnasked: boolean;
}

/** What is going on around the tuple. */
export interface Surroundings {
  /** Creates that AWS is working on for us, in the whole organization. */
  outstandingCreates: number;
  /** Creates and deletes of other assignments that AWS is working on for us in the account. */
  writesInAccount: number;
  /** Access is given at all: nobody stopped it. */
  mayGive: boolean;
  /** What was seen before then is not believed when access is to be given; null: everything is. */
  looksTrustedFrom: Date | null;
}

/** AWS's limit on outstanding CreateAccountAssignment calls (IAM Identity Center quotas). */
export const MOST_OUTSTANDING_CREATES = 15;
/** How long a create waits for another write in its account before it looks again. */
const ACCOUNT_PAUSE = 2 * SECOND;
/** How old a look may be on which a first create rests. */
const LOOK_AGE = 30 * SECOND;
/** From so many failures in a row on, a failed delete raises the question whether the account is still there. */
const FAILURES_OF_A_TARGET = 3;

/**
 * The next step towards "access exists exactly while at least one grant is open", for a settled tuple.
 * It looks at what should be and at what is, never at what happened last.
 */
export function plan(tuple: Tuple, now: Date, circumstances: Circumstances): Step {
  const asking = tuple.grants.filter((grant) => mayGoOn(grant, circumstances.mayGive));
  const step = next(tuple, asking, now, circumstances);
  const heldUp = asking.length < tuple.grants.filter(asks).length;
  if (step.kind !== 'rest' || !heldUp) return step;
  // Whoever allows giving again wakes everyone who waits; the minute is for a wake that was lost.
  return { ...step, until: earliest([step.until, plus(now, MINUTE)]) };
}

function next(tuple: Tuple, asking: OpenGrant[], now: Date, circumstances: Circumstances): Step {
  const holding = tuple.grants.filter((grant) => holds(grant, now));
  const running = tuple.operations.find(({ outcome }) => outcome === 'in_progress');
  if (running) return poll(tuple, running, asking.length + holding.length > 0 ? 'give' : 'take', now, circumstances);

  const mayGive = tuple.giveAfter === null || now >= tuple.giveAfter;
  if (asking.length > 0 && mayGive) return give(tuple, asking, now, circumstances);
  if (holding.length > 0) return keep(tuple, holding, mayGive, now, circumstances);
  // What is given on rights that were verified waits for its confirmation; what is left from others is taken away.
  const onItsWay = asking.some((grant) => rightsVerified(grant, tuple, now));
  if (onItsWay) return rest(tuple, now);
  if (tuple.ownership === 'ours') return take(tuple, now, circumstances);
  // A look would take for standing what was given after the backup that was restored, and leave it there for ever.
  if (!circumstances.mayGive && tuple.grants.some(asks)) return { kind: 'rest', until: null, purpose: 'give' };
  return watch(tuple, nextReread(tuple), now, circumstances);
}

function poll(
  tuple: Tuple,
  operation: Operation,
  purpose: Purpose,
  now: Date,
  { polledAt, overAt }: Circumstances,
): Step {
  if (overAt !== null) {
    // Found over among many: the list shows whether it did what was asked; if not, AWS is asked why.
    const seen = tuple.observedAt !== null && tuple.observedAt >= overAt;
    return seen ? { kind: 'poll', operation, purpose, alone: true } : { kind: 'look', purpose };
  }
  const from = polledAt ?? operation.intendedAt;
  const pause = Math.min(Math.max(since(operation.intendedAt, from) / 2, 150), 5 * SECOND);
  const due = plus(from, pause);
  return now >= due ? { kind: 'poll', operation, purpose, alone: false } : { kind: 'rest', until: due, purpose };
}

function give(tuple: Tuple, asking: OpenGrant[], now: Date, circumstances: Circumstances): Step {
  const proof = evidence(tuple);
  const newest = latest(asking.map(({ opensAt }) => opensAt));
  const seenSinceOpen = tuple.observedAt !== null && newest !== null && tuple.observedAt >= newest;
  if (proof === 'present') {
    const unverified = asking.find((grant) => !rightsVerified(grant, tuple, now));
    if (!seenSinceOpen || !unverified) return { kind: 'look', purpose: 'give' };
    return { kind: 'check-rights', grantId: unverified.id, thenCreate: false };
  }
  if (tuple.ownership !== 'ours') {
    const fresh = tuple.observedAt !== null && since(tuple.observedAt, now) <= LOOK_AGE;
    if (!fresh || !seenSinceOpen) {
      const [first] = asking;
      return { kind: 'look', purpose: 'give', ...(first ? { rightsOf: first.id } : {}) };
    }
  }
  const last = lastOperation(tuple);
  // A create of ours that the list does not show yet: wait for it rather than ask again.
  if (last?.kind === 'create' && proof === 'unproven') return lookAt(nextLook(tuple, last), 'give', now);
  return create(tuple, asking, now, circumstances);
}

function create(tuple: Tuple, grants: OpenGrant[], now: Date, circumstances: Circumstances): Step {
  const { mayGive, looksTrustedFrom, outstandingCreates, writesInAccount } = circumstances;
  if (!mayGive) return { kind: 'rest', until: plus(now, MINUTE), purpose: 'give' };
  // That AWS did not know the account does not show that nothing stands there.
  if (tuple.goneSince !== null) return { kind: 'look', purpose: 'give' };
  const trusted = looksTrustedFrom === null || (tuple.observedAt !== null && tuple.observedAt >= looksTrustedFrom);
  if (!trusted) return { kind: 'look', purpose: 'give' };
  // Too long to be waited for in a place that others could use: one slow account holds up no other.
  if (writesInAccount > 0) return { kind: 'rest', until: plus(now, ACCOUNT_PAUSE), purpose: 'give' };
  const stale = grants.find(({ rightsCheckedAt: at }) => at === null || since(at, now) > RIGHTS_AGE);
  if (stale) return { kind: 'check-rights', grantId: stale.id, thenCreate: true };
  if (outstandingCreates < MOST_OUTSTANDING_CREATES) return { kind: 'create' };
  return { kind: 'rest', until: plus(now, SECOND / 2), purpose: 'give' };
}

/**
 * Access is there and wanted. Only a delete of ours that AWS carried out late can have taken it: then it is given
 * again. What somebody took away past us is not.
 */
function keep(tuple: Tuple, holding: OpenGrant[], mayGive: boolean, now: Date, circumstances: Circumstances): Step {
  const wanted = holding.filter(({ removedOutsideAt }) => !removedOutsideAt);
  if (tuple.ownership !== 'ours' || wanted.length === 0 || lateDeletes(tuple).length === 0) return rest(tuple, now);
  const proof = evidence(tuple);
  const last = lastOperation(tuple);
  if (proof === 'absent' && tuple.goneSince === null)
    return mayGive ? create(tuple, wanted, now, circumstances) : rest(tuple, now);
  const due = proof === 'unproven' && last ? nextLook(tuple, last) : nextLookForLoss(tuple);
  return watch(tuple, due, now, circumstances);
}

/** Nothing wants it and it is ours: it goes. */
function take(tuple: Tuple, now: Date, circumstances: Circumstances): Step {
  if (tuple.takeAfter !== null && now < tuple.takeAfter) {
    const inQuestion = circumstances.targetUnasked && tuple.failures >= FAILURES_OF_A_TARGET;
    return inQuestion ? { kind: 'check-target' } : rest(tuple, now, tuple.takeAfter);
  }
  const proof = evidence(tuple);
  const last = lastOperation(tuple);
  if (proof === 'absent') {
    // Somebody is to be told of the end, and nobody has looked since it was due.
    if (tuple.grants.some(({ status }) => status === 'ending')) return { kind: 'look', purpose: 'take' };
    return watch(tuple, nextWatch(tuple), now, circumstances);
  }
  const created = last?.kind === 'create' && last.outcome === 'succeeded';
  if (proof === 'present' || created || last === undefined) return { kind: 'delete' };
  return lookAt(nextLook(tuple, last), 'take', now);
}

/**
 * Nothing is left to do but to look at that time whether it stayed so, and to ask after what AWS was working on when
 * we stopped to wait for it.
 */
function watch(tuple: Tuple, look: Date | null, now: Date, { polledAt, watchFailedAt }: Circumstances): Step {
  const again = watchFailedAt === null ? null : plus(watchFailedAt, MINUTE);
  if (again !== null && now < again) return rest(tuple, now, again);
  const left = leftInProgress(tuple);
  const ask = left ? latest([askAgainAt(left), polledAt === null ? null : plus(polledAt, MINUTE)]) : null;
  if (left && ask !== null && now >= ask) return { kind: 'poll', operation: left, purpose: 'watch', alone: true };
  return look !== null && now >= look ? { kind: 'look', purpose: 'watch' } : rest(tuple, now, earliest([look, ask]));
}

function lookAt(due: Date, purpose: Purpose, now: Date): Step {
  return now >= due ? { kind: 'look', purpose } : { kind: 'rest', until: due, purpose };
}

/** Until the next moment at which something changes by itself, or `also` comes. */
function rest(tuple: Tuple, now: Date, also: Date | null = null): Step {
  const changes = tuple.grants.flatMap(
    ({ status, opensAt, closesAt, latestEnd, durationMinutes, endingSoonToldAt }) => {
      if (status === 'scheduled') return [opensAt];
      if (status === 'activating') return [latestEnd];
      if (status !== 'active' || closesAt === null) return [];
      const soon = durationMinutes > 20 && endingSoonToldAt === null ? plus(closesAt, -15 * MINUTE) : null;
      return [closesAt, soon];
    },
  );
  const waiting = tuple.giveAfter !== null && tuple.giveAfter > now ? tuple.giveAfter : null;
  const until = earliest([...changes, waiting, also]);
  return { kind: 'rest', until, purpose: purposeOf(tuple, now) };
}

/** What the next thing to do is for, as far as that can be said now. */
function purposeOf({ grants, takeAfter }: Tuple, now: Date): ReadPurpose {
  const closes = grants.some(({ status }) => status === 'active' || status === 'ending');
  if (closes || (takeAfter !== null && takeAfter >= now)) return 'take';
  return grants.length > 0 ? 'give' : 'watch';
}
