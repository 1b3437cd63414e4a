import type { Priority } from '../platform/budget.ts';
import type { Platform } from '../platform/index.ts';
import { problemOf } from './aws-errors.ts';
import type { Learned } from './learn.ts';
import { observeStep } from './observe.ts';
import type { Purpose, ReadPurpose } from './plan.ts';
import type { Provisioner, TupleKey } from './provisioner.ts';
import { rightsUnchecked } from './trouble.ts';
import { type OpenGrant, type Operation, SECOND, since } from './tuple.ts';
import type { Action } from './turn.ts';
import type { AccessPorts } from './types.ts';

/** How long to wait for a token of the budget before looking at the rows again. */
const TOKEN_PATIENCE_MS = 20 * SECOND;

/** Whether a revoke did its work is told before anything is given; what is settled already is read when there is room. */
const READ_PRIORITIES = { take: 'confirm', watch: 'watch' } as const;

/** What an action needs to be taken. */
export interface Errand {
  action: Action;
  key: TupleKey;
  /** The grant whose rights are to be checked. */
  grant: OpenGrant | null;
  /** A token for the next write is in hand already. */
  reserved: boolean;
  /** Somebody waits for access in an emergency. */
  urgent: boolean;
  /** AWS was asked to create it already: what was begun is brought to its end before another is begun. */
  begun: boolean;
  /** The database's time when the action was decided. */
  now: Date;
  /** What it is about, for the log: the assignment, who waits for it, and how often it failed so far. */
  about: Record<string, unknown>;
  /** Too long ago, because the process stood still: a write is not sent any more. */
  stale(): boolean;
}

/** Takes the action and says what came of it. Throws nothing: a failure is something learned. */
export async function act(
  { log, metrics }: Pick<Platform, 'log' | 'metrics'>,
  ports: Pick<AccessPorts, 'checkRights' | 'targetState'>,
  provisioner: Provisioner,
  { action, key, grant, reserved, urgent, begun, now, about, stale }: Errand,
  stopping: AbortSignal,
): Promise<Learned[]> {
  const signal = AbortSignal.any([AbortSignal.timeout(TOKEN_PATIENCE_MS), stopping]);
  const startedAt = performance.now();
  const learned = await take();
  const outcome = observeStep(metrics, action, learned);
  const ms = Math.round(performance.now() - startedAt);
  log.info({ step: action.kind, outcome, ...about, ...key, learned, ms }, 'access step');
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
      case 'check-target':
        return [await checkTarget()];
      case 'ask':
        return stale() ? [] : [await ask(action.operation)];
      case 'poll':
        return poll(action);
    }
  }

  function readPriority(purpose: ReadPurpose): Priority {
    if (purpose !== 'give') return READ_PRIORITIES[purpose];
    return urgent ? 'break-glass' : begun ? 'progress' : 'grant';
  }

  async function look(purpose: ReadPurpose): Promise<Learned[]> {
    try {
      const seen = await provisioner.look(key, readPriority(purpose), signal);
      return [{ kind: 'looked', at: now, ...seen }];
    } catch (error) {
      // Nobody said that AWS is away: the budget gave no token in time. What nothing waits for can wait longer.
      return signal.aborted && purpose !== 'watch' ? [] : [{ kind: 'look-failed', purpose, problem: problemOf(error) }];
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

  async function poll({ operation, alone, purpose }: Action & { kind: 'poll' }): Promise<Learned[]> {
    const { id: operationId, kind, awsRequestId, askedAt, intendedAt } = operation;
    if (awsRequestId === null) return [{ kind: 'polled', operationId, status: 'LOST', reason: null }];
    try {
      const asked = { kind, awsRequestId, alone, ageMs: since(askedAt ?? intendedAt, now) };
      const priority = purpose === 'give' && !urgent ? 'poll' : readPriority(purpose);
      return [{ kind: 'polled', operationId, ...(await provisioner.status(key, asked, priority, signal)) }];
    } catch (error) {
      return signal.aborted && purpose !== 'watch' ? [] : [{ kind: 'poll-failed', purpose, problem: problemOf(error) }];
    }
  }

  async function checkTarget(): Promise<Learned> {
    try {
      return { kind: 'target', at: now, state: await ports.targetState(key.targetId, signal) };
    } catch {
      return { kind: 'target', at: now, state: 'unknown' };
    }
  }

  async function reserve(purpose: Purpose): Promise<Learned> {
    try {
      await provisioner.reserve(key, purpose === 'take' ? 'revoke' : urgent ? 'break-glass' : 'grant', signal);
      return { kind: 'reserved' };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'not-reserved' };
    }
  }

  /** Where a create comes next, with its token in hand, so that only the intent lies between the check and the create. */
  async function checkRights(of: OpenGrant, thenCreate: boolean): Promise<Learned[]> {
    const token = thenCreate && !reserved ? await reserve('give') : null;
    if (token?.kind === 'not-reserved') return [token];
    const first = token === null ? [] : [token];
    try {
      return [...first, { kind: 'rights', at: now, grantId: of.id, verdict: await ports.checkRights(of) }];
    } catch (error) {
      return [...first, { kind: 'rights-unavailable', text: rightsUnchecked(error) }];
    }
  }
}
