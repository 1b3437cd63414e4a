import { describe, expect, test } from 'vitest';
import { askComparison, compareNeglected, decideFinding, workAsked, workRolling } from '../../src/drift/index.ts';
import { listFindings } from '../../src/drift/page-queries.ts';
import { ADMIN } from '../access/rig.ts';
import { AT_ONCE, createDriftRig, type DriftRig } from './rig.ts';

/** The users' assignments that nobody gave through Latchkey, as findings have them. */
function standing({ sandbox }: DriftRig) {
  return sandbox.assignments
    .list()
    .filter(({ principalType }) => principalType === 'USER')
    .map(({ accountId, permissionSetArn, principalId }) => ({
      kind: 'unknown',
      accountId,
      permissionSetArn,
      principalId,
    }));
}

const deletes = ({ sandbox }: DriftRig) => sandbox.assignments.history.list().filter(({ by }) => by === 'api');

describe('what stands at AWS without Latchkey', () => {
  test('L08 unknown assignments: after a day of comparisons all are reported, and none was deleted', async () => {
    const rig = await createDriftRig();
    const { sandbox, tuple, database } = rig;
    sandbox.assignments.add(tuple);
    const before = sandbox.assignments.list();
    for (let hour = 0; hour < 24; hour++) {
      await database.advance({ hours: 1 });
      await rig.pass();
      await rig.converger.watchdogTick();
    }
    expect(sandbox.assignments.list()).toEqual(before);
    expect(deletes(rig)).toEqual([]);
    const found = await rig.findings();
    expect(found).toHaveLength(standing(rig).length);
    expect(found).toEqual(expect.arrayContaining(standing(rig)));
    const accounts = sandbox.organization.accounts.filter(({ state }) => state === 'ACTIVE').length;
    expect(await rig.platform.db.prisma.driftAccount.count()).toBe(accounts);
    const own = await rig.platform.db.prisma.driftRequest.findMany();
    expect(own.filter(({ scope, error }) => scope === 'own' && error === null).length).toBeGreaterThanOrEqual(23);
  });

  test('assignments of groups are not reported, and a finding ends by itself when the assignment goes', async () => {
    const rig = await createDriftRig();
    const { sandbox, tuple, database } = rig;
    for (const each of standing(rig)) sandbox.assignments.remove({ ...each, principalType: 'USER' });
    sandbox.assignments.add({ ...tuple, principalType: 'GROUP', principalId: sandbox.organization.groups[0]!.id });
    await rig.pass();
    expect(await rig.findings()).toEqual([]);
    sandbox.assignments.add(tuple);
    await database.advance({ hours: 7 });
    await rig.pass();
    expect(await rig.findings()).toMatchObject([{ kind: 'unknown', principalId: tuple.principalId }]);
    sandbox.assignments.remove(tuple);
    await database.advance({ hours: 7 });
    await rig.pass();
    expect(await rig.findings()).toEqual([]);
    expect(await rig.findings('cleared')).toHaveLength(1);
  });

  test('while AWS is away nothing is concluded, and the comparison is made up for later', async () => {
    const rig = await createDriftRig();
    const { sandbox, database } = rig;
    await rig.pass();
    const before = await rig.findings();
    expect(before.length).toBeGreaterThan(0);
    sandbox.faults.outage = true;
    await database.advance({ hours: 7 });
    await rig.pass();
    expect(await rig.findings()).toEqual(before);
    expect(await rig.findings('cleared')).toEqual([]);
    sandbox.faults.outage = false;
    const [gone] = sandbox.assignments.list().filter(({ principalType }) => principalType === 'USER');
    sandbox.assignments.remove(gone!);
    await database.advance({ minutes: 6 });
    await rig.pass();
    expect(await rig.findings('cleared')).toHaveLength(1);
  });

  test('an account is compared at once where somebody asks for it, and asking twice compares once', async () => {
    const rig = await createDriftRig();
    const { sandbox, tuple, platform } = rig;
    sandbox.assignments.add(tuple);
    const wish = { scope: 'account', scopeId: tuple.accountId } as const;
    await platform.db.tx((tx) => askComparison(platform, tx, wish, ADMIN));
    await platform.db.tx((tx) => askComparison(platform, tx, wish, ADMIN));
    await rig.asked();
    expect(await rig.findings()).toHaveLength(2);
    expect(await rig.findings()).toContainEqual(
      expect.objectContaining({ kind: 'unknown', principalId: tuple.principalId }),
    );
    const requests = await platform.db.prisma.driftRequest.findMany();
    expect(requests).toMatchObject([{ scope: 'account', error: null, found: 2 }]);
    expect(requests[0]!.finishedAt).not.toBeNull();
    expect(requests[0]!.done).toBe(requests[0]!.expected);
  });

  test('a person is compared where Latchkey runs in the management account, without what comes through groups', async () => {
    const rig = await createDriftRig({ inManagementAccount: true });
    const { sandbox, tuple, platform } = rig;
    sandbox.assignments.add(tuple);
    await platform.db.tx((tx) => askComparison(platform, tx, { scope: 'user', scopeId: tuple.principalId }, ADMIN));
    await rig.asked();
    expect(await rig.findings()).toContainEqual({
      kind: 'unknown',
      principalId: tuple.principalId,
      accountId: tuple.accountId,
      permissionSetArn: tuple.permissionSetArn,
    });
  });

  test('outside the management account, comparing a person says that AWS refuses it and what to do instead', async () => {
    const rig = await createDriftRig();
    const { tuple, platform } = rig;
    await platform.db.tx((tx) => askComparison(platform, tx, { scope: 'user', scopeId: tuple.principalId }, ADMIN));
    await rig.asked();
    const [request] = await platform.db.prisma.driftRequest.findMany();
    expect(request!.error).toContain('to the management account only');
    expect(request!.error).toContain('Compare the accounts instead');
  });
});

