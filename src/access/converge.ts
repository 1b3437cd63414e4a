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
import { asks, type OpenGrant, type Operation, SECOND, since } from './tuple.ts';
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
  let learned: Learned[] = [];
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
    learned = [];
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
  learned: Learned[],
  signal: AbortSignal,
): Promise<Committed | null> {
  return platform.db.tx(async (tx) => {
    const held = await hold(tx, id, holder, lease);
    if (held === null) return null;
    const { now, key } = held;
    // Only a turn that may create needs to know; one that takes away waits for nobody.
    const reserved = memory.reserved || learned.some(({ kind }) => kind === 'reserved');
    const mayCreate = reserved && held.tuple.grants.some(asks);
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
    const checked = action.kind === 'check-rights' ? action.grantId : action.kind === 'look' ? action.rightsOf : null;
    const grant = turn.tuple.grants.find((each) => each.id === checked);
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
): Promise<Learned[]> {
  const signal = AbortSignal.any([AbortSignal.timeout(TOKEN_PATIENCE_MS), stopping]);
  const startedAt = performance.now();
  const learned = await take();
  log.info({ action: action.kind, ...key, learned, ms: Math.round(performance.now() - startedAt) }, 'access step');
  return learned;

  async function take(): Promise<Learned[]> {
    switch (action.kind) {
      case 'rest':
        return [];
      case 'reserve':
        return [await reserve(action.purpose)];
      case 'look': {
        const [seen, rights] = await Promise.all([look(action.purpose), grant ? checkRights(grant, true) : []]);
        return [...seen, ...rights];
      }
      case 'check-rights':
        return grant ? checkRights(grant, action.thenCreate) : [];
      case 'ask':
        return stale() ? [] : [await ask(action.operation)];
      case 'poll':
        return [await poll(action.operation)];
    }
  }

  async function look(purpose: Purpose): Promise<Learned[]> {
    try {
      const seen = await provisioner.look(key, purpose === 'give' ? 'grant' : 'poll', signal);
      return [{ kind: 'looked', at: now, ...seen }];
    } catch (error) {
      // Nobody said that AWS is away: the budget gave no token in time.
      return signal.aborted ? [] : [{ kind: 'look-failed', purpose, problem: problemOf(error) }];
    }
  }

  async function ask({ id: operationId, kind }: Operation): Promise<Learned> {
    try {
      const asked = await (kind === 'create' ? provisioner.create(key) : provisioner.delete(key));
      return { kind: 'asked', operationId, ...asked };
    } catch (error) {
      return { kind: 'ask-failed', operationId, problem: problemOf(error) };
    }
  }

  async function poll({ id: operationId, kind, awsRequestId }: Operation): Promise<Learned> {
    if (awsRequestId === null) return { kind: 'polled', operationId, status: 'LOST', reason: null };
    try {
      return { kind: 'polled', operationId, ...(await provisioner.status(key, kind, awsRequestId, 'poll', signal)) };
    } catch (error) {
      return { kind: 'poll-failed', problem: problemOf(error) };
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

  /** Where a create comes next, with its token in hand, so that only the intent lies between the check and the create. */
  async function checkRights(of: OpenGrant, thenCreate: boolean): Promise<Learned[]> {
    const token = thenCreate && !memory.reserved ? await reserve('give') : null;
    if (token?.kind === 'not-reserved') return [token];
    const first = token === null ? [] : [token];
    try {
      return [...first, { kind: 'rights', at: now, grantId: of.id, verdict: await ports.checkRights(of) }];
    } catch (error) {
      return [...first, { kind: 'rights-unavailable', text: messageOf(error) }];
    }
  }
}
