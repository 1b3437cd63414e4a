import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { beginEmergency } from '../../src/emergency/begin-emergency.ts';
import { createRig } from '../access/rig.ts';
import { ADA, promises } from './estate.ts';

const PATIENT = { timeout: 20_000, interval: 20 };

async function createScene() {
  const { database, platform } = await createRig();
  await promises(database.db, 2);
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('begin');
  return {
    other,
    begin: (alsoStopGiving: boolean) =>
      beginEmergency(
        platform,
        { kind: 'all', id: '', confirmation: 'END ALL', reason: 'A laptop was stolen.', alsoStopGiving },
        ADA,
      ),
    count: () => database.db.prisma.emergency.count(),
    /** How many wait for what somebody else has locked. */
    async waiting(): Promise<number> {
      const { rows } = await database.db.pool.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0]?.count ?? 0;
    },
  };
}

test.for([true, false])(
  'whoever tells of what is overdue holds the state of giving, and ending everything waits before it locks any grant (stopping giving: %s)',
  async (alsoStopGiving) => {
    const scene = await createScene();
    await scene.other.query('select from access_state for update');
    const begun = scene.begin(alsoStopGiving);
    await expect.poll(scene.waiting, PATIENT).toBe(1);
    await scene.other.query('select from grants order by id desc for update nowait');
    await scene.other.query('commit');
    expect(await begun).toMatchObject({ grants: 2 });
  },
);

test('ending everything is tried again where the database ends it for another transaction', async () => {
  const scene = await createScene();
  // The other one is not the one that the database ends.
  await scene.other.query("set local deadlock_timeout = '20s'");
  await scene.other.query("select pg_advisory_xact_lock(hashtext('emergency.begin'))");
  const begun = scene.begin(true);
  await expect.poll(scene.waiting, PATIENT).toBe(1);
  await scene.other.query('update access_state set beat_at = beat_at');
  await scene.other.query('commit');
  expect(await begun).toMatchObject({ grants: 2 });
  expect(await scene.count()).toBe(1);
});