describe('what Latchkey gave', () => {
  test('L09 removed out of band: shown, reported and not created again; a new grant creates it; the end is clean', async () => {
    const rig = await createDriftRig();
    const { sandbox, tuple, database } = rig;
    const grant = await rig.reaches(await rig.open(), 'active');
    sandbox.assignments.remove(tuple);
    await database.advance({ minutes: 2 });
    await rig.pass();
    expect(await rig.grant(grant)).toMatchObject({ status: 'active', removedOutsideAt: expect.any(Date) });
    expect((await rig.findings()).filter(({ kind }) => kind !== 'unknown')).toMatchObject([
      { kind: 'removed', principalId: tuple.principalId, accountId: tuple.accountId },
    ]);
    await database.advance({ minutes: 20 });
    await rig.converger.converge(grant.assignmentId);
    expect(rig.present()).toBe(false);

    const again = await rig.reaches(await rig.open({ durationMinutes: 20 }), 'active');
    expect(rig.present()).toBe(true);
    await database.advance({ minutes: 22 });
    await rig.reaches(again, 'ended');
    await database.advance({ minutes: 30 });
    await rig.reaches(grant, 'ended');
    expect(rig.present()).toBe(false);
    await database.advance({ minutes: 61 });
    await rig.pass();
    expect((await rig.findings()).filter(({ kind }) => kind !== 'unknown')).toEqual([]);
  });

  test.each([false, true])(
    'L09 removed out of band: nothing given anew, the end is clean (AWS tells of it late: %s)',
    async (absentDeleteFails) => {
      const rig = await createDriftRig();
      const { sandbox, tuple, database } = rig;
      sandbox.faults.absentDeleteFails = absentDeleteFails;
      const grant = await rig.reaches(await rig.open(), 'active');
      sandbox.assignments.remove(tuple);
      await database.advance({ minutes: 61 });
      await rig.pass();
      await rig.until(async () => {
        await database.advance({ seconds: 15 });
        return (await rig.grant(grant)).status === 'ended';
      });
      expect(rig.present()).toBe(false);
      expect((await rig.grant(grant)).failure).toBeNull();
    },
  );

  test('what lags behind our own create is not called removed', async () => {
    const rig = await createDriftRig();
    const { sandbox, database } = rig;
    const grant = await rig.reaches(await rig.open(), 'active');
    // As if nothing of the last five seconds had happened.
    sandbox.faults.listLagMs = 5_000;
    await rig.pass();
    expect((await rig.findings()).filter(({ kind }) => kind !== 'unknown')).toEqual([]);
    expect((await rig.grant(grant)).removedOutsideAt).toBeNull();
    sandbox.faults.listLagMs = 0;
    await database.advance({ hours: 1, minutes: -30 });
    await rig.pass();
    expect((await rig.grant(grant)).removedOutsideAt).toBeNull();
  });

  test('what is there again is no longer said to be removed', async () => {
    const rig = await createDriftRig();
    const { sandbox, tuple, database } = rig;
    const grant = await rig.reaches(await rig.open({ durationMinutes: 480 }), 'active');
    sandbox.assignments.remove(tuple);
    await database.advance({ minutes: 61 });
    await rig.pass();
    expect((await rig.grant(grant)).removedOutsideAt).not.toBeNull();
    sandbox.assignments.add(tuple);
    await database.advance({ minutes: 61 });
    await rig.pass();
    expect((await rig.grant(grant)).removedOutsideAt).toBeNull();
    expect((await rig.findings()).filter(({ kind }) => kind !== 'unknown')).toEqual([]);
  });

  test('what Latchkey took away and somebody gave again is told as that, and stays', async () => {
    const rig = await createDriftRig();
    const { sandbox, tuple, database } = rig;
    const grant = await rig.reaches(await rig.open(), 'active');
    await rig.reaches(await rig.end(grant), 'revoked');
    await database.advance({ hours: 2 });
    await rig.converger.converge(grant.assignmentId);
    sandbox.assignments.add(tuple);
    await database.advance({ hours: 7 });
    await rig.pass();
    expect(
      (await rig.findings()).filter(
        ({ principalId, permissionSetArn }) =>
          principalId === tuple.principalId && permissionSetArn === tuple.permissionSetArn,
      ),
    ).toMatchObject([{ kind: 'recreated' }]);
    await rig.converger.converge(grant.assignmentId);
    expect(rig.present()).toBe(true);
  });
});

