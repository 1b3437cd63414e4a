import { expect, test } from 'vitest';
import { holds, type OpenGrant } from '../../src/access/tuple.ts';
import { createRig, type Rig } from './rig.ts';

/** The portal's clock goes on from that time. */
async function setClock(rig: Rig, at: Date): Promise<void> {
  const { pool } = rig.platform.db;
  await pool.query('update test_clock set ahead = $1::timestamptz - clock_timestamp()', [at]);
  // Somebody is there at that time.
  await pool.query('update access_state set beat_at = app_now()');
}

const later = (at: Date, milliseconds: number) => new Date(at.getTime() + milliseconds);

test.each([
  ['over the night in which the clocks go forward', 'Europe/Berlin', '2027-03-28T00:30:00.000Z'],
  ['over the night in which the clocks go back', 'Europe/Berlin', '2027-10-31T00:30:00.000Z'],
  ['over the beginning of a leap day', 'UTC', '2028-02-28T23:30:00.123Z'],
  ['over the end of a leap day', 'America/New_York', '2028-02-29T23:59:59.999Z'],
  ['over the end of a year, where the database is far from UTC', 'Pacific/Kiritimati', '2027-12-31T23:45:00.500Z'],
])('F08 clock jump: access %s lasts just its time', async (_words, zone, start) => {
  const rig = await createRig();
  const { db } = rig.platform;
  await db.pool.query(`alter database ${new URL(rig.database.url).pathname.slice(1)} set timezone = '${zone}'`);
  await db.renew();
  const startsAt = later(new Date(start), 1_000);
  await setClock(rig, new Date(start));
  const grant = await rig.reaches(await rig.open({ durationMinutes: 60, startsAt }), 'active');
  expect(grant.opensAt).toEqual(startsAt);
  const activated = grant.activatedAt!.getTime() - startsAt.getTime();
  expect(activated).toBeGreaterThanOrEqual(0);
  expect(activated).toBeLessThan(15_000);
  expect(grant.closesAt).toEqual(later(grant.activatedAt!, 3_600_000));
  const closes = grant.closesAt!;

  await setClock(rig, later(closes, -5_000));
  await rig.converger.converge(grant.assignmentId);
  expect(await rig.grant(grant)).toMatchObject({ status: 'active' });
  expect(rig.sandbox.calls.count('DeleteAccountAssignment')).toBe(0);

  await setClock(rig, later(closes, -1_100));
  await rig.until(() => !rig.present());
  expect(await rig.grant(grant)).toMatchObject({ endDueAt: closes, endCause: 'time' });
  const [create, remove] = await db.prisma.assignmentOperation.findMany({ orderBy: { intendedAt: 'asc' } });
  expect(create!.intendedAt.getTime()).toBeGreaterThanOrEqual(startsAt.getTime());
  expect(remove!.intendedAt.getTime()).toBeGreaterThanOrEqual(closes.getTime());
  expect(remove!.intendedAt.getTime()).toBeLessThan(closes.getTime() + 10_000);
});

test('F08 clock jump: the millisecond of its end is no longer part of a window, the one before is', () => {
  const closesAt = new Date('2028-02-29T12:00:00.000Z');
  const grant = { status: 'active', closesAt } as OpenGrant;
  expect(holds(grant, later(closesAt, -1))).toBe(true);
  expect(holds(grant, closesAt)).toBe(false);
});
