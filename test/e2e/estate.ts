import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import { registerPortal } from '../../src/sandbox/demo.ts';
import {
  DEMO_ACCOUNTS,
  DEMO_PEOPLE,
  DEMO_PERMISSION_SETS,
  demoOrganization,
  demoUserId,
} from '../../src/sandbox/demo-organization.ts';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { overHttp, signIn, TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { type PortalProcess, startPortalProcess, untilReady } from '../support/process.ts';

const PRODUCTION = DEMO_ACCOUNTS['payments-prod']!;
const DEVELOPMENT = DEMO_ACCOUNTS['payments-dev']!;
const POWER_USER = DEMO_PERMISSION_SETS.PowerUser!;

/** What Lena asks for, as AWS has it. */
export const ACCESS = {
  accountId: PRODUCTION,
  permissionSetArn: POWER_USER,
  principalType: 'USER' as const,
  principalId: demoUserId(DEMO_PEOPLE.requester),
};

/** What surrounds a portal: a database, a sandbox, and the environment that an operator gives its processes. */
export interface Estate extends AsyncDisposable {
  database: TestDatabase;
  sandbox: Sandbox;
  /** Where its processes are to be reached, whichever runs. */
  url: string;
  environment: Record<string, string>;
  /** Starts a process and waits until it may take traffic. */
  start(more?: Record<string, string>, args?: string[]): Promise<PortalProcess>;
  /** Waits until the directory is copied, then has the admin save who may ask for ACCESS and who decides: Priya or Tomás. */
  furnish(): Promise<void>;
  signIn(who: keyof typeof DEMO_PEOPLE): Promise<TestClient>;
  /** What people see of a request: its badge on its page. */
  statusOf(reader: TestClient, id: string): Promise<string>;
}

export async function createEstate(options: Partial<SandboxOptions> = {}): Promise<Estate> {
  const database = await createTestDatabase();
  const sandbox = await startSandbox({ organization: demoOrganization(), delayMs: 0, ...options });
  const port = String(await freePort());
  const url = `http://localhost:${port}`;
  registerPortal(sandbox, url);
  const environment = {
    BASE_URL: url,
    PORT: port,
    DATABASE_URL: database.url,
    SESSION_SECRET: 'a-secret-that-the-processes-share-0',
    ADMIN_GROUPS: 'Latchkey Admins',
    AUDITOR_GROUPS: 'Security Auditors',
    NODE_ENV: 'production',
    ...sandbox.environment,
  };
  const estate: Estate = {
    database,
    sandbox,
    url,
    environment,
    async start(more = {}, args = []) {
      const portal = await startPortalProcess({ ...environment, ...more }, args);
      await untilReady(portal, 60_000);
      return portal;
    },
    async furnish() {
      // Not expect.poll: whole files are furnished before their first test.
      await vi.waitFor(async () => expect(await emptyCopies(database)).toEqual([]), { timeout: 30_000 });
      const admin = await estate.signIn('admin');
      for (const [kind, fields] of Object.entries(POLICIES)) {
        const saved = await admin.post(`/admin/${kind}-policies`, fields);
        expect(saved.statusCode, saved.body).toBe(303);
      }
    },
    signIn: (who) => signIn(new TestClient(overHttp(url)), DEMO_PEOPLE[who]),
    async statusOf(reader, id) {
      const page = await reader.get(`/requests/${id}`);
      return /data-status="([^"]+)"/.exec(page.body)?.[1] ?? `answer ${page.statusCode}`;
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await database[Symbol.asyncDispose]();
    },
  };
  return estate;
}

async function emptyCopies({ db }: TestDatabase): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(`
    select name from (select 'accounts' as name, count(*) from accounts union select 'roles', count(*) from permission_sets
      union select 'users', count(*) from users) as copies where count = 0`);
  return rows.map(({ name }) => name);
}

const POLICIES = {
  eligibility: {
    name: 'Lena in payments',
    principals: `USER:${ACCESS.principalId}`,
    targets: [`ACCOUNT:${PRODUCTION}`, `ACCOUNT:${DEVELOPMENT}`],
    permissionSets: POWER_USER,
    maxDurationMinutes: '120',
    approvalRequired: 'true',
  },
  approval: {
    name: 'Priya and Tomás decide',
    targets: [`ACCOUNT:${PRODUCTION}`, `ACCOUNT:${DEVELOPMENT}`],
    approvers: [`USER:${demoUserId(DEMO_PEOPLE.approver)}`, `USER:${demoUserId(DEMO_PEOPLE.secondApprover)}`],
    approvalsNeeded: '1',
  },
};

/** The form that asks for ACCESS for an hour. */
export function form(more: Record<string, string> = {}): Record<string, string> {
  return {
    accountId: PRODUCTION,
    permissionSetArn: POWER_USER,
    durationMinutes: '60',
    justification: 'The ledger job hangs and has to be restarted.',
    formKey: randomUUID(),
    ...more,
  };
}

/** Sends the form and gives the new request's ID. */
export async function ask(requester: TestClient, more: Record<string, string> = {}): Promise<string> {
  const answer = await requester.post('/requests', form(more));
  expect(answer.statusCode, answer.body).toBe(303);
  return String(answer.headers.location).split('/').at(-1) ?? '';
}

export async function approve(approver: TestClient, id: string): Promise<void> {
  const answer = await approver.post(`/requests/${id}/approval`, { version: '1', comment: 'Go ahead.' });
  expect(answer.statusCode, answer.body).toBe(303);
}
