import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { createQueue } from '../../src/platform/queue.ts';
import { createTestDatabase } from '../support/db.ts';

test.each([
  ['the schedules are deleted', 'delete from pgboss.schedule'],
  ['its tables are emptied', 'truncate pgboss.schedule, pgboss.job; delete from pgboss.queue'],
  ['its schema is gone', 'drop schema pgboss cascade'],
])(
  'F06 queue loss: where %s, starting again declares queues and schedules anew, and work goes on',
  async (_what, loss) => {
    const database = await createTestDatabase();
    const queue = createQueue(database.url, createLog('silent'));
    onTestFinished(async () => {
      await queue.stop();
      await database[Symbol.asyncDispose]();
    });
    const definitions = [{ name: 'chores', policy: 'short' as const, notify: true }];
    await queue.start(definitions);
    const done: unknown[] = [];
    await queue.work('chores', { pollSeconds: 0.5 }, async (data) => void done.push(data));
    await queue.schedule('chores', '17 3 * * *');

    // The queue is at work on its tables: who deletes them may have to try again.
    await vi.waitFor(() => database.db.pool.query(loss), { timeout: 20_000 });
    await queue.start(definitions);
    const { rows } = await database.db.pool.query('select name, cron from pgboss.schedule');
    expect(rows).toEqual([{ name: 'chores', cron: '17 3 * * *' }]);
    expect(await database.db.tx((tx) => queue.send(tx, 'chores', { after: 'the loss' }))).toBe(true);
    await expect.poll(() => done, { timeout: 20_000 }).toContainEqual({ after: 'the loss' });
  },
  60_000,
);
