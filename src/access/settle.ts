import { evidence, leftInProgress, nextReread, nextWatch, watchedAsOurs } from './evidence.ts';
import {
  ENDING_SOON,
  holds,
  latest,
  MINUTE,
  mayGoOn,
  type OpenGrant,
  type Operation,
  plus,
  rightsVerified,
  since,
  type Tuple,
} from './tuple.ts';

/** How long AWS may leave an operation in progress before we go by the list. */
const PATIENCE = 5 * MINUTE;
const ENDING_SOON_FROM_MINUTES = 20;
const VANISHED = 'The assignment was gone from AWS before Latchkey could take it over.';

/** Everything that follows from what is known and from the time, without asking AWS. Settling twice changes nothing more. */
export function settle(before: Tuple, now: Date, mayGive: boolean): Tuple {
  let tuple: Tuple = { ...before, grants: before.grants.map((grant) => byTime(grant, now)) };
  tuple = { ...tuple, operations: tuple.operations.map((operation) => givenUp(operation, now)) };
  tuple = { ...tuple, grants: tuple.grants.map((grant) => activated(grant, tuple, now, mayGive)) };
  tuple = letGo(tuple);
  tuple = { ...tuple, grants: tuple.grants.map((grant) => finished(grant, tuple, now)) };
  tuple = readAgain(released(tuple, now));
  tuple = { ...tuple, grants: tuple.grants.map(announced) };
  return { ...tuple, mustBeGoneBy: obligation(tuple) };
}

function byTime(grant: OpenGrant, now: Date): OpenGrant {
  const { status, opensAt, closesAt, latestEnd } = grant;
  if (status === 'scheduled' || status === 'activating') {
    if (now >= latestEnd) {
      return { ...grant, status: 'failed', failure: 'The window was over before AWS could give the access.' };
    }
    return status === 'scheduled' && now >= opensAt ? { ...grant, status: 'activating' } : grant;
  }
  if (status !== 'active' || closesAt === null) return grant;
  if (now >= closesAt) return { ...grant, status: 'ending', endCause: 'time', endDueAt: closesAt };
  const soon = grant.durationMinutes > ENDING_SOON_FROM_MINUTES && since(now, closesAt) <= ENDING_SOON;
  return soon && grant.endingSoonToldAt === null ? { ...grant, endingSoonToldAt: now } : grant;
}

function givenUp(operation: Operation, now: Date): Operation {
  const { outcome, intendedAt } = operation;
  // Committed, and whoever committed it is gone: it may have been asked of AWS or not.
  if (outcome === 'intended') return { ...operation, outcome: 'unknown', finishedAt: now };
  if (outcome !== 'in_progress' || since(intendedAt, now) < PATIENCE) return operation;
  return { ...operation, outcome: 'unknown', finishedAt: now };
}

/** Nobody is told "active" before AWS has confirmed it and the rights behind it were found in order. */
function activated(grant: OpenGrant, tuple: Tuple, now: Date, mayGive: boolean): OpenGrant {
  const seenSinceOpen = tuple.observedAt !== null && tuple.observedAt >= grant.opensAt;
  if (!mayGoOn(grant, mayGive) || !seenSinceOpen) return grant;
  // What was to be taken over as it stood is not made anew.
  if (grant.basis === 'adopted' && evidence(tuple) === 'absent')
    return { ...grant, status: 'failed', failure: VANISHED };
  if (evidence(tuple) !== 'present') return grant;
  if (!rightsVerified(grant, tuple, now)) return grant;
  const fullEnd = plus(now, grant.durationMinutes * MINUTE);
  const closesAt = fullEnd < grant.latestEnd ? fullEnd : grant.latestEnd;
  const preexisting = tuple.ownership === 'preexisting';
  // Where AWS took so long that the end is near already, being told of the access is being told of its end.
  const endingSoonToldAt = since(now, closesAt) <= ENDING_SOON ? now : null;
  return { ...grant, status: 'active', activatedAt: now, closesAt, preexisting, endingSoonToldAt };
}

