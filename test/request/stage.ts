import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Grant, grantsOfRequest } from '../../src/access/index.ts';
import { type Actor, systemActor } from '../../src/audit/index.ts';
import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from '../../src/policy/index.ts';
import { approveRequest, submitRequest } from '../../src/request/index.ts';
import type { Submission } from '../../src/request/types.ts';
import {
  DEMO_ACCOUNTS,
  DEMO_PEOPLE,
  DEMO_PERMISSION_SETS,
  demoGroupId,
  demoUserId,
} from '../../src/sandbox/demo-organization.ts';
import { deleteApprovalPolicy, PLAIN, saveApprovalPolicy, saveEligibilityPolicy } from '../support/policies.ts';
import { createTestPortal, type TestPortalOptions } from '../support/portal.ts';

export const STAGING = DEMO_ACCOUNTS['payments-staging']!;
export const DEVELOPMENT = DEMO_ACCOUNTS['payments-dev']!;
export const POWER = DEMO_PERMISSION_SETS.PowerUser!;
export const READ = DEMO_PERMISSION_SETS.ReadOnly!;

export const LENA = demoUserId(DEMO_PEOPLE.requester);
export const PRIYA = demoUserId(DEMO_PEOPLE.approver);
export const TOMAS = demoUserId(DEMO_PEOPLE.secondApprover);
/** Neither an engineer nor a lead of payments. */
export const ZOE = demoUserId('zoë.lindqvist');
export const DARIO = demoUserId('dario.conti');

export function actorOf(userName: string): Actor {
  return { kind: 'user', id: demoUserId(userName), name: userName, via: 'web', address: '192.0.2.7' };
}

export const lena = actorOf(DEMO_PEOPLE.requester);
export const priya = actorOf(DEMO_PEOPLE.approver);
export const tomas = actorOf(DEMO_PEOPLE.secondApprover);
export const zoe = actorOf('zoë.lindqvist');
export const dario = actorOf('dario.conti');

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
  const kept = await keepTables(context.db.pool, [
    'eligibility_policies',
    'approval_policies',
    'guardrails',
    'policy_versions',
    'memberships',
  ]);
  const memberships = new Map([...organization.memberships].map(([group, members]) => [group, [...members]]));

  const enabled = new Set(organization.users.filter(({ status }) => status === 'ENABLED').map(({ id }) => id));
  await context.db.pool.query('create table original_accounts as select id, parent_id, ancestor_ids from accounts');

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
    /** Changes who approves in payments-staging, as an admin would. */
    async approvalBecomes(change: Partial<PolicyContent<ApprovalPolicy>>) {
      const seen = await context.db.prisma.approvalPolicy.findFirstOrThrow({ where: { name: approval.name } });
      await saveApprovalPolicy(context, { ...approval, ...change }, admin, seen);
    },
    /** Changes who may ask in payments-staging, as an admin would. */
    async eligibilityBecomes(change: Partial<PolicyContent<EligibilityPolicy>>) {
      const seen = await context.db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name: eligibility.name } });
      await saveEligibilityPolicy(context, { ...eligibility, ...change }, admin, seen);
    },
    /** Nobody approves in payments-staging any more. */
    async withoutApprovalPolicy() {
      const seen = await context.db.prisma.approvalPolicy.findFirstOrThrow({ where: { name: approval.name } });
      await deleteApprovalPolicy(context, seen, admin);
    },
    /** Payments engineers may have more than the free policy gives, with approval. */
    async longerWithApproval(accountId: string, maxDurationMinutes: number) {
      const targets = [`ACCOUNT:${accountId}`];
      await saveEligibilityPolicy(context, { ...eligibility, name: 'Longer', targets, maxDurationMinutes }, admin);
      await saveApprovalPolicy(context, { ...approval, name: 'Longer', targets }, admin);
    },
    /** Limits payments-staging, and whatever else, above all policies. */
    async guardrail(maxDurationMinutes: number) {
      await context.db.pool.query(
        `insert into guardrails (name, max_duration_minutes, updated_by_id, updated_by_name) values ('Short', $1, 'x', 'x')`,
        [maxDurationMinutes],
      );
    },
    async settings(value: object) {
      await context.db.pool.query(
        'insert into settings (value) values ($1) on conflict (id) do update set value = excluded.value',
        [JSON.stringify(value)],
      );
    },
    find: (id: string) => context.db.prisma.request.findUniqueOrThrow({ where: { id } }),
    /** Who left groups is back in them, policies and accounts are as they were, and nobody has asked for anything. */
    async reset() {
      for (const [group, members] of memberships) organization.memberships.set(group, new Set(members));
      for (const user of organization.users) user.status = enabled.has(user.id) ? 'ENABLED' : 'DISABLED';
      const client = new pg.Client({ connectionString: portal.database.url });
      await client.connect();
      // What is insert-only stays so for the portal; this connection leaves the triggers out.
      await client.query(`set session_replication_role = replica;
        truncate requests, decisions, grants, assignments, assignment_operations, outbox_messages, audit_events, settings
          restart identity cascade;
        update accounts a set state = 'ACTIVE', parent_id = o.parent_id, ancestor_ids = o.ancestor_ids
          from original_accounts o where o.id = a.id;
        update permission_sets set in_management_account = name = 'OrganizationAdmin';
        update directory_revision set revision = gen_random_uuid();
        update test_clock set ahead = '0'`);
      await kept.putBack(client);
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

/** What these tables hold now, to be put back by a connection that leaves triggers out. */
async function keepTables(pool: pg.Pool, tables: string[]) {
  const contents = new Map<string, string>();
  for (const table of tables) {
    const { rows } = await pool.query<{ content: string }>(
      `select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text as content from ${table} t`,
    );
    contents.set(table, rows[0]?.content ?? '[]');
  }
  return {
    async putBack(client: pg.Client) {
      for (const [table, content] of contents) {
        await client.query(`delete from ${table}`);
        await client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
          content,
        ]);
      }
      await client.query('update policy_revision set revision = gen_random_uuid()');
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

/** Lena has access: asked for, approved where that is needed, and confirmed. */
export async function activeAccess(
  stage: Stage,
  overrides: Partial<Submission> = {},
): Promise<{ id: string; number: string; grant: Grant }> {
  const { context } = stage;
  const request = await stage.submit(overrides);
  if (request.status === 'pending') {
    await approveRequest(context, { requestId: request.id, version: 1, comment: 'Yes.' }, priya);
  }
  for (let turn = 0; turn < 50; turn++) {
    const [grant] = await grantsOfRequest(context.db.prisma, request.id);
    if (grant?.status === 'active') return { id: request.id, number: `R-${request.number}`, grant };
    if (grant) await context.converger.converge(grant.assignmentId);
  }
  throw new Error('The access did not become active.');
}
