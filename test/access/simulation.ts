import type { Learned } from '../../src/access/learn.ts';
import { latest, MINUTE, type OpenGrant, plus, SECOND, type Tuple } from '../../src/access/tuple.ts';
import { type Action, NOTHING, takeTurn } from '../../src/access/turn.ts';
import { type Account, CALM, SimulatedAws } from './simulated-aws.ts';
import { emptyTuple, newGrant } from './simulated-rows.ts';
import { checkPromises } from './simulation-promises.ts';

export const HOUR = 3_600 * SECOND;

const OPEN = ['scheduled', 'activating', 'active', 'ending'];

/**
 * The engine on one assignment, against a simulated AWS. Only the rows survive a crash. Every promise is checked at
 * each turn; a broken one throws.
 */
export class Simulation {
  readonly aws: SimulatedAws;
  readonly grants = new Map<string, OpenGrant>();
  /** Since when the person's rights are refused; null: they have them. */
  refusedSince: number | null = null;
  mayGive = true;
  looksTrustedFrom: number | null = null;
  /** When the last operation was over that AWS was asked for before the assignment was given up. */
  lastAskedUntil: Date | null = null;
  #tuple: Tuple = emptyTuple('tuple');
  #memory = NOTHING;
  #learned: Learned[] = [];
  #random: () => number;
  #ids = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.aws = new SimulatedAws(random);
  }

  get tuple(): Tuple {
    return this.#tuple;
  }

  open(durationMinutes: number, startsInMinutes: number): void {
    const opensAt = new Date(this.aws.now + startsInMinutes * MINUTE);
    this.#add(newGrant(`grant-${this.grants.size}`, opensAt, durationMinutes));
  }

  /** As end-grant.ts does. */
  end(index: number): void {
    const grant = this.#nth(index);
    if (!grant || !['scheduled', 'activating', 'active'].includes(grant.status)) return;
    const never = grant.status === 'scheduled' || (grant.status === 'activating' && this.#tuple.ownership !== 'ours');
    const now = new Date(this.aws.now);
    const status = never ? ('revoked' as const) : ('ending' as const);
    this.grants.set(grant.id, { ...grant, status, endCause: 'admin', endDueAt: now, endedAt: never ? now : null });
  }

  /** As retry-grant.ts does. */
  retry(index: number): void {
    const grant = this.#nth(index);
    if (grant?.status !== 'failed' || grant.basis === 'adopted' || this.aws.now >= grant.latestEnd.getTime()) return;
    this.#add({ ...grant, status: 'scheduled', failure: null, rightsCheckedAt: null, announced: '' });
    this.#tuple = { ...this.#tuple, giveAfter: null };
  }

  /** As extend-grant.ts does. */
  extend(index: number, minutes: number): void {
    const grant = this.#nth(index);
    const { status, closesAt, latestEnd, durationMinutes } = grant ?? {};
    if (!grant || status !== 'active' || !closesAt || !latestEnd || this.aws.now >= closesAt.getTime()) return;
    if (grant.removedOutsideAt !== null || durationMinutes === undefined) return;
    this.#add({
      ...grant,
      closesAt: plus(closesAt, minutes * MINUTE),
      latestEnd: plus(latestEnd, minutes * MINUTE),
      durationMinutes: durationMinutes + minutes,
      endingSoonToldAt: null,
    });
  }

  /** As adopt-assignment.ts does with what stands at AWS. */
  adopt(durationMinutes: number): void {
    const { aws } = this;
    const { ownership } = this.#tuple;
    if (!aws.standing || !aws.present || ownership === 'ours' || aws.account !== 'there' || !aws.quiet()) return;
    for (const grant of this.grants.values()) {
      if (grant.preexisting && grant.status === 'active') this.grants.set(grant.id, { ...grant, preexisting: false });
    }
    aws.standing = false;
    const now = new Date(aws.now);
    this.#tuple = {
      ...this.#tuple,
      ...{ ownership: 'ours', adoptedAt: now, observed: 'present', observedAt: now, presentAt: now, absentSince: null },
      ...{ rereadFrom: null, goneSince: null, failures: 0, lastError: null, giveAfter: null, takeAfter: null },
    };
    const id = `grant-${this.grants.size}`;
    this.#add(newGrant(id, now, durationMinutes, { basis: 'adopted', status: 'activating' }));
  }

  /** Somebody assigns it past the portal, long enough before anything of ours that lists show it. */
  addStanding(): void {
    const { aws } = this;
    const quiet = [...this.grants.values()].every(({ status }) => !OPEN.includes(status));
    if (this.#tuple.ownership === 'ours' || !quiet || !aws.quiet() || aws.account !== 'there') return;
    aws.standing = true;
    aws.change(true);
    aws.pass(MINUTE);
  }

  /** Somebody takes it away past the portal, and the comparison of both notices. */
  removeOutside(noticed: boolean): void {
    const { aws } = this;
    if (!aws.present || aws.account !== 'there') return;
    aws.standing = false;
    aws.removedOutside = true;
    aws.change(false);
    // Long enough before anything else that lists show it.
    aws.pass(MINUTE);
    if (!noticed || !aws.quiet() || this.#tuple.operations.some(({ outcome }) => outcome !== 'succeeded')) return;
    for (const grant of this.grants.values()) {
      if (grant.status === 'active') this.grants.set(grant.id, { ...grant, removedOutsideAt: new Date(aws.now) });
    }
    const now = new Date(aws.now);
    this.#tuple = { ...this.#tuple, observed: 'absent', observedAt: now, absentSince: now };
  }

  /** Somebody makes inside our window what looks like ours. */
  addInside(): void {
    const { aws } = this;
    const inside = [...this.grants.values()].some(({ status, closesAt }) => {
      return status === 'active' && closesAt !== null && closesAt.getTime() > aws.now + 2 * MINUTE;
    });
    if (this.#tuple.ownership !== 'ours' || !inside || aws.account !== 'there') return;
    aws.change(true);
    aws.pass(MINUTE);
  }

  become(account: Account): void {
    const { aws } = this;
    // What is gone for AWS stays gone.
    if (aws.account === 'left' || aws.account === 'deleted') return;
    // Once: it is read again an hour after it was first not known.
    if (account === 'forgotten' && aws.forgottenAt !== null) return;
    if (account === 'forgotten') aws.forgottenAt = aws.now;
    aws.account = account;
    if (account === 'deleted') {
      aws.standing = false;
      aws.change(false);
    }
  }

  get targetIsGone(): boolean {
    return this.aws.account === 'left' || this.aws.account === 'deleted';
  }

  /** Nothing goes wrong any more. */
  calm(): void {
    this.aws.trouble = CALM;
    this.become('there');
    this.refusedSince = null;
    this.mayGive = true;
  }

  /** Calm for twenty minutes: whoever asks now has access then. */
  check(minutes: number): void {
    this.calm();
    this.aws.unstick();
    this.open(minutes, 0);
    this.run(20 * MINUTE);
    if (this.targetIsGone) return;
    const newest = this.#nth(this.grants.size - 1);
    if (newest?.status !== 'active') throw new Error('Whoever asked has no access.');
    if (!this.aws.present) throw new Error('It is not there while a grant is active.');
  }

  /** Lets the time pass and the engine work whenever something is due. */
  run(milliseconds: number): void {
    const { aws } = this;
    const end = aws.now + milliseconds;
    for (let turns = 0; aws.now < end; turns += 1) {
      if (turns > 5_000) throw new Error('The engine never rests.');
      const action = this.#turn();
      if (action.kind !== 'rest') continue;
      const until = action.until?.getTime() ?? end;
      if (until <= aws.now) throw new Error('The engine rests until a time that has passed.');
      aws.pass(Math.min(until, end) - aws.now);
    }
  }

  #turn(): Action {
    const { aws, grants: all } = this;
    const before = { ...this.#tuple, grants: [...all.values()].filter(concerned) };
    const turn = takeTurn(before, this.#memory, this.#learned, {
      now: new Date(aws.now),
      newId: `operation-${this.#ids++}`,
      random: this.#random(),
      outstandingCreates: 0,
      writesInAccount: 0,
      mayGive: this.mayGive,
      looksTrustedFrom: this.looksTrustedFrom === null ? null : new Date(this.looksTrustedFrom),
    });
    // An adoption that could not be confirmed leaves what stood as it stood.
    const letGo = before.adoptedAt !== null && turn.tuple.ownership !== 'ours' && before.operations.length === 0;
    if (letGo && aws.present) aws.standing = true;
    checkPromises(before, turn.tuple, turn.action, this);
    this.lastAskedUntil = latest([this.lastAskedUntil, ...before.operations.map(({ finishedAt }) => finishedAt)]);
    for (const grant of turn.tuple.grants) all.set(grant.id, grant);
    this.#tuple = { ...turn.tuple, operations: remembered(turn.tuple) };
    this.#memory = turn.memory;
    this.#learned = [];
    if (aws.maybe(aws.trouble.crash)) return this.#crash(turn.action, 'before');
    if (turn.action.kind !== 'rest') this.#learned = this.#act(turn.action);
    if (aws.maybe(aws.trouble.crash)) return this.#crash(turn.action, 'after');
    return turn.action;
  }

  /** The rows are what is left; the next process comes when the lease has run out, the old one may only stand still. */
  #crash(action: Action, when: 'before' | 'after'): Action {
    if (action.kind === 'ask' && when === 'before' && this.aws.maybe(0.5)) this.aws.askLate(action.operation.kind);
    if (action.kind === 'ask' && when === 'after') this.aws.forget();
    this.#memory = NOTHING;
    this.#learned = [];
    this.aws.pass(MINUTE);
    return action.kind === 'rest' ? { ...action, until: new Date(this.aws.now + 1) } : action;
  }

  #act(action: Action): Learned[] {
    const { aws } = this;
    const at = new Date(aws.now);
    aws.pass(20 + Math.round(this.#random() * 200));
    switch (action.kind) {
      case 'rest':
        return [];
      case 'reserve':
        return [{ kind: aws.maybe(aws.trouble.busy) ? 'not-reserved' : 'reserved' }];
      case 'look': {
        const rights = action.rightsOf === undefined ? [] : this.#checkRights(at, action.rightsOf, true);
        return [aws.look(at, action.purpose), ...rights];
      }
      case 'check-rights':
        return this.#checkRights(at, action.grantId, action.thenCreate);
      case 'check-target':
        return [aws.target(at)];
      case 'poll':
        return [aws.poll(action.operation, action.alone, action.purpose)];
      case 'ask':
        return [aws.ask(action.operation.id, action.operation.kind)];
    }
  }

  #checkRights(at: Date, grantId: string, thenCreate: boolean): Learned[] {
    const { aws } = this;
    const token: Learned[] = thenCreate && !this.#memory.reserved ? [{ kind: 'reserved' }] : [];
    if (aws.trouble.outage || aws.maybe(aws.trouble.rightsUnavailable)) {
      return [...token, { kind: 'rights-unavailable', text: 'away' }];
    }
    const allowed = this.refusedSince === null && !this.targetIsGone;
    const verdict = allowed ? { allowed } : { allowed, reason: 'no' };
    return [...token, { kind: 'rights', at, grantId, verdict }];
  }

  #nth(index: number): OpenGrant | undefined {
    return [...this.grants.values()][index % Math.max(1, this.grants.size)];
  }

  /** With what is owed for it, in the same transaction. */
  #add(grant: OpenGrant): void {
    this.grants.set(grant.id, grant);
    const owes = this.#tuple.ownership !== 'preexisting';
    const mustBeGoneBy = owes ? latest([this.#tuple.mustBeGoneBy, grant.latestEnd]) : null;
    this.#tuple = { ...this.#tuple, mustBeGoneBy };
  }
}

/** As store.ts loads them. */
function concerned({ status, announced }: OpenGrant): boolean {
  return OPEN.includes(status) || (status === 'revoked' && announced !== 'revoked');
}

function remembered({ operations, absentSeenAt, adoptedAt }: Tuple): Tuple['operations'] {
  const from = Math.min(...[absentSeenAt, adoptedAt].filter((at) => at !== null).map((at) => at.getTime()));
  return operations
    .filter(({ outcome, intendedAt }) => outcome !== 'refused' && intendedAt.getTime() >= from)
    .slice(0, 50);
}
