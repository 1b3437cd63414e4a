import { expect, test } from 'vitest';
import { retryGrant } from '../../src/access/index.ts';
import { createProvisioner, type Provisioner } from '../../src/access/provisioner.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import { ADMIN, createRig, type Rig } from './rig.ts';

test('a create that AWS fails ends in failed, with the reason in plain words and what AWS said', async () => {
  const rig = await createRig();
  rig.sandbox.faults.failNext.push('Number of roles exceeded in the account');
  const grant = await rig.open();
  const failed = await rig.reaches(grant, 'failed');
  expect(failed.failure).toBe('AWS could not create the access. AWS says: Number of roles exceeded in the account');
  expect(rig.present()).toBe(false);
  expect(rig.told).toEqual([{ grantId: grant.id, change: 'failed', present: false }]);

  // An admin tries again, within the window.
  await rig.platform.db.tx((tx) => retryGrant(rig.platform, tx, { grantId: grant.id, actor: ADMIN }));
  await rig.reaches(grant, 'active');
  expect(rig.present()).toBe(true);
  await rig.database.advance({ hours: 2 });
  await rig.reaches(grant, 'ended');
  await expect(
    rig.platform.db.tx((tx) => retryGrant(rig.platform, tx, { grantId: grant.id, actor: ADMIN })),
  ).rejects.toThrow('Only access that could not be given can be tried again');
});

test('an error of AWS that trying again does not mend fails the grant with words for it', async () => {
  const rig = await createRig();
  rig.sandbox.faults.quotaExceeded = true;
  const one = await rig.reaches(await rig.open(), 'failed');
  expect(one.failure).toContain('A limit of AWS is reached; an administrator can have it raised.');
  rig.sandbox.faults.quotaExceeded = false;
  rig.sandbox.faults.forbidden = true;
  const other = await rig.reaches(await rig.open(), 'failed');
  expect(other.failure).toContain('AWS does not allow Latchkey to give this access');
});

test('rights that are gone just before the create fail the grant, and AWS is not asked', async () => {
  const rig = await createRig();
  rig.rights.check = async () => ({ allowed: false, reason: 'No policy allows this any more.' });
  const failed = await rig.reaches(await rig.open(), 'failed');
  expect(failed.failure).toBe('No policy allows this any more.');
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(0);
});

test('rights that cannot be read give nothing until they can', async () => {
  const rig = await createRig();
  let asked = 0;
  rig.rights.check = async () => {
    asked += 1;
    if (asked < 3) throw new UnavailableError('directory-away', 'Identity Center does not answer.');
    return { allowed: true };
  };
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  expect(asked).toBe(3);
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(1);
});

test('with AWS away for the whole window the grant fails, and nothing appears later', async () => {
  const rig = await createRig();
  rig.sandbox.faults.outage = true;
  const grant = await rig.open();
  await rig.converger.converge(grant.assignmentId);
  expect((await rig.grant(grant)).status).toBe('activating');
  await rig.database.advance({ minutes: 75 });
  const failed = await rig.reaches(grant, 'failed');
  expect(failed.failure).toContain('The window was over before AWS could give the access');
  rig.sandbox.faults.outage = false;
  await rig.database.advance({ minutes: 20 });
  await rig.converger.converge(grant.assignmentId);
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(0);
});

test('with AWS away for ten minutes the access still lasts in full', async () => {
  const rig = await createRig();
  rig.sandbox.faults.outage = true;
  const grant = await rig.open();
  await rig.converger.converge(grant.assignmentId);
  await rig.database.advance({ minutes: 10 });
  rig.sandbox.faults.outage = false;
  const active = await rig.reaches(grant, 'active');
  expect(active.activatedAt!.getTime() - active.opensAt.getTime()).toBeGreaterThan(600_000);
  expect(active.closesAt!.getTime() - active.activatedAt!.getTime()).toBe(3_600_000);
});

test('AWS away when the window closes: it stays ending and overdue, and goes once AWS is back', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  rig.sandbox.faults.outage = true;
  await rig.database.advance({ minutes: 62 });
  await rig.reaches(grant, 'ending');
  expect(rig.present()).toBe(true);
  expect(rig.told.map(({ change }) => change)).not.toContain('ended');
  rig.sandbox.faults.outage = false;
  await rig.database.advance({ minutes: 2 });
  await rig.reaches(grant, 'ended');
  expect(rig.present()).toBe(false);
});

