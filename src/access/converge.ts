import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { act, type Errand } from './act.ts';
import { setAlarm } from './alarm.ts';
import { tell } from './events.ts';
import type { Learned } from './learn.ts';
import { observeTurn } from './observe.ts';
import type { ReadPurpose } from './plan.ts';
import type { Provisioner } from './provisioner.ts';
import type { Shift } from './runner.ts';
import type { Slots } from './slots.ts';
import { type Held, hold, type Lease, outstandingWrites, release, save } from './store.ts';
import type { Call } from './timetable.ts';
import { asks, MINUTE, type Operation, SECOND, since, type Tuple } from './tuple.ts';
import { type Action, type Memory, NOTHING, takeTurn } from './turn.ts';
import type { AccessPorts } from './types.ts';

/** A rest shorter than this is slept through with the lease in hand; for a longer one the lease is given back. */
const SHORT_REST_MS = SECOND;
/**
 * While a create of ours is under way, between two polls as well: whoever waits for it to be over, because only so many
 * may be outstanding, would otherwise take the very place in which its end is seen.
 */
const REST_BETWEEN_POLLS_MS = 6 * SECOND;
/** Half a lease: an action that would start later than this after its turn may no longer be ours to take. */
const STALE_AFTER_MS = 30 * SECOND;

/** A create that is longer under way than this is no longer counted as outstanding. */
const COUNTED_MS = MINUTE;

/** What one holder of a lease knows between its turns. */
interface Holding {
  assignmentId: string;
  holder: string;
  lease: Lease | null;
  memory: Memory;
  learned: Learned[];
}

/** What all that one process looks after has in common. */
export interface Engine {
  provisioner: Provisioner;
  slots: Slots;
  /**
   * Only so many turns are in the database at once: the pages need it too. None that takes away waits for one that
   * gives, and none before a delete for those that confirm one.
   */
  turns: Record<ReadPurpose | 'confirm', LimitFunction>;
}

/** A turn as it was committed. Released: nothing is left to do now. */
interface Committed {
  lease: Lease;
  memory: Memory;
  errand: Omit<Errand, 'stale'>;
  released: Released | null;
  /** A create is over that was outstanding. */
  freed: boolean;
}

/** The lease was given back; `next`: when something is to be done again, in milliseconds from then. */
interface Released {
  next: { call: Call; inMs: number } | null;
}

/**
 * Brings one assignment to what its grants want: turn by turn, each committed before its action is taken, until
 * nothing is left to do now, and says when there will be again. Null: nothing, or another process is at it. Throws
 * when the database is away.
 */
export async function converge(
  platform: Platform,
  ports: AccessPorts,
  assignmentId: string,
  { provisioner, slots, turns }: Engine,
  { purpose, signal, asked }: Shift,
): Promise<Released['next']> {
  let holding: Holding = { assignmentId, holder: randomUUID(), lease: null, memory: NOTHING, learned: [] };
  let last: Action | null = null;
  for (;;) {
    const inLine: LimitFunction = turns[lineAfter(last, purpose)];
    const turn = await inLine(() => commitTurn(platform, ports, holding, signal));
    if (turn === null) return null;
    if (turn.released) return turn.released.next;
    const stale = staleSince(performance.now(), Date.now());
    const { lease, memory, errand } = turn;
    if (turn.freed) slots.freed();
    const { action } = errand;
    if (lineAfter(action, purpose) === 'confirm') asked();
    last = action;
    const learned =
      action.kind === 'rest'
        ? await nap(action.until, errand.now, signal, memory.reserved ? slots : null)
        : await act(platform, ports, provisioner, { ...errand, stale }, signal);
    holding = { ...holding, lease, memory, learned };
  }
}

/** In which line the turn waits that comes after an action; before the first, by what the assignment was woken for. */
function lineAfter(last: Action | null, purpose: ReadPurpose): keyof Engine['turns'] {
  switch (last?.kind) {
    case 'reserve':
      return last.purpose;
    case 'ask':
      return last.operation.kind === 'delete' ? 'take' : 'give';
    case 'poll':
      return last.operation.kind === 'delete' ? 'confirm' : purpose;
    case 'look':
      return last.purpose === 'take' ? 'confirm' : purpose;
    default:
      return purpose;
  }
}

/** The one clock stands still while the machine sleeps, the other may be set: whichever went further counts. */
function staleSince(ticks: number, time: number): () => boolean {
  return () => Math.max(performance.now() - ticks, Date.now() - time) > STALE_AFTER_MS;
}