type Wish = Parameters<typeof askComparison>[2];

describe('what AWS does not tell of', () => {
  async function twoGiven() {
    const rig = await createDriftRig();
    const { sandbox, tuple, platform } = rig;
    const [other] = sandbox.organization.permissionSets.filter(
      ({ arn }) => arn !== tuple.permissionSetArn && !sandbox.assignments.has({ ...tuple, permissionSetArn: arn }),
    );
    const first = await rig.reaches(await rig.open(), 'active');
    const second = await rig.reaches(await rig.open({ permissionSetArn: other!.arn }), 'active');
    const [denied, told] = [first, second].sort((one, two) => (one.permissionSetArn < two.permissionSetArn ? -1 : 1));
    const asks: string[] = [];
    /** Answers as AWS does, but for what `fails` says. */
    const withFault = (fails: (permissionSetArn: string) => Error | null) => ({
      ...platform,
      aws: {
        ...platform.aws,
        ssoAdmin: {
          send: (command: { input: { PermissionSetArn?: string } }, options: object) => {
            const arn = command.input.PermissionSetArn ?? '';
            asks.push(arn);
            const error = fails(arn);
            return error ? Promise.reject(error) : platform.aws.ssoAdmin.send(command as never, options);
          },
        },
      } as never,
    });
    const { signal } = new AbortController();
    const compare = async (
      fails: (permissionSetArn: string) => Error | null,
      wish: Wish = { scope: 'own', scopeId: null },
    ) => {
      asks.length = 0;
      await platform.db.tx((tx) => askComparison(platform, tx, wish, ADMIN));
      await workAsked(withFault(fails), signal, AT_ONCE);
      return platform.db.prisma.driftRequest.findFirstOrThrow({ orderBy: { requestedAt: 'desc' } });
    };
    return { ...rig, denied: denied!, told: told!, compare, asks };
  }
  const answers = (name: string, httpStatusCode: number) =>
    Object.assign(new Error(`${name}: no`), { name, $metadata: { httpStatusCode } });

  test('one role in one account that AWS refuses for good holds up no other, and is counted', async () => {
    const { denied, told, compare, sandbox, tuple, database, grant } = await twoGiven();
    sandbox.assignments.remove({ ...tuple, permissionSetArn: told.permissionSetArn });
    await database.advance({ minutes: 2 });
    const refuse = (arn: string) => (arn === denied.permissionSetArn ? answers('AccessDeniedException', 403) : null);
    const request = await compare(refuse);
    expect(request).toMatchObject({
      found: 1,
      error: expect.stringContaining('1 of 2 roles in accounts'),
      place: null,
    });
    expect((await grant(told)).removedOutsideAt).not.toBeNull();
    expect((await grant(denied)).removedOutsideAt).toBeNull();
  });

  test('one role that AWS refuses in an account hides nothing of the others there, and the account counts as unread', async () => {
    const { denied, told, compare, sandbox, tuple, database, grant, platform } = await twoGiven();
    sandbox.assignments.remove({ ...tuple, permissionSetArn: told.permissionSetArn });
    await database.advance({ minutes: 2 });
    const refuse = (arn: string) => (arn === denied.permissionSetArn ? answers('AccessDeniedException', 403) : null);
    const request = await compare(refuse, { scope: 'account', scopeId: tuple.accountId });
    expect(request).toMatchObject({ found: null, error: expect.stringContaining('does not let Latchkey list') });
    expect((await grant(told)).removedOutsideAt).not.toBeNull();
    expect((await grant(denied)).removedOutsideAt).toBeNull();
    expect(await platform.db.prisma.driftAccount.count()).toBe(0);
    await compare(() => null, { scope: 'account', scopeId: tuple.accountId });
    expect(await platform.db.prisma.driftAccount.count()).toBe(1);
  });

  test('what AWS is too busy for is asked again', async () => {
    const { compare, database } = await twoGiven();
    await database.advance({ minutes: 2 });
    let busy = 2;
    const request = await compare(() => (busy-- > 0 ? answers('ThrottlingException', 400) : null));
    expect(request).toMatchObject({ found: 0, error: null, done: 2, expected: 2 });
  });

  test('where AWS is away the comparison ends early without having found anything', async () => {
    const { compare } = await twoGiven();
    const request = await compare(() => answers('InternalServerException', 500));
    expect(request.found).toBeNull();
    expect(request.error).toContain('AWS could not be read');
  });
});

