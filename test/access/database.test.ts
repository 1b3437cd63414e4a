import { expect, test } from 'vitest';
import { endGrantsOfUser, overdueGrants, usersWithGrants } from '../../src/access/index.ts';
import { createRig } from './rig.ts';

test('the database refuses to ask AWS for an assignment that is not ours', async () => {
  const rig = await createRig();
  rig.sandbox.assignments.add(rig.tuple);
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  const insert = (kind: string) =>
    rig.platform.db.pool.query(
      `insert into assignment_operations (assignment_id, kind, fence, absent_seen_at, effective_until)
       values ($1, $2, 1, now(), now())`,
      [grant.assignmentId, kind],
    );
  await expect(insert('delete')).rejects.toThrow('of ours only');
  await expect(insert('create')).rejects.toThrow('of ours only');
});

test('the database refuses an assignment of ours that nobody owes the end of', async () => {
  const rig = await createRig();
  await rig.reaches(await rig.open(), 'active');
  const { pool } = rig.platform.db;
  await expect(pool.query('update assignments set must_be_gone_by = null')).rejects.toThrow('owes_its_end');
  await expect(pool.query('update assignments set absent_seen_at = null')).rejects.toThrow('assignments_ours_since');
  await expect(pool.query("update grants set status = 'scheduled'")).rejects.toThrow('cannot go from active');
});

test('the obligation is committed with the grant, and covers the longest of them', async () => {
  const rig = await createRig();
  const assignment = () => rig.platform.db.prisma.assignment.findFirstOrThrow();
  const long = await rig.open({ durationMinutes: 120 });
  expect((await assignment()).mustBeGoneBy).toEqual(long.latestEnd);
  await rig.open({ durationMinutes: 30 });
  expect((await assignment()).mustBeGoneBy).toEqual(long.latestEnd);
  expect(long.latestEnd.getTime() - long.opensAt.getTime()).toBe(135 * 60_000);
});

test('everything that a disabled person has or is to get is ended, with the cause', async () => {
  const rig = await createRig();
  const now = await rig.open();
  await rig.reaches(now, 'active');
  const later = await rig.open({ startsAt: new Date(Date.now() + 7_200_000) });
  const { db } = rig.platform;
  expect(await usersWithGrants(db.prisma)).toEqual([rig.tuple.principalId]);
  const ended = await db.tx((tx) => endGrantsOfUser(rig.platform, tx, rig.tuple.principalId, 'user_disabled'));
  expect(new Set(ended.map(({ id }) => id))).toEqual(new Set([now.id, later.id]));
  await rig.reaches(now, 'revoked');
  expect(await rig.grant(later)).toMatchObject({ status: 'revoked', endCause: 'user_disabled' });
  expect(rig.present()).toBe(false);
  expect(await usersWithGrants(db.prisma)).toEqual([]);
});

test('what should be gone and is not is overdue after a minute, with what AWS says', async () => {
  const rig = await createRig();
  const { prisma } = rig.platform.db;
  const running = await rig.open();
  await rig.reaches(running, 'active');
  expect(await overdueGrants(prisma)).toEqual([]);
  rig.sandbox.faults.forbidden = true;
  await rig.database.advance({ minutes: 62 });
  await rig.reaches(running, 'ending');
  await rig.until(async () => (await overdueGrants(prisma))[0]?.lastError !== null);
  const [overdue] = await overdueGrants(prisma);
  expect(overdue).toMatchObject({
    id: running.id,
    status: 'ending',
    lastError: expect.stringContaining('not authorized'),
  });
  expect(overdue?.cannotRevokeSince).not.toBeNull();
});
