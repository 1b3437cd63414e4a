import type { Learned } from '../../src/access/learn.ts';
import type { ReadPurpose } from '../../src/access/plan.ts';
import type { Problem } from '../../src/access/problem.ts';
import {
  EFFECT_WINDOW,
  LATEST_DELAY,
  MINUTE,
  type OpenGrant,
  type Operation,
  type OperationKind,
  SECOND,
  type Tuple,
} from '../../src/access/tuple.ts';
import { type Action, NOTHING, takeTurn } from '../../src/access/turn.ts';

/** A tuple of which nothing is known yet and that nobody asks for. */
export function emptyTuple(id: string): Tuple {
  return {
    id,
    ownership: 'unknown',
    observed: 'unknown',
    observedAt: null,
    absentSince: null,
    presentAt: null,
    absentSeenAt: null,
    mustBeGoneBy: null,
    nextAt: null,
    failures: 0,
    lastError: null,
    giveAfter: null,
    takeAfter: null,
    cannotRevokeSince: null,
    adoptedAt: null,
    goneSince: null,
    rereadFrom: null,
    grants: [],
    operations: [],
  };
}

/** What may go wrong now, each a share between 0 and 1. */
export interface Trouble {
  busy: number;
  conflict: number;
  /** No answer; the write took effect in half of the cases, up to the end of the window of effect. */
  noAnswer: number;
  failed: number;
  lostStatus: number;
  crash: number;
  rightsUnavailable: number;
  outage: boolean;
  lagMs: number;
  delayMs: number;
}

export const CALM: Trouble = {
  busy: 0,
  conflict: 0,
  noAnswer: 0,
  failed: 0,
  lostStatus: 0,
  crash: 0,
  rightsUnavailable: 0,
  outage: false,
  lagMs: 0,
  delayMs: 1_000,
};

interface Write {
  requestId: string;
  kind: OperationKind;
  doneAt: number;
  fails: boolean;
  done: boolean;
}

const problem = (kind: Problem['kind'], effect: Problem['effect'] = 'none', permanent = false): Problem => ({
  kind,
  effect,
  permanent,
  words: kind,
  text: kind,
});

/**
 * One assignment with an Identity Center that may do whatever its documentation allows. Only the rows survive a
 * crash. Every promise is checked at each turn; a broken one throws.
 */
