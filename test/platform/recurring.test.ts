import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { createRecurring, type RecurringTask } from '../../src/platform/recurring.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

async function stage() {
  const database = await createTestDatabase();
  onTestFinished(() => database[Symbol.asyncDispose]());
  return { database, db: database.db };
}

function process({ db }: TestDatabase, task: Partial<RecurringTask> & Pick<RecurringTask, 'run'>) {
  const each = createRecurring({ db, log: createLog('silent') }, [{ name: 'task', everySeconds: 60, ...task }]);
  onTestFinished(() => each.stop());
  return each;
}

test('a task is run at once, then when its time has come, and by one of two processes only', async () => {
  const { database } = await stage();
  const run = vi.fn(async () => {});
  const [one, other] = [process(database, { run }), process(database, { run })];
  await Promise.all([one.tick(), other.tick()]);
  expect(run).toHaveBeenCalledTimes(1);
  await database.advance({ seconds: 45 });
  expect(await other.tick()).toEqual([]);
  await database.advance({ seconds: 20 });
  expect((await Promise.all([one.tick(), other.tick()])).flat()).toEqual(['task']);
  // Hours in which nobody was there are made up for by one run, and a row that is lost by another.
  await database.advance({ hours: 6 });
  expect(await one.tick()).toEqual(['task']);
  expect(await one.tick()).toEqual([]);
  await database.db.pool.query('truncate recurring_tasks');
  expect(await one.tick()).toEqual(['task']);
});

test('a task is due at once where what it goes by has changed, and once only', async () => {
  const { database } = await stage();
  let mark = 'a';
  const run = vi.fn(async () => {});
  const one = process(database, { run, mark: async () => mark });
  await one.tick();
  expect(await one.tick()).toEqual([]);
  mark = 'b';
  expect(await one.tick()).toEqual(['task']);
  expect(await one.tick()).toEqual([]);
});

test('a task that fails is tried again soon, and is on record with its reason', async () => {
  const { database } = await stage();
  const run = vi.fn(async () => Promise.reject(new Error('AWS is away')));
  const one = process(database, { run });
  await one.tick();
  const row = () => database.db.prisma.recurringTask.findFirstOrThrow();
  expect(await row()).toMatchObject({ failures: 1, lastError: 'AWS is away', leaseHolder: null });
  expect(await one.tick()).toEqual([]);
  await database.advance({ seconds: 16 });
  await one.tick();
  expect((await row()).failures).toBe(2);
  run.mockResolvedValue(undefined as never);
  await database.advance({ seconds: 16 });
  await one.tick();
  expect(await row()).toMatchObject({ failures: 0, lastError: null });
});

test('what a dead process had begun is taken over when its lease is over, and what a stopped one had begun at once', async () => {
  const { database } = await stage();
  const { promise: never } = Promise.withResolvers<void>();
  const dead = process(database, { run: () => never });
  // It is not waited for: a process that is dead never comes to an end.
  void dead.tick();
  const row = () => database.db.prisma.recurringTask.findFirst();
  await vi.waitFor(async () => expect((await row())?.leaseHolder).toBeTruthy());
  const run = vi.fn(async () => {});
  const other = process(database, { run });
  await database.advance({ seconds: 45 });
  expect(await other.tick()).toEqual([]);
  await database.advance({ seconds: 20 });
  expect(await other.tick()).toEqual(['task']);

  await database.advance({ minutes: 2 });
  const begun = Promise.withResolvers<void>();
  const stopped = process(database, {
    run: (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        begun.resolve();
      }),
  });
  const tick = stopped.tick();
  await begun.promise;
  await stopped.stop();
  await tick;
  expect(await other.tick()).toEqual(['task']);
});
