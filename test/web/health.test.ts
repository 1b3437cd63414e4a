import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
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
