import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { extendGrant, type Grant, getGrant } from '../../src/access/index.ts';
import { createProvisioner, type Provisioner } from '../../src/access/provisioner.ts';
import { hold, save } from '../../src/access/store.ts';
import { createRig, type Rig } from './rig.ts';

const MINUTE = 60_000;
const LENA = { kind: 'user', id: 'lena', name: 'Lena', via: 'web' } as const;

/** An approved request to extend, as far as the database cares. */
async function asked({ platform, tuple }: Rig, grant: Grant): Promise<string> {
  const { rows } = await platform.db.pool.query<{ id: string }>(
    `insert into requests (status, form_key, requester_id, requester_name, requester_user_name, account_id, account_name,
       ou_path, permission_set_arn, permission_set_name, session_seconds, duration_minutes, justification,
       approval_needed, steps, policies, expires_at, closed_at, extends_grant_id)
     values ('approved', $1, $2, 'Lena', 'lena', $3, 'a', '', $4, 'p', 3600, 60, 'It takes longer.', true, '[]', '[]',
       app_now(), app_now(), $5) returning id`,
    [randomUUID(), tuple.principalId, tuple.accountId, tuple.permissionSetArn, grant.id],
  );
  return rows[0]!.id;
}

async function extend(rig: Rig, grant: Grant, minutes = 60): Promise<Grant> {
  const requestId = await asked(rig, grant);
  const by = { grantId: grant.id, requestId, minutes, approved: true, actor: LENA };
  return await rig.platform.db.tx((tx) => extendGrant(rig.platform, tx, by));
}

function changesOf({ sandbox, tuple }: Rig): string[] {
  const { principalId, accountId } = tuple;
  const own = ({ assignment: each }: { assignment: typeof tuple | { principalId: string; accountId: string } }) =>
    each.principalId === principalId && each.accountId === accountId;
  return sandbox.assignments.history
    .list()
    .filter(own)
    .map(({ change }) => change);
}

async function activeFor(rig: Rig, minutes: number): Promise<Grant> {
  return await rig.reaches(await rig.open({ durationMinutes: minutes }), 'active');
}

test('an extended grant goes on without a gap, warns again, and ends at its new end', async () => {
  const rig = await createRig();
  const grant = await activeFor(rig, 60);
  await rig.database.advance({ minutes: 46 });
  await rig.until(() => rig.told.some(({ change }) => change === 'ending-soon'));
  const extended = await extend(rig, grant, 60);
  expect(extended.closesAt!.getTime() - grant.closesAt!.getTime()).toBe(60 * MINUTE);
  expect(extended.latestEnd.getTime() - grant.latestEnd.getTime()).toBe(60 * MINUTE);
  expect(extended).toMatchObject({ durationMinutes: 120, basis: 'approval', version: expect.any(Number) });
  const owed = await rig.platform.db.prisma.assignment.findFirstOrThrow();
  expect(owed.mustBeGoneBy!.getTime()).toBe(extended.latestEnd.getTime());
  expect(owed.nextAt!.getTime()).toBeLessThan(grant.closesAt!.getTime());

  // Past the old end, and until the new one comes near.
  await rig.database.advance({ minutes: 15 });
  await rig.converger.converge(grant.assignmentId);
  expect((await rig.grant(grant)).status).toBe('active');
  await rig.database.advance({ minutes: 45 });
  await rig.until(() => rig.told.filter(({ change }) => change === 'ending-soon').length === 2);
  expect(rig.present()).toBe(true);
  await rig.database.advance({ minutes: 15 });
  const ended = await rig.reaches(grant, 'ended');
  expect(ended.endDueAt).toEqual(extended.closesAt);
  expect(rig.present()).toBe(false);
  expect(changesOf(rig)).toEqual(['added', 'removed']);
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(1);
  expect(rig.told.map(({ change }) => change)).toEqual(['active', 'ending-soon', 'ending-soon', 'ended']);

  const event = await rig.platform.db.prisma.auditEvent.findFirstOrThrow({ where: { kind: 'grant.extended' } });
  expect(event).toMatchObject({
    actorId: 'lena',
    before: { closesAt: grant.closesAt!.toISOString() },
    after: { closesAt: extended.closesAt!.toISOString(), minutes: 60 },
  });
});

test('what is extended until an end that is near is not warned of it at once', async () => {
  const rig = await createRig();
  const grant = await activeFor(rig, 30);
  await rig.database.advance({ minutes: 25 });
  await rig.until(() => rig.told.some(({ change }) => change === 'ending-soon'));
  await extend(rig, grant, 5);
  await rig.converger.converge(grant.assignmentId);
  expect(rig.told.filter(({ change }) => change === 'ending-soon')).toHaveLength(1);
});

