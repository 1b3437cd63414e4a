import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountIndex, permissionSetIndex, searchAccounts, unitIndex } from '../../src/directory/index.ts';
import { createTestDatabase } from '../support/db.ts';

const account = (id: string, name: string, ouPath = 'Root') => ({
  id,
  name,
  email: `aws+${id}@example.com`,
  state: 'ACTIVE',
  parentId: 'r-1',
  ouPath,
  ancestorIds: ['r-1'],
});
const NAMES = [
  'Payments',
  'payments live',
  'Zoë',
  'ΟΔΟΣ',
  'ÅNGSTRÖM',
  'İstanbul',
  '😀 lab',
  'ﬁnance',
  '"Quoted" <b>',
  ' حساب',
];

test('the index in memory finds what the search in the database finds, in the same order', async () => {
  await using database = await createTestDatabase();
  const { prisma } = database.db;
  await prisma.account.createMany({
    data: NAMES.map((name, n) =>
      account(String(111_111_111_111 + n * 10), name, n % 2 ? 'Root / Labs' : 'Root / Live'),
    ),
  });
  const index = await accountIndex(prisma);
  const pieces = [...NAMES, 'root', 'labs', '11111', '111111111111', 'e', 'É', ' ', '\t', '%', '_', 'aws+', '\0'];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 3 }), fc.nat(12), async (words, limit) => {
      const q = words.join(' ');
      const { items } = await searchAccounts(prisma, { q, limit: limit + 1 });
      const found = index.search({ q, accept: () => true, limit: limit + 1 });
      expect(found.items).toEqual(items);
      const all = await searchAccounts(prisma, { q, limit: 100 });
      expect(found.total).toBe(all.items.length);
    }),
    { numRuns: 60 },
  );
});

test('letters that the database cannot lower are found however they are typed', async () => {
  await using database = await createTestDatabase();
  await database.db.prisma.account.create({ data: account('1', 'ΟΔΟΣ') });
  const { search } = await accountIndex(database.db.prisma);
  for (const q of ['ΟΔΟΣ', 'οδος', 'οδοσ']) expect(search({ q, accept: () => true, limit: 1 }).total, q).toBe(1);
});

test('what is not accepted is neither given nor counted', async () => {
  await using database = await createTestDatabase();
  await database.db.prisma.account.createMany({
    data: [account('1', 'One'), account('2', 'Two'), account('3', 'Three')],
  });
  const index = await accountIndex(database.db.prisma);
  const found = index.search({ q: '', accept: ({ id }) => id !== '2', limit: 1 });
  expect(found).toMatchObject({ items: [{ id: '1' }], total: 2 });
});

test('an index is kept until something changes, and renewed by insert, update, delete and truncate', async () => {
  await using database = await createTestDatabase();
  const { prisma } = database.db;
  const names = async () => (await accountIndex(prisma)).accounts.map(({ name }) => name);
  expect(await names()).toEqual([]);
  await prisma.account.create({ data: account('1', 'One') });
  expect(await names()).toEqual(['One']);
  expect(await accountIndex(prisma)).toBe(await accountIndex(prisma));
  await prisma.account.update({ where: { id: '1' }, data: { name: 'Uno' } });
  expect(await names()).toEqual(['Uno']);
  await prisma.account.deleteMany();
  expect(await names()).toEqual([]);
  await prisma.account.create({ data: account('2', 'Two') });
  await prisma.$executeRaw`truncate accounts`;
  expect(await names()).toEqual([]);
  await prisma.permissionSet.create({ data: { arn: 'a', name: 'A', description: '', sessionSeconds: 60 } });
  expect((await permissionSetIndex(prisma)).byArn.get('a')?.name).toBe('A');
});

test('a statement that changes nothing, and a change that is rolled back, leave the revision as it was', async () => {
  await using database = await createTestDatabase();
  const { prisma } = database.db;
  await prisma.account.create({ data: account('1', 'One') });
  const { revision } = await accountIndex(prisma);
  await prisma.account.updateMany({ where: { id: '2' }, data: { name: 'Two' } });
  await prisma.account.deleteMany({ where: { id: '2' } });
  await expect(
    database.db.tx(async (tx) => {
      await tx.account.update({ where: { id: '1' }, data: { name: 'Uno' } });
      expect((await accountIndex(tx)).byId.get('1')?.name).toBe('Uno');
      throw new Error('back');
    }),
  ).rejects.toThrow('back');
  expect(await accountIndex(prisma)).toMatchObject({ revision, accounts: [{ name: 'One' }] });
});

test('units come as a tree: the root, then each unit before what lies in it, by name, numbers as numbers', async () => {
  await using database = await createTestDatabase();
  const unit = (id: string, name: string, parentId: string | null) => ({
    id,
    name,
    parentId,
    path: name,
    ancestorIds: [],
  });
  await database.db.prisma.organizationalUnit.createMany({
    data: [
      unit('ou-3', 'Team 10', 'ou-1'),
      unit('ou-2', 'Team 9', 'ou-1'),
      unit('ou-5', 'Team !', 'ou-2'),
      unit('ou-4', 'Alpha', 'r-1'),
      unit('ou-1', 'Teams', 'r-1'),
      unit('r-1', 'Root', null),
    ],
  });
  const { units, byId } = await unitIndex(database.db.prisma);
  expect(units.map(({ name }) => name)).toEqual(['Root', 'Alpha', 'Teams', 'Team 9', 'Team !', 'Team 10']);
  expect(byId.get('ou-5')?.parentId).toBe('ou-2');
});
