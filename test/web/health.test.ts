import { afterEach, expect, inject, test, vi } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
import { execute } from '../support/postgres.ts';
import { createTinyPortal } from './tiny-portal.ts';

test('a portal with its database is ready; one that is stopping is not, and still alive', async () => {
  await using database = await createTestDatabase();
  let draining = false;
  const app = await createTinyPortal({ db: database.db, draining: () => draining });
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  draining = true;
  const stopping = await app.inject('/readyz');
  expect([stopping.statusCode, stopping.body]).toEqual([503, 'stopping\n']);
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  await app.close();
});

test('a database that only answers, or lacks a migration, takes no traffic', async () => {
  await using database = await createTestDatabase();
  const app = await createTinyPortal({ db: database.db });
  const name = new URL(database.url).pathname.slice(1);
  await database.db.pool.query('delete from migrations where id = (select max(id) from migrations)');
  expect((await app.inject('/readyz')).body).toBe('the database is not migrated\n');
  await database.db.pool.query(`alter database ${name} set default_transaction_read_only = on`);
  await database.db.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
    [name],
  );
  await database.db.pool.query('set default_transaction_read_only = on');
  expect((await app.inject('/readyz')).body).toBe('the database is read-only\n');
  await app.close();
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('F08 clock jump: a machine whose clock is more than two seconds away from the database’s takes no traffic', async () => {
  await using database = await createTestDatabase();
  const app = await createTinyPortal({ db: database.db });
  const readiness = async () => (await app.inject('/readyz')).body;
  // What tests move is not a clock that is wrong.
  await database.advance({ hours: 5 });
  expect(await readiness()).toBe('ready\n');
  const real = Date.now.bind(Date);
  for (const [ahead, answer] of [
    [1_000, 'ready\n'],
    [-1_000, 'ready\n'],
    [30_000, "this machine's clock is more than two seconds away from the database's\n"],
    [-30_000, "this machine's clock is more than two seconds away from the database's\n"],
  ] as const) {
    vi.spyOn(Date, 'now').mockImplementation(() => real() + ahead);
    expect(await readiness(), String(ahead)).toBe(answer);
  }
  vi.restoreAllMocks();
  expect(await readiness()).toBe('ready\n');
  await app.close();
});

test('F05 failover: connections to a server that no longer writes are given up, and the process is ready again by itself', async () => {
  await using database = await createTestDatabase();
  const app = await createTinyPortal({ db: database.db });
  const name = new URL(database.url).pathname.slice(1);
  const { pool } = database.db;
  await pool.query(`alter database ${name} set default_transaction_read_only = on`);
  await database.db.renew();
  // Three connections that answer and do not write, as a demoted primary does.
  const three = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  for (const each of three) await each.query('select 1');
  for (const each of three) each.release();
  expect((await app.inject('/readyz')).body).toBe('the database is read-only\n');
  await execute(inject('serverUrl'), `alter database ${name} reset default_transaction_read_only`);
  // One more answer may come from before; none after it.
  await app.inject('/readyz');
  for (let times = 0; times < 5; times += 1) expect((await app.inject('/readyz')).body).toBe('ready\n');
  await app.close();
});

test('without a database the process lives, is not ready, and says why', async () => {
  const app = await createTinyPortal({});
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  const answer = await app.inject('/readyz');
  expect([answer.statusCode, answer.body]).toEqual([503, 'the database does not answer\n']);
  await app.close();
});

test('Prometheus finds the metrics', async () => {
  const app = await createTinyPortal({});
  const answer = await app.inject('/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  expect(answer.body).toContain('process_resident_memory_bytes');
  await app.close();
});
