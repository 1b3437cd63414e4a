import { expect, test } from 'vitest';
import { MINUTE, since } from '../../src/access/tuple.ts';
import { createRig } from './rig.ts';

test('a grant comes and goes, and nobody is told before AWS has confirmed it', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  const active = await rig.reaches(grant, 'active');
  expect(rig.present()).toBe(true);
  expect(active.closesAt!.getTime() - active.activatedAt!.getTime()).toBe(3_600_000);

  await rig.database.advance({ minutes: 46 });
  await rig.until(() => rig.told.some(({ change }) => change === 'ending-soon'));
  expect(rig.present()).toBe(true);

  await rig.database.advance({ minutes: 14 });
  const ended = await rig.reaches(grant, 'ended');
  expect(ended.endCause).toBe('time');
  expect(rig.present()).toBe(false);
  expect(rig.told).toEqual([
    { grantId: grant.id, change: 'active', present: true },
    { grantId: grant.id, change: 'ending-soon', present: true },
    { grantId: grant.id, change: 'ended', present: false },
  ]);

  const { rows } = await rig.platform.db.pool.query(
    "select kind from audit_events where kind <> 'instance.bound' order by id",
  );
  expect(rows.map(({ kind }) => kind)).toEqual([
    'grant.scheduled',
    'grant.activating',
    'assignment.create-intended',
    'assignment.create-in-progress',
    'assignment.create-succeeded',
    'grant.active',
    'grant.ending',
    'assignment.delete-intended',
    'assignment.delete-in-progress',
    'assignment.delete-succeeded',
    'grant.ended',
  ]);
});

test('after a while nothing is owed any more, and absence was read again', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  await rig.database.advance({ minutes: 60 });
  await rig.reaches(grant, 'ended');
  const looks = rig.sandbox.calls.count('ListAccountAssignments');
  await rig.database.advance({ seconds: 11 });
  await rig.until(async () => (await rig.platform.db.prisma.assignment.findFirstOrThrow()).ownership === 'unknown');
  const assignment = () => rig.platform.db.prisma.assignment.findFirstOrThrow();
  const atRest = { mustBeGoneBy: null, leaseHolder: null, observed: 'absent' };
  const released = await assignment();
  expect(released).toMatchObject(atRest);
  expect(rig.sandbox.calls.count('ListAccountAssignments')).toBe(looks + 1);

  // Twice more, ten and sixty minutes later, although nothing of ours can come any more.
  expect(since(released.rereadFrom!, released.nextAt!)).toBe(10 * MINUTE);
  await rig.database.advance({ minutes: 10 });
  await rig.until(async () => since(released.rereadFrom!, (await assignment()).nextAt!) === 60 * MINUTE);
  await rig.database.advance({ minutes: 50 });
  await rig.until(async () => (await assignment()).nextAt === null);
  expect(await assignment()).toMatchObject({ ...atRest, rereadFrom: null });
  expect(rig.sandbox.calls.count('ListAccountAssignments')).toBe(looks + 3);
});

test('what is there again after it was given up is known, and stays', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  await rig.end(grant);
  await rig.reaches(grant, 'revoked');
  await rig.database.advance({ seconds: 11 });
  const assignment = () => rig.platform.db.prisma.assignment.findFirstOrThrow();
  await rig.until(async () => (await assignment()).ownership === 'unknown');
  rig.sandbox.assignments.add(rig.tuple);
  await rig.database.advance({ minutes: 11 });
  await rig.until(async () => (await assignment()).observed === 'present');
  await rig.database.advance({ minutes: 60 });
  await rig.until(async () => (await assignment()).nextAt === null);
  expect(await assignment()).toMatchObject({ ownership: 'unknown', observed: 'present', mustBeGoneBy: null });
  expect(rig.sandbox.calls.count('DeleteAccountAssignment')).toBe(1);
  expect(rig.present()).toBe(true);
});

test('what FAILED and succeeds all the same within an hour and a quarter is taken away again', async () => {
  const rig = await createRig();
  rig.sandbox.faults.failNext.push('Number of roles exceeded in the account');
  const grant = await rig.open();
  await rig.reaches(grant, 'failed');
  const assignment = () => rig.platform.db.prisma.assignment.findFirstOrThrow();
  for (const minutes of [5, 15, 45]) {
    await rig.database.advance({ minutes });
    await rig.converger.converge(grant.assignmentId);
    // The obligation stands as long as it may still come.
    const watched = await assignment();
    expect(watched.ownership).toBe('ours');
    expect(watched.mustBeGoneBy).not.toBeNull();
    rig.sandbox.assignments.add(rig.tuple);
    await rig.database.advance({ minutes: 15 });
    await rig.until(async () => {
      await rig.database.advance({ seconds: 11 });
      return !rig.present();
    });
  }
  await rig.database.advance({ hours: 2 });
  await rig.until(async () => (await assignment()).ownership === 'unknown');
});

