import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { setAlarm } from './alarm.ts';
import { problemOf } from './aws-errors.ts';
import { tell } from './events.ts';
import type { Learned } from './learn.ts';
import type { Purpose } from './plan.ts';
import { createProvisioner, type Provisioner, type TupleKey } from './provisioner.ts';
import { type Held, hold, type Lease, outstandingCreates, release, save } from './store.ts';
import { asks, type OpenGrant, SECOND, since } from './tuple.ts';
import { type Action, type Memory, NOTHING, takeTurn } from './turn.ts';
import type { AccessPorts } from './types.ts';

/** A rest shorter than this is slept through with the lease in hand; for a longer one the lease is given back. */
const SHORT_REST_MS = SECOND;
/** How long to wait for a token of the budget before looking at the rows again. */
const TOKEN_PATIENCE_MS = 20 * SECOND;
/** An action that starts later than this after its turn, because the process stood still, is not taken any more. */
const STALE_AFTER_MS = 30 * SECOND;

/** A turn as it was committed, with everything that its action needs. */
interface Committed {
  lease: Lease;
  key: TupleKey;
  memory: Memory;
  action: Action;
  /** The grant whose rights are to be checked. */
  grant: OpenGrant | null;
  now: Date;
  released: boolean;
}

/**
 * Brings one assignment to what its grants want: turn by turn, each committed before its action is taken, until
 * nothing is left to do now. Returns at once where another process is at it. Throws when the database is away.
 */
export async function converge(
  platform: Platform,
  ports: AccessPorts,
  assignmentId: string,
  signal: AbortSignal,
  provisioner: Provisioner = createProvisioner(platform),
): Promise<void> {
  const holder = randomUUID();
  let lease: Lease | null = null;
  let memory = NOTHING;
  let learned: Learned | null = null;
  for (;;) {
    const turn: Committed | null = await commitTurn(
      platform,
      ports,
      assignmentId,
      holder,
      lease,
      memory,
      learned,
      signal,
    );
    if (turn === null || turn.released) return;
    const committedAt = performance.now();
    ({ lease, memory } = turn);
    learned = null;
    if (turn.action.kind === 'rest') {
      await sleep(since(turn.now, turn.action.until ?? turn.now), null, { signal }).catch(() => {});
    } else {
      const stale = () => performance.now() - committedAt > STALE_AFTER_MS;
      learned = await act(platform, ports, provisioner, turn, stale, signal);
    }
  }
}

/** Null: the lease is somebody else's. */
async function commitTurn(
  platform: Platform,
  ports: AccessPorts,
  id: string,
  holder: string,
  lease: Lease | null,
  memory: Memory,
  learned: Learned | null,
  signal: AbortSignal,
): Promise<Committed | null> {
  return platform.db.tx(async (tx) => {
    const held = await hold(tx, id, holder, lease);
    if (held === null) return null;
    const { now, key } = held;
    // Only a turn that may create needs to know; one that takes away waits for nobody.
    const mayCreate = memory.reserved && held.tuple.grants.some(asks);
    const outstanding = mayCreate ? await outstandingCreates(tx) : 0;
    const given = { now, newId: randomUUID(), random: Math.random(), outstandingCreates: outstanding };
    const turn = takeTurn(held.tuple, memory, learned, given);
    await save(tx, held.tuple, turn.tuple, held.lease.fence);
    await tell(platform.log, tx, ports, key, held.tuple, turn.tuple);
    const { action } = turn;
    const released = await maybeRelease(platform, tx, held, action, signal);
    if (turn.tuple.cannotRevokeSince !== null && held.tuple.cannotRevokeSince === null) {
      platform.log.error({ assignment: id, ...key, reason: turn.tuple.lastError }, 'AWS forbids taking access away');
    }
    const grant = action.kind === 'check-rights' ? turn.tuple.grants.find((each) => each.id === action.grantId) : null;
    return { lease: held.lease, key, memory: turn.memory, action, grant: grant ?? null, now, released };
  });
}

/** At rest the lease is given back, in the turn that found nothing to do: no change can slip in between. */
async function maybeRelease(
  platform: Platform,
  tx: Parameters<typeof release>[0],
  held: Held,
  action: Action,
  signal: AbortSignal,
): Promise<boolean> {
  const alarm = { assignmentId: held.tuple.id, purpose: 'take' as Purpose };
  if (signal.aborted && action.kind !== 'ask') {
    await release(tx, held.tuple.id, held.lease);
    // Somebody else goes on at once.
    await setAlarm(platform, tx, alarm, 'now');
    return true;
  }
  if (action.kind !== 'rest') return false;
  const { until, purpose } = action;
  if (until !== null && since(held.now, until) <= SHORT_REST_MS) return false;
  await release(tx, held.tuple.id, held.lease);
  if (until !== null) await setAlarm(platform, tx, { ...alarm, purpose }, { at: until, clock: held });
  return true;
}

/** Takes the action and says what came of it. Throws nothing: a failure is something learned. */
async function act(
  { log }: Platform,
  ports: AccessPorts,
  provisioner: Provisioner,
  { action, key, grant, memory, now }: Committed,
  stale: () => boolean,
  stopping: AbortSignal,
): Promise<Learned | null> {
  const signal = AbortSignal.any([AbortSignal.timeout(TOKEN_PATIENCE_MS), stopping]);
  const startedAt = performance.now();
  const learned = await take();
  log.info({ action: action.kind, ...key, learned, ms: Math.round(performance.now() - startedAt) }, 'access step');
  return learned;

  async function take(): Promise<Learned | null> {
    switch (action.kind) {
      case 'reserve':
        return reserve(action.purpose);
      case 'look': {
        const { purpose } = action;
        try {
          const seen = await provisioner.look(key, purpose === 'give' ? 'grant' : 'poll', signal);
          return { kind: 'looked', at: now, ...seen };
        } catch (error) {
          return signal.aborted ? null : { kind: 'look-failed', purpose, problem: problemOf(error) };
        }
      }
      case 'check-rights':
        return checkRights(action.thenCreate);
      case 'ask': {
        const { id: operationId, kind } = action.operation;
        if (stale()) return null;
        try {
          const asked = await (kind === 'create' ? provisioner.create(key) : provisioner.delete(key));
          return { kind: 'asked', operationId, ...asked };
        } catch (error) {
          return { kind: 'ask-failed', operationId, problem: problemOf(error) };
        }
      }
      case 'poll': {
        const { id: operationId, kind, awsRequestId } = action.operation;
        if (awsRequestId === null) return { kind: 'polled', operationId, status: 'LOST', reason: null };
        try {
          return {
            kind: 'polled',
            operationId,
            ...(await provisioner.status(key, kind, awsRequestId, 'poll', signal)),
          };
        } catch (error) {
          return { kind: 'poll-failed', problem: problemOf(error) };
        }
      }
      case 'rest':
        return null;
    }
  }

  async function reserve(purpose: Purpose): Promise<Learned> {
    try {
      await provisioner.reserve(purpose === 'take' ? 'revoke' : 'grant', signal);
      return { kind: 'reserved' };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'not-reserved' };
    }
  }

  /** With the token for the create in hand, so that nothing but the intent lies between the check and the create. */
  async function checkRights(thenCreate: boolean): Promise<Learned | null> {
    if (grant === null) return null;
    if (thenCreate && !memory.reserved) return reserve('give');
    try {
      return { kind: 'rights', at: now, grantId: grant.id, verdict: await ports.checkRights(grant) };
    } catch (error) {
      return { kind: 'rights-unavailable', text: messageOf(error) };
    }
  }
}
