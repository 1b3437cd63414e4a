import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { assignmentSchema } from '../../assignments.ts';
import { type AssignmentWrite, hits } from '../../faults.ts';
import type { SandboxServices } from '../../services.ts';

const writeSchema = assignmentSchema.extend({
  kind: z.enum(['create', 'delete']),
  requestId: z.string(),
  status: z.enum(['IN_PROGRESS', 'FAILED', 'SUCCEEDED']),
  createdAt: z.number(),
  /** Decided when the write is accepted, shown once it has failed. */
  failureReason: z.string().optional(),
});

/** One accepted create or delete and how far it is. */
export type WriteStatus = z.infer<typeof writeSchema>;

const savedSchema = z.array(writeSchema);
const REMEMBERED = 5_000;
const LOOK_AGAIN_WHILE_STUCK_MS = 20;

/** The creates and deletes that Identity Center has accepted: each takes effect a while after it was accepted. */
export class AssignmentWrites {
  readonly #services: SandboxServices;
  readonly #delayMs: number;
  readonly #writes = new Map<string, WriteStatus>();
  readonly #underWay = new Set<WriteStatus>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(services: SandboxServices, delayMs: number) {
    this.#services = services;
    this.#delayMs = delayMs;
    const saved = savedSchema.safeParse(services.state.keep('assignmentWrites', () => this.list()));
    for (const write of saved.success ? saved.data : []) {
      this.#writes.set(write.requestId, write);
      // What was under way when the sandbox stopped goes on, as it would at AWS.
      if (write.status === 'IN_PROGRESS') this.#start(write);
    }
  }

  /** Accepts a write, which then goes its way. */
  accept(write: AssignmentWrite, failureReason: string | undefined): WriteStatus {
    const status: WriteStatus = {
      ...write,
      requestId: randomUUID(),
      status: 'IN_PROGRESS',
      createdAt: this.#services.clock.now().getTime(),
      failureReason,
    };
    this.#writes.set(status.requestId, status);
    this.#forgetOldest();
    this.#start(status);
    this.#services.state.changed();
    return status;
  }

  find(kind: WriteStatus['kind'], requestId: string): WriteStatus | undefined {
    const write = this.#writes.get(requestId);
    return write?.kind === kind ? write : undefined;
  }

  /** All that is remembered, oldest first. */
  list(): WriteStatus[] {
    return [...this.#writes.values()];
  }

  underWay(): WriteStatus[] {
    return [...this.#underWay];
  }

  /** Lets go of the timers; nothing takes effect any more. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #start(write: WriteStatus): void {
    this.#underWay.add(write);
    this.#after(this.#delayMs, () => this.#settle(write));
  }

  #settle(write: WriteStatus): void {
    const { assignments, faults, state } = this.#services;
    if (hits(faults.stuck, write)) {
      this.#after(LOOK_AGAIN_WHILE_STUCK_MS, () => this.#settle(write));
      return;
    }
    const { accountId, permissionSetArn, principalType, principalId } = write;
    const assignment = { accountId, permissionSetArn, principalType, principalId };
    this.#underWay.delete(write);
    write.status = write.failureReason === undefined ? 'SUCCEEDED' : 'FAILED';
    if (write.status === 'SUCCEEDED' && write.kind === 'create') assignments.add(assignment, 'api');
    if (write.status === 'SUCCEEDED' && write.kind === 'delete') assignments.remove(assignment, 'api');
    state.changed();
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #forgetOldest(): void {
    for (const [requestId, { status }] of this.#writes) {
      if (this.#writes.size <= REMEMBERED) return;
      if (status !== 'IN_PROGRESS') this.#writes.delete(requestId);
    }
  }
}