test('access that stood before is extended too, and still outlives its grant', async () => {
  const rig = await createRig();
  rig.sandbox.assignments.add(rig.tuple);
  const grant = await activeFor(rig, 60);
  await extend(rig, grant, 60);
  expect((await rig.platform.db.prisma.assignment.findFirstOrThrow()).mustBeGoneBy).toBeNull();
  await rig.database.advance({ minutes: 61 });
  await rig.converger.converge(grant.assignmentId);
  expect((await rig.grant(grant)).status).toBe('active');
  await rig.database.advance({ minutes: 60 });
  await rig.reaches(grant, 'ended');
  expect(changesOf(rig)).toEqual(['added']);
});

test('nothing moves where the end has begun, where access is not there yet, or where somebody took it away outside', async () => {
  const rig = await createRig();
  const { pool } = rig.platform.db;
  const scheduled = await rig.open({ startsAt: new Date(Date.now() + 7_200_000) });
  await expect(extend(rig, scheduled)).rejects.toMatchObject({ status: 409, code: 'grant-not-there-yet' });
  const grant = await activeFor(rig, 60);
  await pool.query('update grants set removed_outside_at = app_now() where id = $1', [grant.id]);
  await expect(extend(rig, grant)).rejects.toMatchObject({ status: 409, code: 'grant-removed-outside' });
  await pool.query('update grants set removed_outside_at = null');
  // Its time is up, and the engine has not looked yet.
  await rig.database.advance({ minutes: 60 });
  await expect(extend(rig, grant)).rejects.toMatchObject({ status: 409, code: 'grant-over' });
  await rig.reaches(grant, 'ended');
  await expect(extend(rig, grant)).rejects.toMatchObject({ status: 409, code: 'grant-over' });
  expect((await rig.grant(grant)).closesAt).toEqual(grant.closesAt);
  expect(await rig.platform.db.prisma.extension.count()).toBe(0);
});

test('more time is access too: where giving is stopped or a restored backup was not looked at, no end moves', async () => {
  const rig = await createRig();
  const { pool } = rig.platform.db;
  const grant = await activeFor(rig, 60);
  await pool.query(
    `update access_state set giving_stopped_at = app_now(), giving_stopped_by_id = 'a', giving_stopped_by_name = 'Ada', giving_stopped_reason = 'x'`,
  );
  await expect(extend(rig, grant)).rejects.toMatchObject({
    code: 'not-giving',
    message: expect.stringContaining('Ada'),
  });
  await pool.query(
    `update access_state set giving_stopped_at = null, giving_stopped_by_id = null, giving_stopped_by_name = null,
       giving_stopped_reason = null, restored_at = app_now()`,
  );
  await expect(extend(rig, grant)).rejects.toMatchObject({ code: 'not-giving' });
});

test('the database refuses an end that moves without an extension on record, and one that moves twice by it', async () => {
  const rig = await createRig();
  const { pool } = rig.platform.db;
  const grant = await activeFor(rig, 60);
  const move = (what: string) => pool.query(`update grants set ${what}`);
  const later = `closes_at = closes_at + interval '1 hour', latest_end = latest_end + interval '1 hour'`;
  await expect(move(later)).rejects.toThrow('by an extension only');
  await expect(move(`closes_at = closes_at - interval '1 minute'`)).rejects.toThrow('by an extension only');
  await expect(move(`latest_end = latest_end + interval '1 hour'`)).rejects.toThrow('by an extension only');
  await expect(move(`opens_at = opens_at - interval '1 minute'`)).rejects.toThrow('never moves');
  await extend(rig, grant, 60);
  await expect(move(later)).rejects.toThrow('by an extension only');
  const requestId = (await rig.platform.db.prisma.extension.findFirstOrThrow()).requestId;
  const again = { grantId: grant.id, requestId, minutes: 60, approved: true, actor: LENA };
  await expect(rig.platform.db.tx((tx) => extendGrant(rig.platform, tx, again))).rejects.toThrow(
    'extensions_once_per_request',
  );
});

test('an extension while an engine is in the middle of a step is not lost to what that engine knew before', async () => {
  const rig = await createRig();
  const grant = await activeFor(rig, 60);
  // The engine looks at the list, with the lease in hand, for as long as the test wants.
  const looking = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const real = createProvisioner(rig.platform);
  const slow: Provisioner = {
    ...real,
    async look(...given) {
      looking.resolve();
      await go.promise;
      return await real.look(...given);
    },
  };
  const other = await rig.open({ durationMinutes: 30 });
  const turning = rig.process(slow).converge(grant.assignmentId);
  await looking.promise;
  const extended = await extend(rig, grant, 60);
  go.resolve();
  await turning;
  await rig.reaches(other, 'active');
  expect((await rig.grant(grant)).closesAt).toEqual(extended.closesAt);
  await rig.database.advance({ minutes: 61 });
  await rig.reaches(other, 'ended');
  expect((await rig.grant(grant)).status).toBe('active');
  expect(changesOf(rig)).toEqual(['added']);
});

