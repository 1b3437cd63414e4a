import { expect, test } from 'vitest';
import { EVERYTHING } from '../../src/emergency/scope.ts';
import { insertEmergency } from '../../src/emergency/store.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { ACCESS, approve, ask, createEstate, type Estate } from '../e2e/estate.ts';
import { runToEnd } from '../support/process.ts';
import { ADA, promises, statuses } from './estate.ts';

const PATIENT = { timeout: 60_000, interval: 20 };
const LENA = DEMO_PEOPLE.requester;

/** Lena has access, by a portal that is alive no more. */
async function leftAlone(estate: Estate): Promise<void> {
  await using _portal = await estate.start();
  await estate.furnish();
  const id = await ask(await estate.signIn('requester'));
  await approve(await estate.signIn('approver'), id);
  await expect.poll(() => statuses(estate.database.db), PATIENT).toEqual({ active: 1 });
}

const revoke = (estate: Estate, ...args: string[]) =>
  runToEnd(['revoke', '--reason', 'A laptop was stolen.', ...args], estate.environment);
const emergencies = (estate: Estate) => estate.database.db.prisma.emergency.count();

test('120 grants end although the process that ends them is killed in the middle: the next one goes on', async () => {
  await using estate = await createEstate();
  await using first = await estate.start();
  const { db } = estate.database;
  await promises(db, 120);
  await db.tx((tx) => insertEmergency(tx, EVERYTHING, { reason: 'A laptop was stolen.', grants: 120, by: ADA }));
  const revoked = async () => (await statuses(db)).revoked ?? 0;
  await expect.poll(revoked, PATIENT).toBeGreaterThan(0);
  first.child.kill('SIGKILL');
  await first.exited;
  const left = await revoked();
  expect(left).toBeLessThan(120);
  await using _second = await estate.start();
  await expect.poll(() => statuses(db), PATIENT).toEqual({ revoked: 120 });
  // One event each: nobody ended one that was ended.
  const { rows } = await db.pool.query<{ events: number; grants: number }>(
    "select count(*)::int as events, count(distinct subject_id)::int as grants from audit_events where kind = 'grant.revoked'",
  );
  expect(rows[0]).toEqual({ events: 120, grants: 120 });
}, 180_000);

test('latchkey revoke ends access while no portal is alive, and says when AWS has confirmed it', async () => {
  await using estate = await createEstate();
  await leftAlone(estate);
  expect(estate.sandbox.assignments.has(ACCESS)).toBe(true);

  for (const [wrong, says] of [
    [['--user', 'nobody', '--yes'], 'Latchkey knows no person with the ID or user name “nobody”. Nothing was changed.'],
    [['--account', '111', '--yes'], 'An account ID has 12 digits.'],
    [['--account', '999999999999', '--yes'], 'Latchkey knows no account with the ID'],
    [['--all', '--user', LENA, '--yes'], 'one of --user, --account and --all'],
    [['--user', LENA], 'add --yes'],
  ] as const) {
    const refused = await revoke(estate, ...wrong);
    expect([refused.code, refused.stderr], refused.stdout).toEqual([1, expect.stringContaining(says)]);
  }
  expect([await emergencies(estate), estate.sandbox.assignments.has(ACCESS)]).toEqual([0, true]);

  const done = await revoke(estate, '--user', LENA, '--yes', '--stop-giving');
  expect(done.code, done.stdout + done.stderr).toBe(0);
  expect(done.stdout).toContain('1 active, 0 about to be given');
  expect(done.stdout).toContain('New access is not given from now on.');
  expect(done.stdout).toContain('1 of 1 gone, confirmed by AWS.');
  expect(estate.sandbox.assignments.has(ACCESS)).toBe(false);
  const { rows } = await estate.database.db.pool.query<{ actor_kind: string; actor_name: string; actor_via: string }>(
    "select actor_kind, actor_name, actor_via from audit_events where kind = 'emergency.begun'",
  );
  expect(rows).toEqual([
    {
      actor_kind: 'system',
      actor_name: expect.stringMatching(/^An administrator on the command line \(.+\)$/),
      actor_via: 'cli',
    },
  ]);

  const again = await revoke(estate, '--user', LENA, '--yes');
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('There is nothing to end')]);
}, 180_000);

test('latchkey revoke tells what is left while AWS is away, and the next run goes on with it', async () => {
  await using estate = await createEstate();
  await leftAlone(estate);
  estate.sandbox.faults.outage = true;
  const away = await revoke(estate, '--all', '--yes', '--no-wait');
  expect(away.code, away.stdout + away.stderr).toBe(2);
  expect(away.stdout).toContain('Not gone yet: 1.');
  expect(away.stdout).toMatch(/R-\d+, Lena .+: It waits for its turn\./);
  expect(await statuses(estate.database.db)).toEqual({ ending: 1 });

  estate.sandbox.faults.outage = false;
  const done = await revoke(estate, '--all', '--yes');
  expect(done.code, done.stdout + done.stderr).toBe(0);
  expect(done.stdout).toContain('Going on with that.');
  expect(estate.sandbox.assignments.has(ACCESS)).toBe(false);
  expect(await emergencies(estate)).toBe(1);
}, 180_000);
