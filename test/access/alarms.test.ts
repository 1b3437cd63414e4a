import { expect, test } from 'vitest';
import { ACCESS_QUEUES, registerAccessJobs } from '../../src/access/index.ts';
import { createRig, type Rig } from './rig.ts';

test('with the queue at work, a grant comes by its job and goes by its alarm', async () => {
  const rig = await withQueue();
  const grant = await rig.open({ durationMinutes: 1 });
  await eventually(async () => (await rig.grant(grant)).status === 'active');
  // The alarm for the end is set on the queue's own clock.
  const { rows } = await rig.platform.db.pool.query(
    `select start_after from pgboss.job where name = 'access' and state = 'created'`,
  );
  const { closesAt } = await rig.grant(grant);
  expect(rows.map(({ start_after }) => Math.round((start_after - closesAt!.getTime()) / 1_000))).toEqual([0]);
  await rig.database.advance({ minutes: 1 });
  await rig.platform.db.pool.query(`update pgboss.job set start_after = now() where name = 'access'`);
  await eventually(async () => (await rig.grant(grant)).status === 'ended');
  expect(rig.present()).toBe(false);
});

test('a lost job is found by the watchdog, which enqueues another', async () => {
  const rig = await withQueue();
  await rig.platform.queue.stop();
  const grant = await rig.open();
  await rig.platform.db.pool.query('delete from pgboss.job');
  expect(await rig.converger.watchdogTick()).toBe(0);
  await rig.database.advance({ seconds: 3 });
  expect(await rig.converger.watchdogTick()).toBe(1);
  const { rows } = await rig.platform.db.pool.query(`select data from pgboss.job where name = 'access'`);
  expect(rows).toEqual([{ data: { assignmentId: grant.assignmentId, purpose: 'give', owner: grant.userId } }]);
});

test('where nobody works the queue, the watchdog does what is due itself', async () => {
  const rig = await createRig();
  await rig.platform.queue.start(ACCESS_QUEUES);
  const grant = await rig.open();
  await rig.database.advance({ seconds: 7 });
  await rig.converger.watchdogTick();
  await eventually(async () => (await rig.grant(grant)).status === 'active');
});

test('a queue whose tables are gone is made anew, and no decision was lost meanwhile', async () => {
  const rig = await withQueue();
  await rig.platform.db.pool.query('drop schema pgboss cascade');
  const grant = await rig.open();
  await rig.database.advance({ seconds: 3 });
  await rig.converger.watchdogTick();
  await eventually(async () => (await rig.grant(grant)).status === 'active');
  const { rows } = await rig.platform.db.pool.query(`select name from pgboss.queue where name = 'access'`);
  expect(rows).toHaveLength(1);
});

test('the watchdog leaves alone what somebody is at', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.platform.db.pool.query(
    `update assignments set lease_holder = 'another', lease_until = app_now() + interval '1 minute'`,
  );
  await rig.database.advance({ seconds: 10 });
  expect(await rig.converger.watchdogTick()).toBe(0);
  await rig.converger.converge(grant.assignmentId);
  expect((await rig.grant(grant)).status).toBe('scheduled');
  await rig.database.advance({ seconds: 51 });
  expect(await rig.converger.watchdogTick()).toBe(1);
});

test('a process that is asked to stop hands over what it was at', async () => {
  const rig = await createRig({ delayMs: 500 });
  const grant = await rig.open();
  const stopping = rig.process();
  stopping.wake(grant.assignmentId, 'give');
  await rig.sandbox.calls.waitFor('CreateAccountAssignment');
  await stopping.stop();
  const assignment = await rig.platform.db.prisma.assignment.findFirstOrThrow();
  expect(assignment.leaseHolder).toBeNull();
  await rig.reaches(grant, 'active');
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(1);
});

test('fifteen creates under way keep the sixteenth grant waiting, but no revoke', async () => {
  const rig = await withQueue();
  const revoked = await rig.open();
  await rig.reaches(revoked, 'active');
  const { accounts, managementAccountId } = rig.sandbox.organization;
  const others = accounts.filter(({ id, state }) => state === 'ACTIVE' && id !== managementAccountId).slice(0, 17);
  expect(others.length).toBe(17);
  rig.sandbox.faults.stuck = { kind: 'create' };
  const grants = await Promise.all(others.slice(1).map(({ id }) => rig.open({ accountId: id })));
  for (const { assignmentId } of grants) rig.converger.wake(assignmentId, 'give');
  const creates = () => rig.sandbox.calls.count('CreateAccountAssignment');
  await eventually(async () => creates() === 16);
  await rig.end(revoked);
  rig.converger.wake(revoked.assignmentId, 'take');
  await eventually(async () => (await rig.grant(revoked)).status === 'revoked');
  expect(creates()).toBe(16);
  rig.sandbox.faults.stuck = false;
  await eventually(async () => creates() === 17);
});

async function withQueue(): Promise<Rig> {
  const rig = await createRig();
  await rig.platform.queue.start(ACCESS_QUEUES);
  await registerAccessJobs(rig.platform, rig.converger);
  return rig;
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It did not come about within 40 seconds.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
