import type { Learned, PolledStatus, TargetState } from '../../src/access/learn.ts';
import type { ReadPurpose } from '../../src/access/plan.ts';
import type { Problem } from '../../src/access/problem.ts';
import { EFFECT_WINDOW, MINUTE, type Operation, type OperationKind, SECOND } from '../../src/access/tuple.ts';

/** What may go wrong now, each a share between 0 and 1. */
export interface Trouble {
  busy: number;
  conflict: number;
  /** No answer; the write took effect in half of the cases, up to the end of the window of effect. */
  noAnswer: number;
  failed: number;
  /** FAILED, and carried out all the same, up to the end of the window of effect. */
  failedLate: number;
  /** Writes that stay in progress for up to two and a half hours. */
  stuck: number;
  lostStatus: number;
  /** Polls that only tell that it is over. */
  over: number;
  forbidden: number;
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
  failedLate: 0,
  stuck: 0,
  lostStatus: 0,
  over: 0,
  forbidden: 0,
  crash: 0,
  rightsUnavailable: 0,
  outage: false,
  lagMs: 0,
  delayMs: 1_000,
};

/**
 * There; suspended: every write fails; left: writes fail, and lists go on showing what was; deleted: AWS knows it no
 * more; forgotten: AWS says so, and it is back before an hour is over, with all that was there.
 */
export type Account = 'there' | 'suspended' | 'left' | 'deleted' | 'forgotten';

const FORGOTTEN_FOR = 40 * MINUTE;

interface Write {
  requestId: string | null;
  kind: OperationKind;
  askedAt: number;
  /** When AWS says that it is over; what it says then. */
  doneAt: number;
  says: 'SUCCEEDED' | 'FAILED';
  /** When it takes effect; null: never. */
  effectAt: number | null;
}

const problem = (kind: Problem['kind'], effect: Problem['effect'] = 'none', permanent = false): Problem => ({
  kind,
  effect,
  permanent,
  words: kind,
  text: kind,
});

