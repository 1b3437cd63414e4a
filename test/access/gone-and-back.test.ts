import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { allowGiving, stopGiving } from '../../src/access/index.ts';
import { createRig, type Rig } from './rig.ts';

test('what AWS does not know for some seconds is told gone, stays owed, and is taken away when it shows again', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  const { mustBeGoneBy } = await assignment(rig);

  const { organization } = rig.sandbox;
  const known = organization.permissionSets;
  organization.permissionSets = known.filter(({ arn }) => arn !== rig.tuple.permissionSetArn);
  await rig.end(grant);
  await rig.until(async () => {
    await rig.database.advance({ seconds: 5 });
    return (await rig.grant(grant)).status === 'revoked';
  });
  expect((await rig.grant(grant)).gone).toBe(true);
  expect(rig.present()).toBe(true);
  expect(await assignment(rig)).toMatchObject({ ownership: 'ours', mustBeGoneBy, takeAfter: null, lastError: null });

  organization.permissionSets = known;
  await rig.database.advance({ minutes: 11 });
  await rig.until(() => !rig.present());
  await rig.database.advance({ seconds: 11 });
  await rig.until(async () => (await assignment(rig)).ownership === 'unknown');
});

test('what stays unknown to AWS is read twice more, and then nothing is owed', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  const { organization } = rig.sandbox;
  organization.permissionSets = organization.permissionSets.filter(({ arn }) => arn !== rig.tuple.permissionSetArn);
  await rig.end(grant);
  const looks = () => rig.sandbox.calls.count('ListAccountAssignments');
  await rig.until(async () => {
    await rig.database.advance({ seconds: 5 });
    return (await rig.grant(grant)).status === 'revoked';
  });
  const before = looks();
  for (const minutes of [10, 50]) {
    expect((await assignment(rig)).ownership).toBe('ours');
    await rig.database.advance({ minutes });
    await rig.converger.converge(grant.assignmentId);
  }
  expect(looks() - before).toBe(2);
  expect(await assignment(rig)).toMatchObject({ ownership: 'unknown', mustBeGoneBy: null, nextAt: null });
});

test('a role that AWS does not know for a moment fails who asks, and leaves it to those who have it', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  const { organization } = rig.sandbox;
  const known = organization.permissionSets;
  organization.permissionSets = known.filter(({ arn }) => arn !== rig.tuple.permissionSetArn);
  await rig.reaches(await rig.open(), 'failed');
  organization.permissionSets = known;
  await rig.converger.converge(grant.assignmentId);
  expect((await rig.grant(grant)).status).toBe('active');
  expect(rig.present()).toBe(true);
});

test('while giving is stopped a new grant does not take over what another leaves: it is taken away, and given once it is allowed', async () => {
  const rig = await createRig();
  const { db } = rig.platform;
  const first = await rig.reaches(await rig.open(), 'active');
  const next = await rig.open({ startsAt: new Date(first.closesAt!.getTime() - 600_000), durationMinutes: 120 });
  await db.tx((tx) => stopGiving(tx, { id: 'admin', name: 'Ada Admin', reason: 'an incident' }));
  await rig.database.advance({ minutes: 55 });
  await rig.reaches(next, 'activating');
  await rig.converger.converge(next.assignmentId);
  expect((await rig.grant(next)).status).toBe('activating');
  expect((await rig.grant(first)).status).toBe('active');

  await rig.database.advance({ minutes: 6 });
  const ended = await rig.reaches(first, 'ended');
  expect(ended.continuedBy).toBeNull();
  expect(rig.present()).toBe(false);
  expect((await rig.grant(next)).status).toBe('activating');

  await db.tx((tx) => allowGiving(tx));
  await rig.reaches(next, 'active');
  expect(rig.present()).toBe(true);
});

test('while giving is stopped nobody becomes active on what stood before', async () => {
  const rig = await createRig();
  rig.sandbox.assignments.add(rig.tuple);
  const { db } = rig.platform;
  await db.tx((tx) => stopGiving(tx, { id: 'admin', name: 'Ada Admin', reason: 'an incident' }));
  const grant = await rig.open();
  await rig.converger.converge(grant.assignmentId);
  expect((await rig.grant(grant)).status).toBe('activating');
  await db.tx((tx) => allowGiving(tx));
  expect((await rig.reaches(grant, 'active')).preexisting).toBe(true);
});

test('an operation left in progress is watched however many deletes fail after it', async () => {
  const rig = await createRig();
  rig.sandbox.faults.stuck = { kind: 'create' };
  const grant = await rig.open();
  await rig.converger.converge(grant.assignmentId, AbortSignal.timeout(500));
  await rig.database.advance({ minutes: 6 });
  await rig.converger.converge(grant.assignmentId);
  await rig.end(grant);
  await rig.until(async () => {
    await rig.database.advance({ seconds: 15 });
    return (await rig.grant(grant)).status === 'revoked';
  });
  const { rows } = await rig.platform.db.pool.query<{ now: Date }>('select app_now() as now');
  for (let each = 0; each < 60; each += 1) {
    const at = new Date(rows[0]!.now.getTime() + each);
    const over = { finishedAt: at, effectiveUntil: at, outcome: 'failed' as const, awsRequestId: null, fence: 1n };
    const data = {
      id: randomUUID(),
      assignmentId: grant.assignmentId,
      kind: 'delete' as const,
      intendedAt: at,
      ...over,
    };
    await rig.platform.db.prisma.assignmentOperation.create({ data });
  }
  await rig.database.advance({ minutes: 3 });
  await rig.converger.converge(grant.assignmentId);
  expect((await assignment(rig)).ownership).toBe('ours');

  rig.sandbox.faults.stuck = false;
  await rig.sandbox.assignments.waitFor(rig.tuple, 'present');
  await rig.until(async () => {
    await rig.database.advance({ seconds: 61 });
    return !rig.present();
  });
});

function assignment(rig: Rig) {
  return rig.platform.db.prisma.assignment.findFirstOrThrow();
}
