import { expect, test, vi } from 'vitest';
import { createProvisioner } from '../../src/access/provisioner.ts';
import { createBudget } from '../../src/platform/budget.ts';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import { ModelRun } from './model-run.ts';
import { createRig, type Rig } from './rig.ts';

const assignment = (rig: Rig) => rig.platform.db.prisma.assignment.findFirstOrThrow();
const statuses = async (rig: Rig) =>
  (await rig.platform.db.prisma.grant.findMany({ orderBy: { createdAt: 'asc' } })).map(({ status }) => status);

/** Lets time pass and both directions be worked on until the condition holds. */
async function until(rig: Rig, condition: () => boolean | Promise<boolean>, seconds = 11): Promise<void> {
  await rig.until(async () => {
    await rig.database.advance({ seconds });
    return await condition();
  });
}

test('F02 throttle/conflict: with 60 % throttled, 20 % in conflict and 5 % failing all reach their goal, and revokes go first', async () => {
  const organization = generateOrganization({ seed: 2, accounts: 60, permissionSets: 100, users: 100, groups: 5 });
  const rig = await createRig({ organization, outstandingCreates: 15, delayMs: 40 });
  const accounts = organization.accounts.filter(
    ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  );
  const tuples = Array.from({ length: 40 }, (_, index) => ({
    accountId: accounts[index]!.id,
    permissionSetArn: organization.permissionSets[index]!.arn,
    principalType: 'USER' as const,
    principalId: organization.users[index]!.id,
  }));
  const run = new ModelRun(rig, tuples, () => 0.99);
  const ending = run.subjects.slice(0, 20);
  const opening = run.subjects.slice(20);
  for (const subject of ending) await run.open(subject, { durationMinutes: 60 });
  const there = (subjects: typeof ending) => subjects.filter(({ tuple }) => rig.sandbox.assignments.has(tuple)).length;
  const work = async (done: () => Promise<boolean>) => {
    for (let tries = 0; tries < 120 && !(await done()); tries += 1) {
      await run.work();
      await run.pass(60);
    }
  };
  await work(async () => (await statuses(rig)).every((status) => status === 'active'));
  expect(there(ending)).toBe(20);

  Object.assign(rig.sandbox.faults, { throttleShare: 0.6, conflictShare: 0.2, serverErrorShare: 0.05 });
  await run.pass(70 * 60);
  for (const subject of opening) await run.open(subject, { durationMinutes: 720 });

  // All at once, those who give before those who take, with few tokens for everyone.
  const { platform } = rig;
  const budget = createBudget(platform.db, {}, { rate: 60, burst: 5 });
  const process = rig.process(createProvisioner({ aws: platform.aws, budget }));
  // No token for four seconds: all stand in line before the first is given.
  await platform.db.pool.query(
    `insert into api_budgets (family, tokens) values ('sso-admin', -240)
     on conflict (family) do update set tokens = -240, refilled_at = clock_timestamp()`,
  );
  for (const { grants } of opening) process.wake(grants[0]!.assignmentId, 'give', grants[0]!.userId);
  for (const { grants } of ending) process.wake(grants[0]!.assignmentId, 'take', grants[0]!.userId);
  const { calls } = rig.sandbox;
  const created = calls.count('CreateAccountAssignment');
  await vi.waitFor(() => expect(calls.count('CreateAccountAssignment')).toBeGreaterThan(created), {
    timeout: 20_000,
    interval: 2,
  });
  expect(calls.count('DeleteAccountAssignment')).toBeGreaterThanOrEqual(20);
  await process.stop();

  let most = 0;
  await work(async () => {
    const { rows } = await platform.db.pool.query<{ count: number }>(
      `select count(*)::int as count from assignment_operations
       where kind = 'create' and outcome in ('intended', 'in_progress') and intended_at > app_now() - interval '1 minute'`,
    );
    most = Math.max(most, rows[0]!.count);
    const now = await statuses(rig);
    return (
      now.filter((each) => each === 'ended').length === 20 && now.filter((each) => each === 'active').length === 20
    );
  });
  expect(await statuses(rig)).toEqual([...Array(20).fill('ended'), ...Array(20).fill('active')]);
  expect([there(ending), there(opening)]).toEqual([0, 20]);
  expect(most).toBeLessThanOrEqual(15);
});

test('F03 async results: a role quota that is full fails the grant with what AWS said, and it is never shown as given', async () => {
  const rig = await createRig();
  rig.sandbox.faults.failNext.push('Number of roles exceeded in the account');
  const grant = await rig.reaches(await rig.open(), 'failed');
  expect(grant.failure).toBe('AWS could not create the access. AWS says: Number of roles exceeded in the account');
  expect(rig.told.map(({ change }) => change)).toEqual(['failed']);
  // AWS may have called it FAILED and go on all the same: what it owes stands.
  expect(await assignment(rig)).toMatchObject({ ownership: 'ours', mustBeGoneBy: grant.latestEnd });

  rig.sandbox.assignments.add(rig.tuple);
  await until(rig, () => !rig.present(), 61);
  expect(rig.told.map(({ change }) => change)).toEqual(['failed']);
});

test('F03 async results: a create in progress for two hours is never shown as given, and is taken away when it comes after all', async () => {
  const rig = await createRig();
  rig.sandbox.faults.stuck = { kind: 'create' };
  const grant = await rig.open();
  for (let minutes = 0; minutes < 120; minutes += 5) {
    // While it counts as outstanding, whoever holds it naps between two polls.
    await rig.converger.converge(grant.assignmentId, AbortSignal.timeout(1_000));
    await rig.database.advance({ minutes: 5 });
  }
  const failed = await rig.reaches(grant, 'failed');
  expect(failed.failure).toContain('The window was over before AWS could give the access');
  expect(rig.told.map(({ change }) => change)).toEqual(['failed']);
  expect((await assignment(rig)).ownership).toBe('ours');

  rig.sandbox.faults.stuck = false;
  await rig.sandbox.assignments.waitFor(rig.tuple, 'present');
  await until(rig, () => !rig.present(), 61);
  expect(rig.told.map(({ change }) => change)).toEqual(['failed']);
  await until(rig, async () => (await assignment(rig)).ownership === 'unknown', 600);
  expect(rig.present()).toBe(false);
});

test('F03 async results: with answers and statuses lost, only the list makes it active and only the list ends it', async () => {
  const rig = await createRig({ delayMs: 50 });
  Object.assign(rig.sandbox.faults, { loseStatus: true, loseAnswer: true });
  const grant = await rig.open();
  await until(rig, async () => (await rig.grant(grant)).status === 'active');
  await rig.end(grant);
  await until(rig, async () => (await rig.grant(grant)).status === 'revoked');
  expect(rig.told.map(({ change, present }) => [change, present])).toEqual([
    ['active', true],
    ['revoked', false],
  ]);
});
