import { expect, onTestFinished, test } from 'vitest';
import { listReplicas, type Silence, startHeartbeat } from '../../src/access/index.ts';
import { createRig, type Rig } from './rig.ts';

/** Another process that says that it is there, and what it had to tell. */
async function processOf(rig: Rig, role: 'all' | 'web' | 'worker' = 'all') {
  const silences: Silence[] = [];
  const heartbeat = await startHeartbeat(rig.platform, {
    role,
    onSilence: async (_tx, silence) => void silences.push(silence),
  });
  onTestFinished(() => heartbeat.stop());
  return { heartbeat, silences };
}

async function state(rig: Rig) {
  return rig.platform.db.prisma.accessState.findFirstOrThrow();
}

test('a process says that it is there before anything else, is not alive half a minute after it fell silent, and takes its row with it', async () => {
  const rig = await createRig();
  const { prisma } = rig.platform.db;
  const [web, worker] = [await processOf(rig, 'web'), await processOf(rig, 'worker')];
  expect((await listReplicas(prisma)).map(({ role, alive }) => [role, alive])).toEqual([
    ['web', true],
    ['worker', true],
  ]);

  await rig.database.advance({ seconds: 31 });
  await worker.heartbeat.beat();
  expect((await listReplicas(prisma)).map(({ role, alive }) => [role, alive])).toEqual([
    ['worker', true],
    ['web', false],
  ]);

  await worker.heartbeat.stop();
  expect((await listReplicas(prisma)).map(({ role }) => role)).toEqual(['web']);

  // Who was not seen for a day is forgotten, and is there again with its next beat.
  await rig.database.advance({ hours: 25 });
  const { heartbeat } = await processOf(rig, 'all');
  expect((await listReplicas(prisma)).map(({ role }) => role)).toEqual(['all']);
  await heartbeat.beat();
  await web.heartbeat.beat();
  expect((await listReplicas(prisma)).map(({ role }) => role).sort()).toEqual(['all', 'web']);
});

test('saying so costs one statement', async () => {
  const rig = await createRig();
  const { heartbeat } = await processOf(rig);
  const statements: string[] = [];
  const { pool } = rig.platform.db;
  const client = await pool.connect();
  const { query } = Object.getPrototypeOf(client) as typeof client;
  client.release();
  const prototype = Object.getPrototypeOf(client) as { query: unknown };
  prototype.query = function (this: typeof client, ...args: Parameters<typeof query>) {
    statements.push(JSON.stringify(args[0]));
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  };
  onTestFinished(() => {
    prototype.query = query;
  });
  await heartbeat.beat();
  expect(statements).toHaveLength(1);
});

test('a short silence is nothing; after more than ten minutes one process declares it, on record, and no other', async () => {
  const rig = await createRig();
  const [one, other] = [await processOf(rig), await processOf(rig)];
  await rig.database.advance({ minutes: 9, alone: true });
  await one.heartbeat.beat();
  expect((await state(rig)).looksTrustedFrom).toBeNull();

  const before = (await state(rig)).beatAt;
  await rig.database.advance({ minutes: 11, alone: true });
  await Promise.all([one.heartbeat.beat(), other.heartbeat.beat()]);
  const silences = [...one.silences, ...other.silences];
  expect(silences).toEqual([{ from: before, to: (await state(rig)).looksTrustedFrom, due: 0 }]);
  const { rows } = await rig.platform.db.pool.query(`select after from audit_events where kind = 'access.silence'`);
  expect(rows).toEqual([{ after: JSON.parse(JSON.stringify(silences[0])) }]);
});

test('after a silence what is due is taken away at once, and nothing is given before somebody has said that a process is there', async () => {
  const rig = await createRig();
  const taken = await rig.open({ durationMinutes: 30 });
  await rig.reaches(taken, 'active');
  await rig.database.advance({ hours: 1, alone: true });
  // Before any beat: it goes all the same.
  await rig.until(() => !rig.present());
  await rig.database.advance({ minutes: 1, alone: true });
  await rig.reaches(taken, 'ended');

  const given = await rig.open();
  await rig.reaches(given, 'activating');
  const creates = () => rig.sandbox.calls.count('CreateAccountAssignment');
  expect(creates()).toBe(1);
  for (let turns = 0; turns < 3; turns += 1) await rig.converger.converge(given.assignmentId);
  expect(creates()).toBe(1);

  const { silences } = await processOf(rig);
  expect(silences).toHaveLength(1);
  // Woken: it does not wait for its minute.
  expect((await rig.platform.db.prisma.assignment.findFirstOrThrow()).nextAt?.getTime()).toBeLessThanOrEqual(
    silences[0]!.to.getTime() + 1_000,
  );
  await rig.reaches(given, 'active');
  expect(creates()).toBe(2);
});
