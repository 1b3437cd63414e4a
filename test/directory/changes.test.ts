import { expect, test } from 'vitest';
import { listChanges } from '../../src/directory/change-store.ts';
import { watchUsers } from '../../src/directory/index.ts';
import { ADMINISTRATOR, GROUP, MANAGEMENT, READ_ONLY, sandboxUser, startDirectory, USER } from './parts.ts';

type Directory = Awaited<ReturnType<typeof startDirectory>>;

const told = async ({ prisma }: Directory, kind?: 'account' | 'user') =>
  (await listChanges(prisma, { kind, limit: 100 })).changes
    .map(({ kind: of, thingId, name, what, oldValue, newValue }) => [of, thingId, name, what, oldValue, newValue])
    .sort();

test('the first copy tells of no change, and one that finds nothing new neither', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  await directory.sync();
  expect(await told(directory)).toEqual([]);
});

test('what appeared, vanished, was renamed, moved, suspended or disabled is told with the values before and after', async () => {
  await using directory = await startDirectory();
  const { organization, sandbox } = directory;
  await directory.sync();
  const [, identity, payments, old] = organization.accounts;
  organization.accounts.push({ ...identity!, id: '444444444444', name: 'New "one" <b>' });
  identity!.state = 'SUSPENDED';
  payments!.name = 'Payments live';
  payments!.parentId = 'ou-ab12-44444444';
  organization.accounts.splice(organization.accounts.indexOf(old!), 1);
  organization.root.children[1]!.name = 'Vacant';
  organization.users.push(sandboxUser(5, 'eva'));
  organization.users[0]!.displayName = 'Ana Ruiz Soler';
  organization.users[1]!.status = 'DISABLED';
  organization.users[2]!.status = 'ENABLED';
  organization.groups[1]!.displayName = 'All staff';
  organization.groups.splice(0, 1);
  organization.permissionSets[1]!.name = 'Admin';
  sandbox.assignments.add({
    accountId: MANAGEMENT,
    permissionSetArn: READ_ONLY,
    principalType: 'USER',
    principalId: USER(1),
  });
  await directory.sync();
  expect(await told(directory)).toEqual(
    [
      ['account', '111111111111', 'Identity', 'state', 'ACTIVE', 'SUSPENDED'],
      [
        'account',
        '222222222222',
        'Payments live',
        'moved',
        'Root / Workloads / Payments / Production',
        'Root / Vacant',
      ],
      ['account', '222222222222', 'Payments live', 'renamed', 'Payments production', 'Payments live'],
      ['account', '333333333333', 'Old', 'vanished', null, null],
      ['account', '444444444444', 'New "one" <b>', 'appeared', null, null],
      ['group', GROUP(1), 'Approvers', 'vanished', null, null],
      ['group', GROUP(2), 'All staff', 'renamed', 'Everyone', 'All staff'],
      ['organizational_unit', 'ou-ab12-44444444', 'Vacant', 'renamed', 'Empty', 'Vacant'],
      ['permission_set', ADMINISTRATOR, 'Admin', 'renamed', 'Administrator', 'Admin'],
      ['permission_set', READ_ONLY, 'ReadOnly', 'management', 'false', 'true'],
      ['user', USER(1), 'Ana Ruiz Soler', 'renamed', 'Ana Ruiz (Ana.Ruiz)', 'Ana Ruiz Soler (Ana.Ruiz)'],
      ['user', USER(2), 'ben', 'disabled', null, null],
      ['user', USER(3), 'gone', 'enabled', null, null],
      ['user', USER(5), 'eva', 'appeared', null, null],
    ].sort(),
  );
  expect((await told(directory, 'user')).length).toBe(4);
});

test('what the watch sees of a user between two copies is told too, once', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  directory.organization.users[1]!.status = 'DISABLED';
  directory.organization.users.splice(0, 1);
  const watched = async () => [USER(1), USER(2), USER(4)];
  await watchUsers(directory.platform, { watched, onGone: async () => {} });
  await watchUsers(directory.platform, { watched, onGone: async () => {} });
  await directory.sync();
  expect(await told(directory)).toEqual([
    ['user', USER(1), 'Ana Ruiz', 'vanished', null, null],
    ['user', USER(2), 'ben', 'disabled', null, null],
  ]);
});

test('changes are kept for 90 days, and no more than 10,000 of them', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  const { prisma, database } = directory;
  await prisma.$executeRaw`insert into directory_changes (kind, thing_id, name, what)
    select 'user', n::text, 'u', 'appeared' from generate_series(1, 10020) n`;
  await directory.sync();
  expect(await prisma.directoryChange.count()).toBe(10_000);
  expect(await prisma.directoryChange.count({ where: { thingId: '20' } })).toBe(0);
  await database.advance({ hours: 91 * 24 });
  await directory.sync();
  expect(await prisma.directoryChange.count()).toBe(0);
});
