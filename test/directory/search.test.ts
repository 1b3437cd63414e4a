import { expect, test } from 'vitest';
import { searchAccounts, searchOrganizationalUnits, searchPeople } from '../../src/directory/index.ts';
import { createTestDatabase } from '../support/db.ts';

const account = (id: string, name: string, ouPath = 'Root / Workloads', state = 'ACTIVE') => ({
  id,
  name,
  email: `${id}@example.com`,
  state,
  parentId: 'ou-1',
  ouPath,
  ancestorIds: ['r-1', 'ou-1'],
});
const user = (id: string, displayName: string, enabled = true) => ({
  id,
  displayName,
  userName: id,
  email: null,
  enabled,
});

async function databaseWith(accounts: ReturnType<typeof account>[]) {
  const database = await createTestDatabase();
  await database.db.prisma.account.createMany({ data: accounts });
  return database;
}

test('accounts are found by name, ID, e-mail and OU path, and those that begin with what was typed come first', async () => {
  await using database = await databaseWith([
    account('111111111111', 'Billing', 'Root / Payments'),
    account('222222222222', 'Payments production'),
    account('333333333333', 'Zoo', 'Root / Zoo'),
  ]);
  const { prisma } = database.db;
  const names = async (q: string) => (await searchAccounts(prisma, { q })).items.map(({ name }) => name);
  expect(await names('payments')).toEqual(['Payments production', 'Billing']);
  expect(await names('3333')).toEqual(['Zoo']);
  expect(await names('111111111111@EXAMPLE')).toEqual(['Billing']);
  expect(await names('prod PAY')).toEqual(['Payments production']);
  expect(await names('nothing like it')).toEqual([]);
  expect(await names('')).toEqual(['Billing', 'Payments production', 'Zoo']);
});

test('what was typed is taken literally, also where it would mean something to the database', async () => {
  await using database = await databaseWith([account('111111111111', '100% {safe}_\\o/'), account('2', 'Other')]);
  const { prisma } = database.db;
  for (const q of ['%', '_\\', "'", '\u0000100%', '{safe}']) {
    const { items } = await searchAccounts(prisma, { q });
    expect(items.length, q).toBe(q === "'" ? 0 : 1);
  }
});

test('people are found with and without accents, in any case and either Unicode form', async () => {
  await using database = await createTestDatabase();
  const { prisma } = database.db;
  await prisma.user.createMany({ data: [user('u-1', 'Zoë Ångström'), user('u-2', 'Zoe Smith', false)] });
  const ids = async (q: string, onlyEnabled = false) =>
    (await searchPeople(prisma, { q, onlyEnabled })).items.map(({ id }) => id);
  expect(await ids('zoe')).toEqual(['u-1', 'u-2']);
  expect(await ids('ZOË'.normalize('NFD'))).toEqual(['u-1', 'u-2']);
  expect(await ids('angstrom')).toEqual(['u-1']);
  expect(await ids('zoe', true)).toEqual(['u-1']);
});

test('pages follow each other without a gap or a repeat, and the last one says so', async () => {
  const all = Array.from({ length: 25 }, (_, n) => account(String(100_000_000_000 + n), n % 2 ? 'Same' : `Team ${n}`));
  await using database = await databaseWith(all);
  const seen: string[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page = await searchAccounts(database.db.prisma, { q: 'm', limit: 7, cursor });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor);
  expect(pages).toBe(4);
  expect(new Set(seen).size).toBe(25);
  expect(seen.length).toBe(25);
});

test('a cursor that nobody gave out means the first page', async () => {
  await using database = await databaseWith([account('111111111111', 'One')]);
  const { items } = await searchAccounts(database.db.prisma, { cursor: 'made-up' });
  expect(items).toHaveLength(1);
});

test('accounts can be narrowed to those a person may see and to those that are active', async () => {
  await using database = await databaseWith([
    account('1', 'One'),
    account('2', 'Two'),
    account('3', 'Three', 'Root', 'SUSPENDED'),
  ]);
  const { items } = await searchAccounts(database.db.prisma, { onlyIds: ['1', '3'], onlyActive: true });
  expect(items.map(({ id }) => id)).toEqual(['1']);
  expect((await searchAccounts(database.db.prisma, { onlyIds: [] })).items).toEqual([]);
});

test('organizational units come with the accounts directly in them and in all that lies beneath', async () => {
  await using database = await databaseWith([
    { ...account('1', 'One'), parentId: 'r-1', ancestorIds: ['r-1'] },
    account('2', 'Two'),
    account('3', 'Three'),
  ]);
  const { prisma } = database.db;
  await prisma.organizationalUnit.createMany({
    data: [
      { id: 'r-1', name: 'Root', parentId: null, path: 'Root', ancestorIds: [] },
      { id: 'ou-1', name: 'Workloads', parentId: 'r-1', path: 'Root / Workloads', ancestorIds: ['r-1'] },
    ],
  });
  const { items } = await searchOrganizationalUnits(prisma, {});
  expect(items.map(({ id, directAccounts, nestedAccounts }) => [id, directAccounts, nestedAccounts])).toEqual([
    ['r-1', 1, 3],
    ['ou-1', 2, 2],
  ]);
});
