import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Actor, systemActor } from '../../src/audit/index.ts';
import {
  type ApprovalPolicy,
  type EligibilityPolicy,
  saveApprovalPolicy,
  saveEligibilityPolicy,
} from '../../src/policy/index.ts';
import { submitRequest } from '../../src/request/index.ts';
import type { Submission } from '../../src/request/types.ts';
import {
  DEMO_ACCOUNTS,
  DEMO_PEOPLE,
  DEMO_PERMISSION_SETS,
  demoGroupId,
  demoUserId,
} from '../../src/sandbox/demo-organization.ts';
import { PLAIN } from '../support/policies.ts';
import { createTestPortal, type TestPortalOptions } from '../support/portal.ts';

export const STAGING = DEMO_ACCOUNTS['payments-staging']!;
export const DEVELOPMENT = DEMO_ACCOUNTS['payments-dev']!;
export const POWER = DEMO_PERMISSION_SETS.PowerUser!;
export const READ = DEMO_PERMISSION_SETS.ReadOnly!;

export const LENA = demoUserId(DEMO_PEOPLE.requester);
export const PRIYA = demoUserId(DEMO_PEOPLE.approver);
export const TOMAS = demoUserId(DEMO_PEOPLE.secondApprover);

export function actorOf(userName: string): Actor {
  return { kind: 'user', id: demoUserId(userName), name: userName, via: 'web', address: '192.0.2.7' };
}

export const lena = actorOf(DEMO_PEOPLE.requester);
export const priya = actorOf(DEMO_PEOPLE.approver);
export const tomas = actorOf(DEMO_PEOPLE.secondApprover);

const eligibility = {
  name: 'Payments engineers',
  principals: [`GROUP:${demoGroupId('Payments Engineers')}`],
  targets: [`ACCOUNT:${STAGING}`],
  includeNestedOus: false,
  permissionSets: [POWER, READ],
  maxDurationMinutes: 240,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...PLAIN,
} satisfies Omit<EligibilityPolicy, 'id' | 'version'>;

const approval = {
  name: 'Payments leads decide',
  targets: [`ACCOUNT:${STAGING}`],
  includeNestedOus: false,
  permissionSets: [],
  requesterGroups: [],
  broaderMayDecide: false,
  steps: [{ approvers: [`GROUP:${demoGroupId('Payments Leads')}`], approvalsNeeded: 1 }],
  note: '',
  ...PLAIN,
} satisfies Omit<ApprovalPolicy, 'id' | 'version'>;

/**
 * A portal where payments engineers (Lena, and Priya too) may ask for two roles in payments-staging with the approval
 * of the payments leads (Priya, Tomás), and for one in payments-dev without.
 */
async function createStage(options: TestPortalOptions = {}) {
  const portal = await createTestPortal(options);
  const { context } = portal;
  const admin = systemActor('test');
  await saveEligibilityPolicy(context, eligibility, admin);
  const free = {
    ...eligibility,
    name: 'Without approval',
    targets: [`ACCOUNT:${DEVELOPMENT}`],
    permissionSets: [POWER],
  };
  await saveEligibilityPolicy(context, { ...free, approvalRequired: false }, admin);
  await saveApprovalPolicy(context, approval, admin);
  await portal.sync();
  const { organization } = portal.sandbox;
  const memberships = new Map([...organization.memberships].map(([group, members]) => [group, [...members]]));

  return {
    ...portal,
    /** Lena asks, unless told otherwise. */
    submit: (overrides: Partial<Submission> = {}, actor = lena) => submitRequest(context, submission(overrides), actor),
    async kinds(): Promise<string[]> {
      const { rows } = await context.db.pool.query<{ kind: string }>('select kind from audit_events order by id');
      return rows.map(({ kind }) => kind).filter((kind) => /^(request|grant)\./.test(kind));
    },
    async mails(): Promise<string[]> {
      const { rows } = await context.db.pool.query<{ kind: string; to_name: string }>(
        'select kind, to_name from outbox_messages order by created_at, kind, to_name',
      );
      return rows.map(({ kind, to_name }) => `${kind} to ${to_name}`);
    },
    /** Who left groups is back in them, one approval is enough, and nobody has asked for anything. */
    async reset() {
      for (const [group, members] of memberships) organization.memberships.set(group, new Set(members));
      await this.needApprovals(1);
      const client = new pg.Client({ connectionString: portal.database.url });
      await client.connect();
      // What is insert-only stays so for the portal; this connection leaves the triggers out.
      await client.query(`set session_replication_role = replica;
        truncate requests, decisions, grants, assignments, assignment_operations, outbox_messages, audit_events, settings
          restart identity cascade;
        update accounts set state = 'ACTIVE';
        update test_clock set ahead = '0'`);
      await client.end();
    },
    async needApprovals(count: number) {
      await context.db.pool.query(`update approval_policies set steps = jsonb_set(steps, '{0,approvalsNeeded}', $1)`, [
        String(count),
      ]);
    },
    async count(table: string): Promise<number> {
      const { rows } = await context.db.pool.query<{ count: number }>(`select count(*)::int as count from ${table}`);
      return rows[0]!.count;
    },
  };
}

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** One stage for all tests of a file, as new for each of them. */
export function useStage(options: TestPortalOptions = {}): { stage: Stage } {
  const holder = {} as { stage: Stage };
  beforeAll(async () => {
    holder.stage = await createStage(options);
  });
  beforeEach(() => holder.stage.reset());
  afterAll(() => holder.stage[Symbol.asyncDispose]());
  return holder;
}

export function submission(overrides: Partial<Submission> = {}): Submission {
  return {
    accountId: STAGING,
    permissionSetArn: POWER,
    startsAt: null,
    durationMinutes: 120,
    ticket: 'CHG-7',
    justification: 'Repair the stuck settlement run.',
    formKey: randomUUID(),
    ...overrides,
  };
}

/** The same as a form that a browser sends. */
export function fields(overrides: Record<string, string> = {}): Record<string, string> {
  return {
    accountId: STAGING,
    permissionSetArn: POWER,
    startsAt: '',
    durationMinutes: '120',
    ticket: 'CHG-7',
    justification: 'Repair the stuck settlement run.',
    formKey: randomUUID(),
    ...overrides,
  };
}
