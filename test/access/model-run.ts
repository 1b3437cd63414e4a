import { randomUUID } from 'node:crypto';
import { endGrant, extendGrant, type Grant, retryGrant } from '../../src/access/index.ts';
import { createProvisioner, type Provisioner, type TupleKey } from '../../src/access/provisioner.ts';
import type { OperationKind } from '../../src/access/tuple.ts';
import { ConflictError } from '../../src/platform/errors.ts';
import { noFaults } from '../../src/sandbox/faults.ts';
import { pick } from '../../src/sandbox/generate/random.ts';
import type { SandboxAssignment } from '../../src/sandbox/organization.ts';
import { ADMIN, type Rig } from './rig.ts';

/** One sequence of commands has one assignment for itself. */
export interface Subject {
  tuple: SandboxAssignment & { principalType: 'USER' };
  standing: boolean;
  grants: Grant[];
  /** What was done, to be printed where it went wrong. */
  done: string[];
}

const COMMANDS = [
  ...['open', 'open', 'open', 'open later', 'end', 'end', 'extend', 'retry', 'nothing', 'nothing'],
  ...['crash before create', 'crash after create', 'crash before delete', 'crash after delete'],
  ...['create late', 'delete late'],
] as const;

/** Any number of assignments of one rig, which live through the same times and faults. */
export class ModelRun {
  readonly subjects: Subject[];
  readonly #rig: Rig;
  readonly #random: () => number;
  readonly #real: Provisioner;
  /** Calls of processes that stood still and lost their lease meanwhile. */
  #late: (() => Promise<unknown>)[] = [];

  constructor(rig: Rig, tuples: Subject['tuple'][], random: () => number) {
    this.#rig = rig;
    this.#random = random;
    this.#real = createProvisioner({ aws: rig.platform.aws, budget: { take: async () => {}, waiting: () => 0 } });
    this.subjects = tuples.map((tuple) => ({ tuple, standing: random() < 0.15, grants: [], done: [] }));
    for (const { tuple, standing } of this.subjects) if (standing) rig.sandbox.assignments.add(tuple);
  }