/** Null: the lease is somebody else's. */
async function commitTurn(
  platform: Platform,
  ports: AccessPorts,
  { assignmentId, holder, lease, memory, learned }: Holding,
  signal: AbortSignal,
): Promise<Committed | null> {
  const committed = await platform.db.tx(async (tx) => {
    const held = await hold(tx, assignmentId, holder, lease);
    if (held === null) return null;
    const { now, key, tuple: before } = held;
    // Only a turn that may create needs to know; one that takes away waits for nobody.
    const reserved = memory.reserved || learned.some(({ kind }) => kind === 'reserved');
    const asking = before.grants.some(asks);
    const { silent, looksTrustedFrom, writesInAccount } = held.giving;
    const outstanding =
      reserved && asking
        ? await outstandingWrites(tx, { id: assignmentId, accountId: key.targetId })
        : { outstandingCreates: 0, writesInAccount, mayGive: true };
    // Nobody was there for long, and nobody has said so yet: whoever does wakes what waits.
    const mayGive = held.giving.mayGive && outstanding.mayGive && !silent;
    const given = { now, newId: randomUUID(), random: Math.random(), ...outstanding, mayGive, looksTrustedFrom };
    const turn = takeTurn(before, memory, learned, given);
    const { action, tuple } = turn;
    await save(tx, before, tuple, held.lease.fence);
    await tell(platform.log, tx, ports, key, before, tuple);
    const released = await maybeRelease(platform, tx, held, action, signal);
    if (tuple.cannotRevokeSince !== null && before.cannotRevokeSince === null) {
      platform.log.error({ assignmentId, ...key, reason: tuple.lastError }, 'AWS forbids taking access away');
    }
    const checked = action.kind === 'check-rights' ? action.grantId : action.kind === 'look' ? action.rightsOf : null;
    const grant = tuple.grants.find(({ id }) => id === checked) ?? null;
    const [last] = tuple.operations;
    const begun =
      last !== undefined && (isOutstanding(last) || (last.kind === 'create' && last.outcome === 'succeeded'));
    const urgent = tuple.grants.some((each) => asks(each) && each.basis === 'break_glass');
    const errand = {
      action,
      key,
      grant,
      reserved: turn.memory.reserved,
      urgent,
      begun,
      now,
      about: about(tuple, action),
    };
    const freed = before.operations.some(isOutstanding) && !tuple.operations.some(isOutstanding);
    return { lease: held.lease, memory: turn.memory, errand, released, freed, before, tuple };
  });
  if (committed) observeTurn(platform.metrics, committed.before, committed.tuple);
  return committed;
}

/** For the log: what the step is about, and which attempt it is. */
function about({ id, grants, failures, operations }: Tuple, action: Action): Errand['about'] {
  const operation = 'operation' in action ? action.operation : operations[0];
  return {
    assignment: id,
    grants: grants.map((grant) => grant.id),
    requests: grants.flatMap(({ requestId }) => requestId ?? []),
    failures,
    operation: operation?.id ?? null,
  };
}

/** At rest the lease is given back, in the turn that found nothing to do: no change can slip in between. */
async function maybeRelease(
  platform: Platform,
  tx: Tx,
  { tuple, key, lease, ...clock }: Held,
  action: Action,
  signal: AbortSignal,
): Promise<Released | null> {
  const stopping = signal.aborted && action.kind !== 'ask';
  if (!stopping && action.kind !== 'rest') return null;
  const until = action.kind === 'rest' ? action.until : clock.now;
  const counted = tuple.operations.some(
    (each) => isOutstanding(each) && since(each.intendedAt, clock.now) < COUNTED_MS,
  );
  const shortRest = counted ? REST_BETWEEN_POLLS_MS : SHORT_REST_MS;
  if (!stopping && until !== null && since(clock.now, until) <= shortRest) return null;
  await release(tx, tuple.id, lease);
  if (until === null) return { next: null };
  const purpose = action.kind === 'rest' ? action.purpose : 'take';
  // Who stops in the middle has somebody else go on at once.
  const when = until <= clock.now ? 'now' : { at: until, clock };
  const owner = key.principalId;
  await setAlarm(platform, tx, { assignmentId: tuple.id, purpose, owner }, when);
  return { next: { call: { id: tuple.id, purpose, owner }, inMs: since(clock.now, until) } };
}

function isOutstanding({ kind, outcome }: Operation): boolean {
  return kind === 'create' && (outcome === 'intended' || outcome === 'in_progress');
}

/** Whoever has a token in hand waits for `slots`. */
async function nap(until: Date | null, now: Date, signal: AbortSignal, slots: Slots | null): Promise<Learned[]> {
  const ms = since(now, until ?? now);
  // Woken by the end of the process: the next turn hands over.
  await (slots ? slots.wait(ms, signal) : sleep(ms, null, { signal }).catch(() => {}));
  return [];
}