/** What was to be taken over and could not be confirmed stays as it stood, and so does what rests on it. */
function letGo(tuple: Tuple): Tuple {
  const { grants, adoptedAt, operations, observed } = tuple;
  const failed = grants.some(({ basis, status }) => basis === 'adopted' && status === 'failed');
  if (adoptedAt === null || operations.length > 0 || !failed) return tuple;
  const resting = grants.map((grant) => (grant.status === 'active' ? { ...grant, preexisting: true } : grant));
  const ownership = observed === 'present' ? 'preexisting' : 'unknown';
  return { ...tuple, ownership, absentSeenAt: null, adoptedAt: null, grants: resting };
}

/** Nobody is told "ended" before it is gone, or goes on through another grant, or was never ours to take. */
function finished(grant: OpenGrant, tuple: Tuple, now: Date): OpenGrant {
  if (grant.status !== 'ending') return grant;
  const status = grant.endCause === 'time' ? 'ended' : 'revoked';
  if (tuple.ownership !== 'ours') return { ...grant, status, endedAt: now };
  const through = tuple.grants.find((other) => holds(other, now));
  if (through) return { ...grant, status, endedAt: now, continuedBy: through.id };
  // What was absent before the end came may be there again.
  const seenSinceDue = tuple.observedAt !== null && grant.endDueAt !== null && tuple.observedAt >= grant.endDueAt;
  if (!seenSinceDue || evidence(tuple) !== 'absent') return grant;
  return { ...grant, status, endedAt: now, gone: tuple.goneSince !== null };
}

/** Each of these is told once; what happens between them is not news. */
const NEWS = new Set(['scheduled', 'active', 'ended', 'revoked', 'failed']);

function announced(grant: OpenGrant): OpenGrant {
  const { status } = grant;
  return NEWS.has(status) && grant.announced !== status ? { ...grant, announced: status } : grant;
}

/** Where nothing of ours is there and nothing of ours can come any more, the next grant starts with a look of its own. */
function released(tuple: Tuple, now: Date): Tuple {
  const { grants, ownership, operations, adoptedAt, goneSince } = tuple;
  if (ownership === 'preexisting') {
    const inUse = grants.some(({ status }) => status === 'activating' || status === 'active');
    return inUse ? tuple : { ...tuple, ownership: 'unknown' };
  }
  if (ownership !== 'ours') return tuple;
  // What was adopted is ours without a create.
  const neverAsked = operations.length === 0 && adoptedAt === null;
  const absent = evidence(tuple) === 'absent';
  const goneForGood = absent && nextWatch(tuple) === null && !leftInProgress(tuple);
  const inUse = grants.some((grant) => holds(grant, now) || grant.status === 'ending');
  if (inUse) return tuple;
  const clean = { failures: 0, lastError: null, takeAfter: null, cannotRevokeSince: null };
  // Nothing is left to be tried, only to be watched.
  if (!neverAsked && !goneForGood)
    return absent && goneSince !== null ? { ...tuple, ...clean, failures: tuple.failures } : tuple;
  const rereadFrom = watchedAsOurs(tuple) ? null : tuple.observedAt;
  return {
    ...tuple,
    ...(neverAsked ? {} : { ...clean, rereadFrom }),
    ownership: 'unknown',
    absentSeenAt: null,
    adoptedAt: null,
  };
}

/** What was given up is read twice again; a new grant starts anew. */
function readAgain(tuple: Tuple): Tuple {
  return tuple.rereadFrom !== null && nextReread(tuple) === null ? { ...tuple, rereadFrom: null } : tuple;
}

const OPEN = new Set(['scheduled', 'activating', 'active', 'ending']);

/** By when it must be gone at the latest. It is never taken back before the assignment is gone. */
export function obligation(tuple: Tuple): Date | null {
  if (tuple.ownership === 'preexisting') return null;
  const promised = tuple.grants.filter(({ status }) => OPEN.has(status)).map(({ latestEnd }) => latestEnd);
  return latest(tuple.ownership === 'ours' ? [tuple.mustBeGoneBy, ...promised] : promised);
}
