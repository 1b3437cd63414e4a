import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCESS_QUEUES, endGrant, type Grant, getGrant, openGrant } from '../../src/access/index.ts';
import { systemActor } from '../../src/audit/index.ts';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import type { SandboxAssignment } from '../../src/sandbox/organization.ts';
import { createTestPlatform } from '../support/platform.ts';
import { type PortalProcess, startPortalProcess, untilReady } from '../support/process.ts';
import { createEstate, type Estate } from './estate.ts';

const PATIENT = { timeout: 60_000, interval: 100 };
const LOADED = { NODE_OPTIONS: `--import=${fileURLToPath(new URL('../support/die-at.ts', import.meta.url))}` };

let estate: Estate;
let platform: ReturnType<typeof createTestPlatform>;
let accounts: string[];

beforeAll(async () => {
  estate = await createEstate({ callsPerSecond: Number.POSITIVE_INFINITY });
  platform = createTestPlatform(estate.database, estate.sandbox);
  // The first process binds the database and copies the directory; the others find both.
  await using _first = await estate.start();
  await estate.furnish();
  await platform.queue.start(ACCESS_QUEUES);
  const { organization } = estate.sandbox;
  accounts = organization.accounts
    .filter(({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId)
    .map(({ id }) => id);
}, 120_000);

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await estate[Symbol.asyncDispose]();
});

interface Case {
  grant: Grant;
  tuple: SandboxAssignment;
}

/** Access that rests on no request, so that nothing but giving and taking is in play; each case has a tuple of its own. */
async function open(): Promise<Case> {
  const { organization } = estate.sandbox;
  const [user] = organization.users.filter(({ status }) => status === 'ENABLED');
  const accountId = accounts.shift();
  const account = organization.accounts.find(({ id }) => id === accountId)!;
  const permissionSet = organization.permissionSets.find(
    ({ arn }) => !organization.standingAssignments.some((each) => each.permissionSetArn === arn),
  )!;
  const grant = await platform.db.tx((tx) =>
    openGrant(
      platform,
      tx,
      {
        requestId: null,
        basis: 'break_glass',
        userId: user!.id,
        accountId: account.id,
        permissionSetArn: permissionSet.arn,
        userDisplayName: user!.displayName,
        userName: user!.userName,
        accountName: account.name,
        ouPath: 'Root',
        permissionSetName: permissionSet.name,
        sessionSeconds: 3600,
        durationMinutes: 60,
        startsAt: null,
      },
      systemActor('test'),
    ),
  );
  const tuple = {
    accountId: account.id,
    permissionSetArn: permissionSet.arn,
    principalType: 'USER' as const,
    principalId: user!.id,
  };
  return { grant, tuple };
}

const end = ({ grant }: Case) =>
  platform.db.tx((tx) =>
    endGrant(platform, tx, { grantId: grant.id, cause: 'admin', comment: 'enough', actor: systemActor('test') }),
  );

const statusOf = async ({ grant }: Case) => (await getGrant(platform.db.prisma, grant.id))?.status;

/** A process that does not come past the given moment. */
const doomed = (moment: string) => estate.start({ ...LOADED, DIE_AT: moment });

/** The lease of whoever died runs out; until the clock is moved, nobody else may touch the assignment. */
const leaseRunsOut = () => estate.database.advance({ seconds: 61 });

/** Looks again and again, with time passing, until the grant has this status. */
async function reaches(given: Case, status: Grant['status']): Promise<void> {
  await expect
    .poll(async () => {
      if ((await statusOf(given)) !== status) await estate.database.advance({ seconds: 5 });
      return statusOf(given);
    }, PATIENT)
    .toBe(status);
}

/** Every create and delete that AWS was asked for is on record, from its intent to its outcome. */
async function auditIsComplete({ grant }: Case): Promise<void> {
  const { rows } = await platform.db.pool.query<{ id: string; outcome: string; told: string[] }>(
    `select o.id, o.outcome, array_agg(e.kind order by e.id) as told
     from assignment_operations o left join audit_events e on e.after ->> 'operationId' = o.id::text
     where o.assignment_id = $1 group by o.id`,
    [grant.assignmentId],
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { outcome, told } of rows) {
    expect(told[0]).toMatch(/-intended$/);
    expect(told.at(-1)).toMatch(new RegExp(`-${outcome.replace('_', '-')}$`));
  }
}

const CRASHES = [
  ['before its intent is written', 'before ListAccountAssignments', 'audit assignment.delete-intended'],
  ['after its intent is written', 'before CreateAccountAssignment', 'before DeleteAccountAssignment'],
  ['after AWS accepted it, with the answer unread', 'after CreateAccountAssignment', 'after DeleteAccountAssignment'],
  [
    'while it is polled',
    'before DescribeAccountAssignmentCreationStatus',
    'before DescribeAccountAssignmentDeletionStatus',
  ],
  ['before its outcome is on record', 'audit assignment.create-succeeded', 'audit assignment.delete-succeeded'],
] as const;

test.each(CRASHES)(
  'F01 crash points: killed %s, a grant and a revoke are finished by the next process',
  async (_when, give, take) => {
    const first = await doomed(`SIGKILL ${give}`);
    const given = await open();
    expect(await first.exited).toBe(null);
    await leaseRunsOut();

    // Who finishes the grant dies in the revoke.
    const second = await doomed(`SIGKILL ${take}`);
    await reaches(given, 'active');
    expect(estate.sandbox.assignments.has(given.tuple)).toBe(true);
    await end(given);
    expect(await second.exited).toBe(null);
    await leaseRunsOut();

    await using _third = await estate.start();
    await reaches(given, 'revoked');
    expect(estate.sandbox.assignments.has(given.tuple)).toBe(false);
    await auditIsComplete(given);
  },
  120_000,
);

test('L10 double job: a process that stood still beyond its lease asks AWS late, and what that gives is taken away', async () => {
  const paused: PortalProcess = await doomed('SIGSTOP before CreateAccountAssignment');
  const port = String(await freePort());
  const given = await open();
  const { assignments, calls } = estate.sandbox;
  try {
    await expect.poll(() => stopped(paused), PATIENT).toBe(true);
    await leaseRunsOut();
    await using other = await startPortalProcess({ ...estate.environment, PORT: port }, ['--role', 'worker']);
    await untilReady({ ...other, url: `http://localhost:${port}` });
    await reaches(given, 'active');
    await end(given);
    await reaches(given, 'revoked');
    const asked = calls.count('CreateAccountAssignment');

    paused.child.kill('SIGCONT');
    await expect.poll(() => calls.count('CreateAccountAssignment'), PATIENT).toBeGreaterThan(asked);
    await assignments.waitFor(given.tuple, 'present', 20_000);
    // Watched until nothing of what was asked can take effect any more.
    await expect
      .poll(async () => {
        await estate.database.advance({ seconds: 20 });
        return assignments.has(given.tuple);
      }, PATIENT)
      .toBe(false);
    expect(await statusOf(given)).toBe('revoked');
  } finally {
    paused.child.kill('SIGKILL');
    await paused.exited;
  }
}, 120_000);

/** Whether the kernel says that the process stands still. */
async function stopped({ child }: PortalProcess): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  await sleep(10);
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}