test('what was asked for and no job came for is compared all the same, once it has waited for long', async () => {
  const rig = await createDriftRig();
  const { tuple, platform, database } = rig;
  const wish = { scope: 'account', scopeId: tuple.accountId } as const;
  await platform.db.tx((tx) => askComparison(platform, tx, wish, ADMIN));
  const { signal } = new AbortController();
  await compareNeglected(platform, signal);
  expect(await platform.db.prisma.driftRequest.count({ where: { finishedAt: null } })).toBe(1);
  await database.advance({ seconds: 16 });
  await compareNeglected(platform, signal);
  expect(await platform.db.prisma.driftRequest.count({ where: { finishedAt: null } })).toBe(0);
});

test('F11 restore: what was given after the backup is reported, not deleted, and can be adopted with an end', async () => {
  const rig = await createDriftRig();
  const { sandbox, tuple, platform, database } = rig;
  await rig.pass();
  // As after a restore: it stands at AWS, and no row knows of it.
  sandbox.assignments.add(tuple);
  await database.advance({ minutes: 1 });
  await platform.db.pool.query(`update access_state set restored_at = app_now()`);
  await database.advance({ minutes: 1 });
  await rig.pass();
  const finding = await platform.db.prisma.driftFinding.findFirstOrThrow({
    where: { principalId: tuple.principalId, permissionSetArn: tuple.permissionSetArn, state: 'open' },
  });
  expect(rig.present()).toBe(true);
  const { rows } = await listFindings(platform.db.prisma, {
    q: '',
    kind: '',
    state: 'open',
    ids: [finding.id],
    after: null,
    limit: 1,
  });
  expect(rows[0]!.cause).toContain('after the backup that was restored');
  await decideFinding(
    platform,
    {
      findingId: finding.id,
      seenAs: 'open',
      verdict: 'adopt',
      reason: 'given before the restore',
      durationMinutes: 30,
    },
    ADMIN,
  );
  const grant = await platform.db.prisma.grant.findFirstOrThrow();
  await platform.db.pool.query(
    `update access_state set restore_reviewed_at = app_now(), restore_reviewed_by_id = 'a', restore_reviewed_by_name = 'A'`,
  );
  await rig.until(
    async () => (await platform.db.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } })).status === 'active',
  );
  await database.advance({ minutes: 31 });
  await rig.until(async () => {
    await database.advance({ seconds: 15 });
    return (await platform.db.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } })).status === 'ended';
  });
  expect(rig.present()).toBe(false);
});

test('of two processes one compares at a time, and one that dies in the middle is followed where it was', async () => {
  const rig = await createDriftRig();
  const { platform } = rig;
  const { db } = platform;
  const stop = new AbortController();
  let pairs = 0;
  // Dies at its third question.
  const dying = {
    ...platform,
    budget: {
      ...platform.budget,
      async take() {
        pairs += 1;
        if (pairs === 9) stop.abort();
      },
    },
  };
  const [first, second] = await Promise.allSettled([
    workRolling(dying as typeof platform, stop.signal, AT_ONCE),
    workRolling(platform, new AbortController().signal, AT_ONCE),
  ]);
  const outcomes = [first, second].map((each) => (each.status === 'fulfilled' ? each.value : 'died'));
  expect(outcomes.filter((each) => each === null)).toHaveLength(1);
  const read = await db.prisma.driftAccount.count();
  const total = await db.prisma.account.count({ where: { state: 'ACTIVE' } });
  if (outcomes.includes('died')) expect(read).toBeLessThan(total);
  expect(await workRolling(platform, new AbortController().signal, AT_ONCE)).toBe(total - read);
});