  /** New faults, one command for each assignment, two processes that work on all of them, and time that passes. */
  async round(): Promise<void> {
    const troubles = this.#trouble();
    await atOnce(8, this.subjects, async (subject) => {
      const command = subject.done.length === 0 ? 'open' : (pick(COMMANDS, this.#random) ?? 'nothing');
      subject.done.push(`${command} (${troubles})`);
      await this.#command(subject, command);
    });
    await this.work();
    await this.pass(pick([2, 15, 61, 61, 360, 1_800], this.#random) ?? 2);
  }

  /** Two processes look after all that is due, and stop at their next safe point after a second and a half. */
  async work(): Promise<void> {
    const { rows } = await this.#rig.platform.db.pool.query<{ id: string }>(
      'select id from assignments where next_at <= app_now() and (lease_until is null or lease_until <= app_now())',
    );
    const stopping = AbortSignal.timeout(1_500);
    const processes = [this.#rig.process(this.#real), this.#rig.process(this.#real)];
    await Promise.all(
      processes.map((process) => atOnce(24, rows, ({ id }) => process.converge(id, stopping).then(() => {}))),
    );
  }

  async pass(seconds: number): Promise<void> {
    await this.#rig.database.advance({ seconds });
    const late = this.#late;
    this.#late = [];
    await Promise.all(late.map((call) => call()));
  }

  calm(): void {
    Object.assign(this.#rig.sandbox.faults, noFaults());
  }

  async open(subject: Subject, more: { durationMinutes?: number; startsAt?: Date | null } = {}): Promise<void> {
    const { principalId: userId, accountId, permissionSetArn } = subject.tuple;
    subject.grants.push(await this.#rig.open({ userId, accountId, permissionSetArn, ...more }));
  }

  async #command(subject: Subject, command: (typeof COMMANDS)[number]): Promise<void> {
    const { platform } = this.#rig;
    const grant = pick(subject.grants, this.#random);
    const [what, when, kind] = command.split(' ') as [string, 'before' | 'after', OperationKind];
    try {
      if (what === 'open') {
        const { rows } = await platform.db.pool.query<{ now: Date }>('select app_now() as now');
        const startsAt = when === undefined ? null : new Date(rows[0]!.now.getTime() + 300_000);
        return await this.open(subject, { durationMinutes: pick([5, 30, 60], this.#random) ?? 5, startsAt });
      }
      if (grant === undefined) return;
      if (what === 'end') {
        const end = { grantId: grant.id, cause: 'admin', comment: null, actor: ADMIN } as const;
        await platform.db.tx((tx) => endGrant(platform, tx, end));
      }
      if (what === 'retry') await platform.db.tx((tx) => retryGrant(platform, tx, { grantId: grant.id, actor: ADMIN }));
      if (what === 'extend') await this.#extend(grant);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
    if (grant === undefined) return;
    if (what === 'crash') await this.#dyingProcess(grant.assignmentId, when, kind);
    if (what === 'create' || what === 'delete') await this.#stoppedProcess(grant.assignmentId, what);
  }

  async #extend(grant: Grant): Promise<void> {
    const { platform } = this.#rig;
    const { rows } = await platform.db.pool.query<{ id: string }>(
      `insert into requests (status, form_key, requester_id, requester_name, requester_user_name, account_id, account_name,
         ou_path, permission_set_arn, permission_set_name, session_seconds, duration_minutes, justification,
         approval_needed, steps, policies, expires_at, closed_at, extends_grant_id)
       values ('approved', $1, $2, 'Lena', 'lena', $3, 'a', '', $4, 'p', 3600, 25, 'It takes longer.', true, '[]', '[]',
         app_now(), app_now(), $5) returning id`,
      [randomUUID(), grant.userId, grant.accountId, grant.permissionSetArn, grant.id],
    );
    const extension = { grantId: grant.id, requestId: rows[0]!.id, minutes: 25, approved: true, actor: ADMIN };
    await platform.db.tx((tx) => extendGrant(platform, tx, extension));
  }

  /** A process that is gone for ever at its first create or delete: before it reached AWS, or after. */
  async #dyingProcess(assignmentId: string, when: 'before' | 'after', kind: OperationKind): Promise<void> {
    await this.#diverted(assignmentId, kind, async (key) => {
      if (when === 'after') await this.#real[kind](key).catch(() => {});
    });
  }

  /** A process that stands still at its first create or delete, and makes the call when others went on long ago. */
  async #stoppedProcess(assignmentId: string, kind: OperationKind): Promise<void> {
    await this.#diverted(assignmentId, kind, async (key) => {
      this.#late.push(() => this.#real[kind](key).catch(() => {}));
    });
  }

  async #diverted(assignmentId: string, kind: OperationKind, divert: (key: TupleKey) => Promise<void>): Promise<void> {
    const diverted = Promise.withResolvers<void>();
    const provisioner: Provisioner = {
      ...this.#real,
      async [kind](key: TupleKey) {
        await divert(key);
        diverted.resolve();
        return new Promise<never>(() => {});
      },
    };
    const process = this.#rig.process(provisioner);
    await Promise.race([diverted.promise, process.converge(assignmentId, AbortSignal.timeout(500))]);
  }

  /** Some faults on, the others off. */
  #trouble(): string {
    const { faults } = this.#rig.sandbox;
    this.calm();
    const sometimes = (share: number) => () => Math.random() < share;
    const stuck = new WeakMap<object, boolean>();
    const isStuck = (write: object) => {
      stuck.set(write, stuck.get(write) ?? Math.random() < 0.5);
      return stuck.get(write) === true;
    };
    const troubles: Record<string, () => void> = {
      calm: () => {},
      throttle: () => Object.assign(faults, { throttleShare: 0.4 }),
      conflict: () => Object.assign(faults, { conflictShare: 0.4 }),
      '500': () => Object.assign(faults, { serverErrorShare: 0.3 }),
      outage: () => Object.assign(faults, { outage: true }),
      FAILED: () =>
        Object.assign(faults, { failWhen: () => (Math.random() < 0.3 ? 'Number of roles exceeded' : undefined) }),
      'lost answers': () => Object.assign(faults, { loseAnswer: sometimes(0.5) }),
      'lost status': () => Object.assign(faults, { loseStatus: true }),
      stuck: () => Object.assign(faults, { stuck: isStuck }),
      'list lag': () => Object.assign(faults, { listLagMs: 200 }),
      forbidden: () => Object.assign(faults, { forbidden: sometimes(0.2) }),
      'absent deletes fail': () => Object.assign(faults, { absentDeleteFails: true }),
    };
    const names = [
      pick(Object.keys(troubles), this.#random)!,
      ...(this.#random() < 0.3 ? [pick(Object.keys(troubles), this.#random)!] : []),
    ];
    for (const name of names) troubles[name]!();
    return names.join(', ');
  }
}

/** At most so many at the same time. */
async function atOnce<Item>(most: number, items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: most }, worker));
}