/** The assignment of one person in one account, at an Identity Center that may do whatever its documentation allows. */
export class SimulatedAws {
  now = Date.parse('2026-11-22T12:00:00Z');
  trouble: Trouble = CALM;
  account: Account = 'there';
  /** When AWS said of an account that is there that it does not know it. */
  forgottenAt: number | null = null;
  present = false;
  /** Somebody else made it, before anything of ours. */
  standing = false;
  /** Somebody took it away since we last made it. */
  removedOutside = false;
  /** Calls of a process that lost its lease and did not notice yet. */
  #late: { at: number; kind: OperationKind; until: number }[] = [];
  #writes: Write[] = [];
  #history: { at: number; present: boolean }[] = [];
  #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  maybe(share: number): boolean {
    return share > 0 && this.#random() < share;
  }

  /** A write of ours may take effect yet. */
  mayStill(kind: OperationKind): boolean {
    const working = this.#writes.some((each) => each.kind === kind && each.effectAt !== null);
    return working || this.#late.some((each) => each.kind === kind);
  }

  quiet(): boolean {
    return this.#writes.length === 0 && this.#late.length === 0;
  }

  look(at: Date, purpose: ReadPurpose): Learned {
    if (this.trouble.outage) return { kind: 'look-failed', purpose, problem: problem('away', 'unknown') };
    if (this.maybe(this.trouble.busy)) return { kind: 'look-failed', purpose, problem: problem('busy') };
    if (this.account === 'deleted' || this.account === 'forgotten')
      return { kind: 'looked', at, present: false, gone: true };
    return { kind: 'looked', at, present: this.#listed(at.getTime()), gone: false };
  }

  target(at: Date): Learned {
    const states: Record<Account, TargetState> = {
      there: 'there',
      suspended: 'suspended',
      left: 'gone',
      deleted: 'gone',
      forgotten: 'gone',
    };
    const away = this.trouble.outage || this.maybe(this.trouble.busy);
    return { kind: 'target', at, state: away ? 'unknown' : states[this.account] };
  }

  poll({ id: operationId, awsRequestId }: Operation, alone: boolean, purpose: ReadPurpose): Learned {
    const { trouble } = this;
    if (trouble.outage || this.maybe(trouble.busy)) return { kind: 'poll-failed', purpose, problem: problem('busy') };
    const told = (status: PolledStatus): Learned => ({ kind: 'polled', operationId, status, reason: null });
    const write = this.#said.get(awsRequestId ?? '');
    if (!write || this.account === 'deleted') return told('LOST');
    const over = write.doneAt <= this.now;
    // What AWS works on for longer than the window of effect it does not forget meanwhile.
    if ((over || this.#short(write)) && this.maybe(trouble.lostStatus)) return told('LOST');
    if (!over) return told('IN_PROGRESS');
    return told(!alone && this.maybe(trouble.over) ? 'OVER' : write.says);
  }

  ask(operationId: string, kind: OperationKind): Learned {
    const { trouble } = this;
    const refuse = (what: Problem): Learned => ({ kind: 'ask-failed', operationId, problem: what });
    if (trouble.outage) return refuse(problem('away', 'unknown'));
    if (this.maybe(trouble.busy)) return refuse(problem('busy'));
    if (this.maybe(trouble.forbidden)) return refuse(problem('forbidden', 'none', true));
    const busy = this.#writes.some((each) => each.doneAt > this.now);
    // Mostly AWS does not take a second write of the same; it need not notice.
    if (this.maybe(trouble.conflict) || (busy && this.#random() < 0.9)) return refuse(problem('conflict'));
    const unknown = this.account === 'deleted' || this.account === 'forgotten';
    const nothing = unknown || (kind === 'delete' && !this.present && this.#random() < 0.5);
    if (nothing) return refuse(problem('gone', 'none', true));
    const write = this.#accept(`aws-${operationId}`, kind);
    if (this.maybe(trouble.noAnswer)) {
      this.forget();
      return refuse(problem('no-answer', 'unknown'));
    }
    this.#said.set(`aws-${operationId}`, write);
    return { kind: 'asked', operationId, status: 'IN_PROGRESS', awsRequestId: write.requestId, reason: null };
  }

  /** Nobody remembers the last write: it may have got lost, or takes effect some time within its window. */
  forget(): void {
    const write = this.#writes.at(-1);
    if (!write || write.effectAt === null) return;
    const last = write.askedAt + EFFECT_WINDOW - MINUTE;
    if (this.#random() < 0.5) this.#writes.pop();
    else write.effectAt = Math.max(this.now, Math.min(write.effectAt, last));
    write.doneAt = write.effectAt;
  }

  /** A process that stood still makes its call late, and nobody hears the answer. */
  askLate(kind: OperationKind): void {
    const at = this.now + Math.round(this.#random() * 40 * SECOND);
    this.#late.push({ at, kind, until: this.now + EFFECT_WINDOW - MINUTE });
  }

  /** What AWS holds up comes to its end now. */
  unstick(): void {
    for (const write of this.#writes) {
      write.doneAt = Math.min(write.doneAt, this.now + SECOND);
      if (write.effectAt !== null) write.effectAt = Math.min(write.effectAt, write.doneAt);
    }
  }

  /** Somebody changes it past the portal. */
  change(present: boolean): void {
    this.present = present;
    this.#history.push({ at: this.now, present });
  }

  /** Moves the time on; what AWS works on takes effect when it is due, in order. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const late = this.#late.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      const due = this.#writes
        .filter(({ effectAt }) => effectAt !== null && effectAt <= end)
        .sort((one, other) => (one.effectAt ?? 0) - (other.effectAt ?? 0))[0];
      if (late && (!due || late.at <= (due.effectAt ?? 0))) this.#askedLate(late);
      else if (due) this.#effect(due);
      else break;
    }
    this.now = end;
    if (this.account === 'forgotten' && end >= (this.forgottenAt ?? 0) + FORGOTTEN_FOR) this.account = 'there';
    this.#writes = this.#writes.filter(({ effectAt, doneAt }) => effectAt !== null || doneAt > end);
  }

  #said = new Map<string, Write>();

  #short({ askedAt, doneAt }: Write): boolean {
    return doneAt - askedAt < EFFECT_WINDOW - MINUTE;
  }

  #accept(requestId: string | null, kind: OperationKind): Write {
    const { trouble, account } = this;
    const usual = trouble.delayMs;
    const delay = this.maybe(trouble.stuck) ? Math.round(this.#random() * 150 * MINUTE) : usual;
    const doneAt = this.now + delay;
    const fails = account !== 'there' || this.maybe(trouble.failed) || (kind === 'delete' && !this.present);
    const rest = Math.max(0, EFFECT_WINDOW - MINUTE - delay);
    const allTheSame =
      account === 'there' && this.maybe(trouble.failedLate) ? doneAt + Math.round(this.#random() * rest) : null;
    const write: Write = {
      requestId,
      kind,
      askedAt: this.now,
      doneAt,
      says: fails ? 'FAILED' : 'SUCCEEDED',
      effectAt: fails ? allTheSame : doneAt,
    };
    this.#writes.push(write);
    return write;
  }

  #askedLate(late: { at: number; kind: OperationKind; until: number }): void {
    this.now = Math.max(this.now, late.at);
    this.#late.splice(this.#late.indexOf(late), 1);
    if (this.trouble.outage || this.maybe(this.trouble.busy)) return;
    if (this.account === 'deleted' || this.account === 'forgotten') return;
    const write = this.#accept(null, late.kind);
    if (write.effectAt !== null) write.effectAt = Math.max(this.now, Math.min(write.effectAt, late.until));
    write.doneAt = Math.min(write.doneAt, late.until);
  }

  #effect(write: Write): void {
    this.now = Math.max(this.now, write.effectAt ?? 0);
    write.effectAt = null;
    if (this.account === 'deleted') return;
    if (write.kind === 'delete' && this.standing) throw new Error('A standing assignment was deleted.');
    if (write.kind === 'create') this.removedOutside = false;
    this.change(write.kind === 'create');
  }

  #listed(at: number): boolean {
    const lag = this.#random() * this.trouble.lagMs;
    return this.#history.findLast((entry) => entry.at <= at - lag)?.present ?? false;
  }
}
