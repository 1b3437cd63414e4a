import { expect, test } from 'vitest';
import { record, systemActor } from '../../src/audit/index.ts';
import { createTestDatabase } from '../support/db.ts';

test('an audit event can be added but neither changed nor deleted', async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await db.tx((tx) =>
    record(tx, {
      kind: 'test.done',
      actor: systemActor('test'),
      subject: { kind: 'test', id: '1' },
      after: { at: new Date(0) },
    }),
  );
  await expect(db.pool.query("update audit_events set kind = 'other'")).rejects.toThrow('insert-only');
  await expect(db.pool.query('delete from audit_events')).rejects.toThrow('insert-only');
  await expect(db.pool.query('truncate audit_events')).rejects.toThrow('insert-only');
  const { rows } = await db.pool.query('select kind, after from audit_events');
  expect(rows).toEqual([{ kind: 'test.done', after: { at: '1970-01-01T00:00:00.000Z' } }]);
});

test('sealing an audit event is the one change it takes, and once only', async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await db.tx((tx) =>
    record(tx, { kind: 'test.done', actor: systemActor('test'), subject: { kind: 'test', id: '1' } }),
  );
  await db.pool.query(`update audit_events set seq = 1, prev_hash = '\\x00', entry_hash = '\\x01'`);
  await expect(db.pool.query('update audit_events set seq = 2')).rejects.toThrow('insert-only');
});
