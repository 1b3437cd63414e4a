import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import { startPortalProcess } from '../support/process.ts';
import { ACCESS, approve, ask, createEstate } from './estate.ts';

const PATIENT = { timeout: 40_000, interval: 100 };
const PRELOAD = fileURLToPath(new URL('../support/shifted-clock.ts', import.meta.url));
const HOUR_MS = 3_600_000;

const readiness = (port: string | undefined) =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    async (answer) => `${answer.status} ${await answer.text()}`,
    () => 'no answer',
  );

test.each([
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
])(
  'F08 clock jump: a node whose clock is %s is not ready, and takes access away neither early nor late',
  async (_words, shiftMs) => {
    await using estate = await createEstate();
    const { sandbox, database } = estate;
    const right = await estate.start();
    await estate.furnish();
    const [lena, priya] = await Promise.all([estate.signIn('requester'), estate.signIn('approver')]);
    const id = await ask(lena, { durationMinutes: '20' });
    await approve(priya, id);
    await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('active');
    await right[Symbol.asyncDispose]();

    const port = String(await freePort());
    await using _wrong = await startPortalProcess({
      ...estate.environment,
      PORT: port,
      NODE_OPTIONS: `--import ${PRELOAD}`,
      CLOCK_SHIFT_MS: String(shiftMs),
    });
    await expect
      .poll(() => readiness(port), PATIENT)
      .toBe("503 this machine's clock is more than two seconds away from the database's\n");

    const { rows } = await database.db.pool.query<{ left: number }>(
      'select extract(epoch from closes_at - app_now())::float8 as left from grants',
    );
    await database.advance({ seconds: Math.floor(rows[0]?.left ?? 0) - 30 });
    // Looked after once more half a minute before its end: nothing is due.
    await database.db.pool.query('update assignments set next_at = app_now()');
    await expect
      .poll(async () => {
        const { rows } = await database.db.pool.query<{ done: boolean }>(
          'select next_at > app_now() and lease_until is null as done from assignments',
        );
        return rows[0]?.done;
      }, PATIENT)
      .toBe(true);
    expect(sandbox.assignments.has(ACCESS)).toBe(true);
    expect(sandbox.calls.count('DeleteAccountAssignment')).toBe(0);

    await database.advance({ seconds: 31 });
    await sandbox.assignments.waitFor(ACCESS, 'absent', 20_000);
    const { rows: ended } = await database.db.pool.query<{ late: number }>(
      `select extract(epoch from o.intended_at - g.closes_at)::float8 as late
     from assignment_operations o join grants g using (assignment_id) where o.kind = 'delete'`,
    );
    expect(ended[0]?.late).toBeGreaterThanOrEqual(0);
    expect(ended[0]?.late).toBeLessThan(20);
  },
  120_000,
);
