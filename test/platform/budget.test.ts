import { expect, test } from 'vitest';
import { createBudget } from '../../src/platform/budget.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

// So slow that nothing is refilled while a test runs.
const RULE = { rate: 0.001, burst: 4 };

const tokens = async (database: TestDatabase) =>
  (await database.db.pool.query<{ tokens: number }>('select tokens from api_budgets')).rows.map((row) =>
    Math.round(row.tokens),
  );

/** Takes until it would have to wait. */
async function takeAll(database: TestDatabase, priority: 'revoke' | 'sync') {
  const budget = createBudget(database.db, {}, RULE);
  let taken = 0;
  for (;;) {
    const abort = new AbortController();
    const result = budget.take('family', priority, abort.signal).then(
      () => true,
      () => false,
    );
    // What must wait looks again after a second at the latest, and then sees the signal.
    const timer = setTimeout(() => abort.abort(), 300);
    const got = await result;
    clearTimeout(timer);
    if (!got) return taken;
    taken += 1;
  }
}

test('a budget gives no more calls than its burst holds, from the very first call on', async () => {
  await using database = await createTestDatabase();
  expect(await takeAll(database, 'revoke')).toBe(4);
  expect(await tokens(database)).toEqual([0]);
});

test('a sync leaves the last calls to revokes', async () => {
  await using database = await createTestDatabase();
  expect(await takeAll(database, 'sync')).toBe(2);
  expect(await takeAll(database, 'revoke')).toBe(2);
});

test('each thing named after the bar has a bucket of its own under the family rule', async () => {
  await using database = await createTestDatabase();
  const budget = createBudget(database.db, { 'cloudtrail:LookupEvents': RULE }, { rate: 100, burst: 100 });
  await budget.take('cloudtrail:LookupEvents|111122223333|eu-west-1', 'revoke');
  await budget.take('cloudtrail:LookupEvents|444455556666|eu-west-1', 'revoke');
  expect(await tokens(database)).toEqual([3, 3]);
});

test('whoever is more urgent gets the next token, however long the others have waited', async () => {
  await using database = await createTestDatabase();
  const budget = createBudget(database.db, {}, { rate: 20, burst: 2 });
  await budget.take('family', 'revoke');
  await budget.take('family', 'revoke');
  const order: string[] = [];
  const take = (priority: 'revoke' | 'grant') => budget.take('family', priority).then(() => order.push(priority));
  const grants = [take('grant'), take('grant'), take('grant')];
  await Promise.all([...grants, take('revoke')]);
  expect(order).toEqual(['revoke', 'grant', 'grant', 'grant']);
});

test('whoever stops waiting leaves the token to the others', async () => {
  await using database = await createTestDatabase();
  const budget = createBudget(database.db, {}, { rate: 20, burst: 1 });
  await budget.take('family', 'grant');
  const abort = new AbortController();
  const impatient = budget.take('family', 'grant', abort.signal);
  const patient = budget.take('family', 'grant');
  abort.abort(new Error('enough'));
  await expect(impatient).rejects.toThrow('enough');
  await patient;
});

test('two processes share one budget, and none gets a token before one who is more urgent in the other', async () => {
  await using database = await createTestDatabase();
  // Between two priorities lie four tokens: nearly half a second for a process to wake up in.
  const rule = { rate: 10, burst: 40 };
  const [one, other] = [createBudget(database.db, {}, rule), createBudget(database.db, {}, rule)];
  // Nothing is left, so that everyone waits.
  for (let taken = 0; taken < 40; taken += 1) await one.take('family', 'revoke');
  const order: string[] = [];
  const urgency = ['sync', 'watch', 'poll', 'grant', 'break-glass', 'revoke'] as const;
  const waiting = urgency.flatMap((priority) =>
    [one, other].map((budget) => budget.take('family', priority).then(() => order.push(priority))),
  );
  await Promise.all(waiting);
  expect(order).toEqual([...urgency].reverse().flatMap((priority) => [priority, priority]));
});

test('among those of one priority each owner in turn gets a token', async () => {
  await using database = await createTestDatabase();
  const budget = createBudget(database.db, {}, { rate: 50, burst: 2 });
  await budget.take('family', 'revoke');
  await budget.take('family', 'revoke');
  const order: string[] = [];
  const take = (owner: string) => budget.take('family', 'grant', undefined, owner).then(() => order.push(owner));
  await Promise.all(['ann', 'ann', 'ann', 'ann', 'bob'].map(take));
  expect(order).toEqual(['ann', 'bob', 'ann', 'ann', 'ann']);
});