test('L07 static preserved: an assignment that stood before the grant is never deleted', async () => {
  const rig = await createRig();
  rig.sandbox.assignments.add(rig.tuple);
  const grant = await rig.open();
  const active = await rig.reaches(grant, 'active');
  expect(active.preexisting).toBe(true);
  await rig.database.advance({ hours: 2 });
  await rig.reaches(grant, 'ended');
  expect(rig.present()).toBe(true);
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(0);
  expect(rig.sandbox.calls.count('DeleteAccountAssignment')).toBe(0);

  const another = await rig.open();
  await rig.reaches(another, 'active');
  await rig.end(another);
  await rig.reaches(another, 'revoked');
  expect(rig.present()).toBe(true);
});

test('L05 overlap: with one grant taken back, access goes on until the other ends', async () => {
  const rig = await createRig();
  const shorter = await rig.open({ durationMinutes: 60 });
  await rig.reaches(shorter, 'active');
  const longer = await rig.open({ durationMinutes: 120 });
  await rig.reaches(longer, 'active');
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(1);

  await rig.end(shorter);
  const revoked = await rig.reaches(shorter, 'revoked');
  expect(revoked.continuedBy).toBe(longer.id);
  expect(rig.present()).toBe(true);

  await rig.database.advance({ minutes: 121 });
  const ended = await rig.reaches(longer, 'ended');
  expect(ended.continuedBy).toBeNull();
  expect(rig.present()).toBe(false);
});

test('L06 same-second expiry: two grants that end together do not wait for each other', async () => {
  const rig = await createRig();
  const one = await rig.open();
  const other = await rig.open();
  await rig.reaches(one, 'active');
  await rig.reaches(other, 'active');
  await rig.platform.db.pool.query(`update grants set closes_at = (select min(closes_at) from grants)`);
  await rig.database.advance({ minutes: 61 });
  const id = (await rig.grant(one)).assignmentId;
  await Promise.all([rig.converger.converge(id), rig.process().converge(id)]);
  await rig.reaches(one, 'ended');
  await rig.reaches(other, 'ended');
  expect(rig.present()).toBe(false);
  expect(rig.sandbox.calls.count('DeleteAccountAssignment')).toBe(1);
});

test('a grant that is ended while its create is in progress leaves nothing behind', async () => {
  const rig = await createRig({ delayMs: 700 });
  const grant = await rig.open();
  const giving = rig.converger.converge(grant.assignmentId);
  await rig.sandbox.calls.waitFor('CreateAccountAssignment');
  const ending = await rig.end(grant);
  expect(ending.status).toBe('ending');
  await giving;
  await rig.reaches(grant, 'revoked');
  expect(rig.present()).toBe(false);
  expect(rig.told.map(({ change }) => change)).toEqual(['revoked']);
  expect(rig.sandbox.assignments.history.since(60_000).map(({ change }) => change)).toEqual(['added', 'removed']);
});

test('L10 double job: two processes that look after the same assignment ask AWS once', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  const processes = [rig.converger, rig.process(), rig.process()];
  await Promise.all(processes.map((each) => each.converge(grant.assignmentId)));
  await rig.reaches(grant, 'active');
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(1);
});

test('L10 double job: who was paused beyond the lease writes nothing any more', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  let go = () => {};
  const paused = new Promise<void>((resolve) => {
    go = resolve;
  });
  let asked = () => {};
  const checking = new Promise<void>((resolve) => {
    asked = resolve;
  });
  rig.rights.check = async () => {
    asked();
    await paused;
    return { allowed: false, reason: 'told by the paused one' };
  };
  const late = rig.converger.converge(grant.assignmentId);
  await checking;
  await rig.database.advance({ seconds: 61 });
  rig.rights.check = async () => ({ allowed: true });
  await rig.reaches(grant, 'active', rig.process());
  go();
  await late;
  expect((await rig.grant(grant)).status).toBe('active');
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(1);
});

test('a grant for later waits for its start and is told of', async () => {
  const rig = await createRig();
  const startsAt = new Date(Date.now() + 3_600_000);
  const grant = await rig.open({ startsAt });
  await rig.converger.converge(grant.assignmentId);
  expect(rig.told.map(({ change }) => change)).toEqual(['scheduled']);
  expect(rig.sandbox.calls.count('ListAccountAssignments')).toBe(0);
  expect(await rig.grant(grant)).toMatchObject({ status: 'scheduled', opensAt: startsAt });
  await rig.database.advance({ hours: 1 });
  const active = await rig.reaches(grant, 'active');
  expect(active.closesAt!.getTime()).toBeGreaterThanOrEqual(startsAt.getTime() + 3_600_000);
});

test('a grant that is revoked before it opens is over at once, and is told of', async () => {
  const rig = await createRig();
  const grant = await rig.open({ startsAt: new Date(Date.now() + 3_600_000) });
  await rig.converger.converge(grant.assignmentId);
  expect((await rig.end(grant)).status).toBe('revoked');
  await expect(rig.end(grant)).rejects.toThrow('already been taken away');
  await rig.until(() => rig.told.length === 2);
  expect(rig.told.map(({ change }) => change)).toEqual(['scheduled', 'revoked']);
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(0);
});
