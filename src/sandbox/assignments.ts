import { z } from 'zod';
import { AssignmentHistory } from './assignment-history.ts';
import type { SandboxAssignment } from './organization.ts';
import { type ProvisionedRole, provisionedRole } from './provisioned-role.ts';

export const assignmentSchema = z.object({
  accountId: z.string(),
  permissionSetArn: z.string(),
  principalType: z.enum(['USER', 'GROUP']),
  principalId: z.string(),
});

const savedSchema = z.object({
  assignments: z.array(assignmentSchema),
  roleGenerations: z.record(z.string(), z.number()),
});

/** Through the API (the portal, as far as the sandbox can tell), or by somebody in the console. */
export type Changer = 'api' | 'outsider';

interface Provisioning {
  accountId: string;
  permissionSetArn: string;
  members: Map<string, SandboxAssignment>;
}

/**
 * The account assignments that exist right now. Whatever uses `add` and `remove` without saying who it is counts as an
 * outsider: an administrator who works in the console past the portal.
 */
export class AssignmentStore {
  /** What changed, and when: for lists that lag behind and for tests that must know the order. */
  readonly history = new AssignmentHistory();
  readonly #provisionings = new Map<string, Provisioning>();
  readonly #roleGenerations: Map<string, number>;
  readonly #onChange: () => void;

  constructor(initial: Iterable<SandboxAssignment>, onChange: () => void = () => {}, roleGenerations = {}) {
    this.#onChange = onChange;
    this.#roleGenerations = new Map(Object.entries(roleGenerations));
    for (const assignment of initial) this.#insert(assignment);
  }

  /** A store that goes on from what an earlier one saved, or starts from `initial` if there is nothing to go on from. */
  static restored(saved: unknown, initial: Iterable<SandboxAssignment>, onChange: () => void): AssignmentStore {
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success) return new AssignmentStore(initial, onChange);
    return new AssignmentStore(parsed.data.assignments, onChange, parsed.data.roleGenerations);
  }

  /** What `restored` takes. */
  snapshot(): z.infer<typeof savedSchema> {
    return { assignments: this.list(), roleGenerations: Object.fromEntries(this.#roleGenerations) };
  }

  /** Every assignment, in no particular order. */
  list(): SandboxAssignment[] {
    return [...this.#provisionings.values()].flatMap(({ members }) => [...members.values()]);
  }

  /** Whether exactly this assignment exists. */
  has(assignment: SandboxAssignment): boolean {
    return this.#provisionings.get(provisioningKey(assignment))?.members.has(principalKey(assignment)) ?? false;
  }

  /** Makes the assignment exist; false if it already did. */
  add(assignment: SandboxAssignment, by: Changer = 'outsider'): boolean {
    if (!this.#insert(assignment)) return false;
    this.history.note('added', assignment, by);
    this.#onChange();
    return true;
  }

  /** Makes the assignment go away; false if it was not there. */
  remove(assignment: SandboxAssignment, by: Changer = 'outsider'): boolean {
    const key = provisioningKey(assignment);
    const provisioning = this.#provisionings.get(key);
    if (!provisioning?.members.delete(principalKey(assignment))) return false;
    if (provisioning.members.size === 0) {
      // With the last assignment the role goes, and the next one gets a role with another suffix.
      this.#provisionings.delete(key);
      this.#roleGenerations.set(key, (this.#roleGenerations.get(key) ?? 0) + 1);
    }
    this.history.note('removed', assignment, by);
    this.#onChange();
    return true;
  }

  /** The assignments of one permission set in one account, as they are or as they were `lagMs` ago. */
  ofPermissionSetInAccount(accountId: string, permissionSetArn: string, lagMs = 0): SandboxAssignment[] {
    const key = provisioningKey({ accountId, permissionSetArn });
    const now = this.#provisionings.get(key)?.members ?? new Map<string, SandboxAssignment>();
    if (lagMs <= 0) return [...now.values()];
    const then = new Map(now);
    for (const { change, assignment } of this.history.since(lagMs).reverse()) {
      if (provisioningKey(assignment) !== key) continue;
      if (change === 'added') then.delete(principalKey(assignment));
      else then.set(principalKey(assignment), assignment);
    }
    return [...then.values()];
  }

  /** The assignments that name one of these principals, as they are or as they were `lagMs` ago. */
  ofPrincipals(principalIds: ReadonlySet<string>, lagMs = 0): SandboxAssignment[] {
    const found = this.list().filter((assignment) => principalIds.has(assignment.principalId));
    if (lagMs <= 0) return found;
    const then = new Map(found.map((each) => [assignmentKey(each), each]));
    for (const { change, assignment } of this.history.since(lagMs).reverse()) {
      if (!principalIds.has(assignment.principalId)) continue;
      if (change === 'added') then.delete(assignmentKey(assignment));
      else then.set(assignmentKey(assignment), assignment);
    }
    return [...then.values()];
  }

  /** The permission sets that have an assignment, and so a role, in the account. */
  permissionSetsIn(accountId: string): string[] {
    const here = [...this.#provisionings.values()].filter((provisioning) => provisioning.accountId === accountId);
    return here.map(({ permissionSetArn }) => permissionSetArn);
  }

  /** The accounts in which the permission set has an assignment, and so a role. */
  accountsWith(permissionSetArn: string): string[] {
    const there = [...this.#provisionings.values()].filter((entry) => entry.permissionSetArn === permissionSetArn);
    return there.map(({ accountId }) => accountId);
  }

  /** The IAM role that stands for the permission set in the account: another one after the last assignment went. */
  role(accountId: string, permissionSetArn: string, permissionSetName: string): ProvisionedRole {
    const key = provisioningKey({ accountId, permissionSetArn });
    return provisionedRole(key, this.#roleGenerations.get(key) ?? 0, permissionSetName);
  }

  /** Resolves when the assignment exists (or no longer does), be it now or later. */
  async waitFor(assignment: SandboxAssignment, state: 'present' | 'absent', timeoutMs = 10_000): Promise<void> {
    const reached = () => this.has(assignment) === (state === 'present');
    await this.history.until(reached, timeoutMs, `The assignment is not ${state} after ${timeoutMs} ms.`);
  }

  #insert(assignment: SandboxAssignment): boolean {
    const { accountId, permissionSetArn } = assignment;
    const key = provisioningKey(assignment);
    const provisioning = this.#provisionings.get(key) ?? { accountId, permissionSetArn, members: new Map() };
    if (provisioning.members.has(principalKey(assignment))) return false;
    provisioning.members.set(principalKey(assignment), { ...assignment });
    this.#provisionings.set(key, provisioning);
    return true;
  }
}

function provisioningKey({ accountId, permissionSetArn }: Pick<SandboxAssignment, 'accountId' | 'permissionSetArn'>) {
  return `${accountId} ${permissionSetArn}`;
}

function principalKey({ principalType, principalId }: SandboxAssignment) {
  return `${principalType} ${principalId}`;
}

function assignmentKey(assignment: SandboxAssignment) {
  return `${provisioningKey(assignment)} ${principalKey(assignment)}`;
}