test("an engine's turn and an extension wait for each other: the later one goes by what the earlier one wrote", async () => {
  const rig = await createRig();
  const grant = await activeFor(rig, 60);
  const { db } = rig.platform;
  const loaded = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const turn = db.tx(async (tx) => {
    const held = (await hold(tx, grant.assignmentId, randomUUID(), null))!;
    loaded.resolve();
    await go.promise;
    const grants = held.tuple.grants.map((each) => ({ ...each, endingSoonToldAt: held.now }));
    await save(tx, held.tuple, { ...held.tuple, grants }, held.lease.fence);
  });
  await loaded.promise;
  const extending = extend(rig, grant, 60);
  await waitsForLock(rig);
  go.resolve();
  await turn;
  const extended = await extending;
  expect(extended.closesAt!.getTime() - grant.closesAt!.getTime()).toBe(60 * MINUTE);
  expect(await db.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
    closesAt: extended.closesAt,
    // The engine's warning was of the old end.
    endingSoonToldAt: null,
  });
});

/** Until some statement of this database waits for a lock. */
async function waitsForLock({ platform }: Rig): Promise<void> {
  for (;;) {
    const { rows } = await platform.db.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
}

/** An active grant of somebody else each time, on what stood before: its end asks nothing of AWS. */
async function standing({ platform, tuple }: Rig, leftMs: number): Promise<Grant> {
  const { rows } = await platform.db.pool.query<{ id: string }>(
    `with assignment as (
       insert into assignments (instance_arn, principal_id, target_id, permission_set_arn, ownership, observed, observed_at, next_at)
       select instance_arn, $1, $2, $3, 'preexisting', 'present', app_now(), app_now() + interval '1 hour' from instance_binding
       returning *
     )
     insert into grants (assignment_id, basis, status, user_id, account_id, permission_set_arn, user_display_name, user_name,
       account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, activated_at, closes_at,
       latest_end, preexisting, announced)
     select id, 'approval', 'active', principal_id, target_id, permission_set_arn, 'x', 'x', 'a', '', 'p', 3600, 60,
       app_now() - interval '1 hour', app_now() - interval '1 hour', app_now() + make_interval(secs => $4),
       app_now() + interval '15 minutes', true, 'active' from assignment returning id`,
    [randomUUID(), tuple.accountId, tuple.permissionSetArn, leftMs / 1000],
  );
  return (await getGrant(platform.db.prisma, rows[0]!.id))!;
}

test('of an extension and an end that come together one is first, and the other goes by it: a hundred times', async () => {
  const rig = await createRig();
  const engine = rig.process();
  const wins = { extended: 0, over: 0 };
  for (let round = 0; round < 100; round++) {
    const byHand = round % 2 === 0;
    const grant = await standing(rig, byHand ? 60_000 : round % 20);
    const ending = byHand ? rig.end(grant) : engine.converge(grant.assignmentId);
    const [extension] = await Promise.allSettled([extend(rig, grant, 60), ending]);
    const after = await rig.grant(grant);
    if (extension.status === 'fulfilled') {
      wins.extended += 1;
      expect(after.closesAt!.getTime() - grant.closesAt!.getTime()).toBe(60 * MINUTE);
      // Somebody who ends it means all of it; time means the new end.
      expect(after.status).toBe(byHand ? 'ending' : 'active');
    } else {
      wins.over += 1;
      expect(extension.reason).toMatchObject({ status: 409, code: 'grant-over' });
      expect(after.closesAt).toEqual(grant.closesAt);
      await engine.converge(grant.assignmentId);
      expect((await rig.grant(grant)).status).toBe(byHand ? 'revoked' : 'ended');
    }
  }
  expect(wins.extended).toBeGreaterThan(0);
  expect(wins.over).toBeGreaterThan(0);
});

test('of two extensions that are approved at once both count, one after the other', async () => {
  const rig = await createRig();
  const grant = await standing(rig, 60_000);
  await Promise.all([extend(rig, grant, 60), extend(rig, grant, 30)]);
  const { rows } = await rig.platform.db.pool.query(
    'select from_closes_at, to_closes_at from extensions order by to_closes_at',
  );
  expect(rows).toHaveLength(2);
  expect(rows[0].from_closes_at).toEqual(grant.closesAt);
  expect(rows[1].from_closes_at).toEqual(rows[0].to_closes_at);
  expect((await rig.grant(grant)).closesAt!.getTime() - grant.closesAt!.getTime()).toBe(90 * MINUTE);
});