export class Simulation {
  trouble: Trouble = CALM;
  now: number;
  present = false;
  standing = false;
  /** Since when the person's rights are refused; null: they have them. */
  refusedSince: number | null = null;
  readonly grants = new Map<string, OpenGrant>();
  #history: { at: number; present: boolean }[] = [];
  #writes: Write[] = [];
  #tuple: Tuple;
  #memory = NOTHING;
  #learned: Learned[] = [];
  #random: () => number;
  #ids = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.now = Date.parse('2026-11-22T12:00:00Z');
    this.#tuple = emptyTuple('tuple');
  }

  get tuple(): Tuple {
    return this.#tuple;
  }

  open(durationMinutes: number, startsInMinutes: number): void {
    const id = `grant-${this.grants.size}`;
    const opensAt = new Date(this.now + startsInMinutes * MINUTE);
    const latestEnd = new Date(opensAt.getTime() + durationMinutes * MINUTE + LATEST_DELAY);
    this.grants.set(id, {
      id,
      status: 'scheduled',
      opensAt,
      latestEnd,
      durationMinutes,
      closesAt: null,
      activatedAt: null,
      endDueAt: null,
      endCause: null,
      endComment: null,
      endedAt: null,
      failure: null,
      continuedBy: null,
      preexisting: false,
      rightsCheckedAt: null,
      announced: '',
      endingSoonToldAt: null,
      requestId: null,
    } as unknown as OpenGrant);
  }

  /** As end-grant.ts does. */
  end(index: number): void {
    const grant = [...this.grants.values()][index % Math.max(1, this.grants.size)];
    if (!grant || !['scheduled', 'activating', 'active'].includes(grant.status)) return;
    const never = grant.status === 'scheduled' || (grant.status === 'activating' && this.#tuple.ownership !== 'ours');
    const now = new Date(this.now);
    const status = never ? ('revoked' as const) : ('ending' as const);
    this.grants.set(grant.id, { ...grant, status, endCause: 'admin', endDueAt: now, endedAt: never ? now : null });
  }

  /** As retry-grant.ts does. */
  retry(index: number): void {
    const grant = [...this.grants.values()][index % Math.max(1, this.grants.size)];
    if (grant?.status !== 'failed' || this.now >= grant.latestEnd.getTime()) return;
    this.grants.set(grant.id, { ...grant, status: 'scheduled', failure: null, rightsCheckedAt: null, announced: '' });
    this.#tuple = { ...this.#tuple, giveAfter: null };
  }

  /** Somebody assigns it past the portal, long enough before anything of ours that lists show it. */
  addStanding(): void {
    const untouched = this.#tuple.ownership !== 'ours';
    const quiet = [...this.grants.values()].every(({ status }) => ['ended', 'revoked', 'failed'].includes(status));
    if (!untouched || !quiet || this.#writes.some(({ done }) => !done)) return;
    this.standing = true;
    this.#change(true);
    this.#pass(MINUTE);
  }

  /** Lets the time pass and the engine work whenever something is due. */
  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let turns = 0; this.now < end; turns += 1) {
      if (turns > 5_000) throw new Error('The engine never rests.');
      const action = this.#turn();
      if (action.kind !== 'rest') continue;
      const until = action.until?.getTime() ?? end;
      if (until <= this.now) throw new Error('The engine rests until a time that has passed.');
      this.#pass(Math.min(until, end) - this.now);
    }
  }

  #turn(): Action {
    const { grants: all } = this;
    const concerned = [...all.values()].filter(({ status, announced }) => {
      return (
        ['scheduled', 'activating', 'active', 'ending'].includes(status) ||
        (status === 'revoked' && announced !== 'revoked')
      );
    });
    const before = { ...this.#tuple, grants: concerned };
    const turn = takeTurn(before, this.#memory, this.#learned, {
      now: new Date(this.now),
      newId: `operation-${this.#ids++}`,
      random: this.#random(),
      outstandingCreates: 0,
      writesInAccount: 0,
      mayGive: true,
      looksTrustedFrom: null,
    });
    this.#check(before, turn.tuple, turn.action);
    for (const grant of turn.tuple.grants) all.set(grant.id, grant);
    const since = turn.tuple.absentSeenAt;
    this.#tuple = {
      ...turn.tuple,
      operations: turn.tuple.operations.filter(
        ({ outcome, intendedAt }) => outcome !== 'refused' && since !== null && intendedAt >= since,
      ),
    };
    this.#memory = turn.memory;
    this.#learned = [];
    if (this.#maybe(this.trouble.crash)) return this.#crash(turn.action);
    if (turn.action.kind !== 'rest') this.#learned = this.#act(turn.action);
    if (this.#maybe(this.trouble.crash)) return this.#crash(turn.action);
    return turn.action;
  }

  /** The rows are what is left; the next process comes when the lease has run out. */
  #crash(action: Action): Action {
    this.#memory = NOTHING;
    this.#learned = [];
    this.#pass(MINUTE);
    return action.kind === 'rest' ? { ...action, until: new Date(this.now + 1) } : action;
  }

  #act(action: Action): Learned[] {
    const at = new Date(this.now);
    this.#pass(20 + Math.round(this.#random() * 200));
    switch (action.kind) {
      case 'rest':
        return [];
      case 'reserve':
        return [{ kind: this.#maybe(this.trouble.busy) ? 'not-reserved' : 'reserved' }];
      case 'look': {
        const rights = action.rightsOf === undefined ? [] : this.#checkRights(at, action.rightsOf, true);
        return [this.#look(at, action.purpose), ...rights];
      }
      case 'check-rights':
        return this.#checkRights(at, action.grantId, action.thenCreate);
      case 'poll':
        return [this.#poll(action.operation, action.purpose)];
      case 'check-target':
        return [{ kind: 'target', at, state: 'there' }];
      case 'ask':
        return [this.#ask(action.operation.id, action.operation.kind)];
    }
  }

  #look(at: Date, purpose: ReadPurpose): Learned {
    const { trouble } = this;
    if (trouble.outage) return { kind: 'look-failed', purpose, problem: problem('away', 'unknown') };
    if (this.#maybe(trouble.busy)) return { kind: 'look-failed', purpose, problem: problem('busy') };
    return { kind: 'looked', at, present: this.#listed(at.getTime()), gone: false };
  }

  #checkRights(at: Date, grantId: string, thenCreate: boolean): Learned[] {
    const { trouble } = this;
    const token: Learned[] = thenCreate && !this.#memory.reserved ? [{ kind: 'reserved' }] : [];
    if (trouble.outage || this.#maybe(trouble.rightsUnavailable)) {
      return [...token, { kind: 'rights-unavailable', text: 'away' }];
    }
    const allowed = this.refusedSince === null;
    const verdict = allowed ? { allowed } : { allowed, reason: 'no' };
    return [...token, { kind: 'rights', at, grantId, verdict }];
  }

  #poll({ id: operationId, awsRequestId }: Operation, purpose: ReadPurpose): Learned {
    const { trouble } = this;
    if (trouble.outage || this.#maybe(trouble.busy)) return { kind: 'poll-failed', purpose, problem: problem('busy') };
    const write = this.#writes.find(({ requestId }) => requestId === awsRequestId);
    if (!write || this.#maybe(trouble.lostStatus)) return { kind: 'polled', operationId, status: 'LOST', reason: null };
    const status = !write.done ? 'IN_PROGRESS' : write.fails ? 'FAILED' : 'SUCCEEDED';
    return { kind: 'polled', operationId, status, reason: null };
  }

  #ask(operationId: string, kind: OperationKind): Learned {
    const { trouble } = this;
    const refuse = (what: Problem): Learned => ({ kind: 'ask-failed', operationId, problem: what });
    if (trouble.outage) return refuse(problem('away', 'unknown'));
    if (this.#maybe(trouble.busy)) return refuse(problem('busy'));
    if (this.#maybe(trouble.conflict) || this.#writes.some(({ done }) => !done)) return refuse(problem('conflict'));
    if (kind === 'delete' && !this.present && this.#random() < 0.5) return refuse(problem('gone', 'none', true));
    const fails = this.#maybe(trouble.failed) || (kind === 'delete' && !this.present);
    const write = { requestId: `aws-${operationId}`, kind, doneAt: this.now + trouble.delayMs, fails, done: false };
    if (this.#maybe(trouble.noAnswer)) {
      const late = Math.round(this.#random() * (EFFECT_WINDOW - MINUTE));
      if (this.#random() < 0.5) this.#writes.push({ ...write, doneAt: this.now + late });
      return refuse(problem('no-answer', 'unknown'));
    }
    this.#writes.push(write);
    return { kind: 'asked', operationId, status: 'IN_PROGRESS', awsRequestId: write.requestId, reason: null };
  }

  #listed(at: number): boolean {
    const lag = this.#random() * this.trouble.lagMs;
    return this.#history.findLast((entry) => entry.at <= at - lag)?.present ?? false;
  }

  /** Moves the time on; what AWS works on takes effect when it is due, in order. */
  #pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const due = this.#writes.filter(({ done, doneAt }) => !done && doneAt <= end);
      const next = due.sort((one, other) => one.doneAt - other.doneAt)[0];
      if (!next) break;
      this.now = Math.max(this.now, next.doneAt);
      next.done = true;
      if (next.fails) continue;
      if (next.kind === 'delete' && this.standing) throw new Error('A standing assignment was deleted.');
      this.#change(next.kind === 'create');
    }
    this.now = end;
  }

  #change(present: boolean): void {
    this.present = present;
    this.#history.push({ at: this.now, present });
  }

  #maybe(share: number): boolean {
    return share > 0 && this.#random() < share;
  }

  /** What must hold at every single turn. */
  #check(before: Tuple, after: Tuple, action: Action): void {
    if (action.kind === 'ask') {
      if (after.ownership !== 'ours') throw new Error('AWS was asked for what is not ours.');
      if (after.mustBeGoneBy === null) throw new Error('AWS was asked before the obligation stood.');
      if (action.operation.kind === 'delete' && this.standing)
        throw new Error('A standing assignment is to be deleted.');
    }
    const lingering = (kind: OperationKind) =>
      [...before.operations, ...after.operations].some((each) => each.kind === kind && each.outcome === 'unknown');
    for (const grant of after.grants) {
      const old = before.grants.find(({ id }) => id === grant.id);
      if (old?.status === grant.status) continue;
      if (grant.status === 'active') {
        if (!this.present && !lingering('delete')) throw new Error('Told "active" while it is not there.');
        const { closesAt, latestEnd, activatedAt, durationMinutes } = grant;
        if (!closesAt || closesAt > latestEnd) throw new Error('Promised for longer than owed.');
        const full = activatedAt!.getTime() + durationMinutes * MINUTE;
        if (closesAt.getTime() !== Math.min(full, latestEnd.getTime())) throw new Error('Not the full duration.');
        if (grant.rightsCheckedAt === null) throw new Error('Active with rights that nobody checked.');
        const { refusedSince } = this;
        if (refusedSince !== null && grant.rightsCheckedAt.getTime() > refusedSince)
          throw new Error('Active although the rights were refused.');
      }
      const over = (grant.status === 'ended' || grant.status === 'revoked') && grant.continuedBy === null;
      if (over && this.present && !this.standing && !lingering('create'))
        throw new Error('Told "ended" while it is there.');
    }
    const promised = after.grants
      .filter(({ status }) => status === 'active')
      .map(({ latestEnd }) => latestEnd.getTime());
    if (after.ownership === 'ours' && after.mustBeGoneBy!.getTime() < Math.max(0, ...promised))
      throw new Error('Less owed than promised.');
    if (this.now > 0 && after.observedAt !== null && after.observedAt.getTime() > this.now)
      throw new Error('Seen in the future.');
  }
}

export const HOUR = 3_600 * SECOND;
