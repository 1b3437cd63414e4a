import { Writable } from 'node:stream';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createDb } from '../../src/platform/db.ts';
import { createTestDatabase } from '../support/db.ts';

test('an idle connection that is lost is logged with its reason and none of its secrets', async () => {
  await using database = await createTestDatabase();
  const lines: string[] = [];
  const write = (line: Buffer, _encoding: string, done: () => void) => {
    lines.push(String(line));
    done();
  };
  await using db = createDb(database.url, pino({}, new Writable({ write })));
  const { rows } = await db.pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  await database.db.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const said = lines.join('');
  expect(said).toContain('an idle database connection was lost');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    err: expect.stringContaining('terminating connection'),
    code: '57P01',
  });
  expect(said).not.toMatch(/secretKey|password|client/);
});