test('a delete that AWS forbids is marked at once and tried until it works', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  rig.sandbox.faults.forbidden = true;
  await rig.end(grant);
  const assignment = () => rig.platform.db.prisma.assignment.findFirstOrThrow();
  await rig.until(async () => (await assignment()).cannotRevokeSince !== null);
  expect((await rig.grant(grant)).status).toBe('ending');
  rig.sandbox.faults.forbidden = false;
  await rig.reaches(grant, 'revoked');
  expect((await assignment()).cannotRevokeSince).toBeNull();
  expect(rig.present()).toBe(false);
});

test('an assignment that somebody removed already ends without an error', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  rig.sandbox.assignments.remove(rig.tuple);
  await rig.end(grant);
  const moved = advancing(rig, 12);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'revoked');
});

test('a permission set that no longer exists fails what is to be given and ends what was given', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  const { organization } = rig.sandbox;
  organization.permissionSets = organization.permissionSets.filter(({ arn }) => arn !== rig.tuple.permissionSetArn);
  const another = await rig.open();
  const failed = await rig.reaches(another, 'failed');
  expect(failed.failure).toContain('no longer exist');
  await rig.end(grant).catch(() => {});
  const moved = advancing(rig, 12);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'revoked');
});

test('throttling, conflicts and errors of AWS are got through in both directions', async () => {
  const rig = await createRig();
  Object.assign(rig.sandbox.faults, { throttleShare: 0.4, conflictShare: 0.2, serverErrorShare: 0.05 });
  const moved = advancing(rig, 5);
  const grant = await rig.open({ durationMinutes: 240 });
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'active');
  await rig.end(grant);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'revoked');
  expect(rig.present()).toBe(false);
});

test('an answer that is lost after the create leads to access all the same, and to one assignment', async () => {
  const rig = await createRig();
  rig.sandbox.faults.loseAnswer = { kind: 'create' };
  const grant = await rig.open();
  const moved = advancing(rig, 5);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'active');
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(1);
  await rig.end(grant);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'revoked');
  expect(rig.present()).toBe(false);
});

test('a status that AWS has lost is settled by the list', async () => {
  const rig = await createRig();
  rig.sandbox.faults.loseStatus = true;
  const grant = await rig.open();
  const moved = advancing(rig, 5);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'active');
  await rig.end(grant);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'revoked');
  expect(rig.present()).toBe(false);
});

for (const crash of ['before', 'after'] as const) {
  for (const kind of ['create', 'delete'] as const) {
    test(`a process that dies right ${crash} its ${kind} reaches AWS leaves nothing that another does not finish`, async () => {
      const rig = await createRig();
      const grant = await rig.open();
      if (kind === 'delete') {
        await rig.reaches(grant, 'active');
        await rig.end(grant);
      }
      const dying = dyingProcess(rig, kind, crash);
      void rig.process(dying.provisioner).converge(grant.assignmentId);
      await dying.died;
      const moved = advancing(rig, 20);
      const goal = kind === 'create' ? 'active' : 'revoked';
      await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === goal);
      expect(rig.present()).toBe(kind === 'create');
    });
  }
}

test('a late create of a grant that is over is taken away again', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  const dying = dyingProcess(rig, 'create', 'before');
  void rig.process(dying.provisioner).converge(grant.assignmentId);
  await dying.died;
  await rig.end(grant);
  const moved = advancing(rig, 20);
  await rig.until(async () => (await moved()) && (await rig.grant(grant)).status === 'revoked');
  // What was on its way all that time takes effect after all.
  rig.sandbox.assignments.add(rig.tuple);
  await rig.until(async () => (await moved()) && !rig.present());
});

/** Moves the database's time on by so many seconds each time it is asked; always true. */
function advancing(rig: Rig, seconds: number): () => Promise<boolean> {
  return async () => {
    await rig.database.advance({ seconds });
    return true;
  };
}

/** A way to AWS whose process stops for ever at its first create or delete: before it reached AWS, or after. */
function dyingProcess(rig: Rig, kind: 'create' | 'delete', crash: 'before' | 'after') {
  const real = createProvisioner(rig.platform);
  const died = Promise.withResolvers<void>();
  const dies = async (key: Parameters<Provisioner['create']>[0]) => {
    if (crash === 'after') await real[kind](key);
    died.resolve();
    return new Promise<never>(() => {});
  };
  const provisioner: Provisioner = { ...real, [kind]: dies };
  return { provisioner, died: died.promise };
}
