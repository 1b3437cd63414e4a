import { expect, test } from 'vitest';
import {
  allOrganizationalUnits,
  directoryAge,
  findAccount,
  findPermissionSets,
  findUsers,
  groupIdsOf,
  membersOf,
} from '../../src/directory/index.ts';
import { ADMINISTRATOR, GROUP, MANAGEMENT, READ_ONLY, startDirectory, USER } from './parts.ts';

test('the first copy holds accounts with their OU path and state, permission sets, users, groups and members', async () => {
  await using directory = await startDirectory();
  const { prisma } = directory;
  const outcomes = await directory.sync();
  expect([...(outcomes ?? [])].map(([kind, { ok }]) => [kind, ok])).toEqual([
    ['organization', true],
    ['permission_sets', true],
    ['users', true],
    ['groups', true],
    ['memberships', true],
  ]);

  expect(await findAccount(prisma, '222222222222')).toEqual({
    id: '222222222222',
    name: 'Payments production',
    email: 'aws+222222222222@example.com',
    state: 'ACTIVE',
    ouPath: 'Root / Workloads / Payments / Production',
    ancestorIds: ['r-ab12', 'ou-ab12-11111111', 'ou-ab12-22222222', 'ou-ab12-33333333'],
    isManagement: false,
  });
  expect((await findAccount(prisma, MANAGEMENT))?.isManagement).toBe(true);
  expect((await findAccount(prisma, '333333333333'))?.state).toBe('SUSPENDED');
  expect((await allOrganizationalUnits(prisma)).map(({ path }) => path)).toEqual([
    'Root',
    'Root / Empty',
    'Root / Workloads',
    'Root / Workloads / Payments',
    'Root / Workloads / Payments / Production',
  ]);
  expect(await findPermissionSets(prisma, [READ_ONLY, ADMINISTRATOR])).toEqual([
    { arn: ADMINISTRATOR, name: 'Administrator', description: '', sessionSeconds: 43_200, inManagementAccount: true },
    { arn: READ_ONLY, name: 'ReadOnly', description: 'Look', sessionSeconds: 5_400, inManagementAccount: false },
  ]);
  expect(await findUsers(prisma, [USER(1), USER(2), USER(3)])).toEqual([
    { id: USER(1), userName: 'Ana.Ruiz', displayName: 'Ana Ruiz', email: 'user1@example.com', enabled: true },
    { id: USER(2), userName: 'ben', displayName: 'ben', email: null, enabled: true },
    { id: USER(3), userName: 'gone', displayName: 'gone', email: 'user3@example.com', enabled: false },
  ]);
  expect((await membersOf(prisma, [GROUP(1)])).map(({ userName, groupId }) => [userName, groupId])).toEqual([
    ['Ana.Ruiz', GROUP(1)],
  ]);
});

test('only the members of the groups that someone needs are copied', async () => {
  await using directory = await startDirectory();
  await directory.sync({ groups: async () => [GROUP(2), GROUP(9)] });
  expect(await groupIdsOf(directory.prisma, USER(1))).toEqual([GROUP(2)]);
  const asked = directory.sandbox.calls.list('ListGroupMemberships').map(({ input }) => input.GroupId);
  expect(asked.sort()).toEqual([GROUP(2), GROUP(9)]);
  await directory.sync({ groups: async () => [] });
  expect(await groupIdsOf(directory.prisma, USER(1))).toEqual([]);
});

test('an ID that can be no group holds up the members of no other group', async () => {
  await using directory = await startDirectory();
  const outcomes = await directory.sync({ groups: async () => ['vanished', GROUP(2)] });
  expect(outcomes?.get('memberships')).toMatchObject({ ok: true });
  expect(await groupIdsOf(directory.prisma, USER(1))).toEqual([GROUP(2)]);
});

test('a copy that finds nothing new writes no row and leaves no event', async () => {
  await using directory = await startDirectory();
  const versions = async () => {
    const copied = ['organizational_units', 'accounts', 'permission_sets', 'users', 'groups', 'memberships'];
    const tables = [...copied, 'directory_revision', 'directory_changes'];
    const { rows } = await directory.database.db.pool.query(
      tables.map((table) => `select '${table}' as t, xmin::text, xmax::text from ${table}`).join(' union all '),
    );
    return rows;
  };
  await directory.sync();
  const before = await versions();
  expect(before.length).toBe(5 + 4 + 2 + 4 + 2 + 1 + 1);
  const events = await directory.events();
  const outcomes = await directory.sync();
  expect(outcomes?.get('users')).toEqual({ ok: true, rows: 4, added: 0, changed: 0, removed: 0 });
  expect(await versions()).toEqual(before);
  expect(await directory.events()).toEqual(events);
});

test('what was renamed, moved, disabled or deleted at AWS is so in the copy, and the counts are on record', async () => {
  await using directory = await startDirectory();
  const { organization, prisma } = directory;
  await directory.sync();
  organization.accounts[2]!.name = 'Payments live';
  organization.accounts[2]!.parentId = 'ou-ab12-44444444';
  organization.accounts.splice(3, 1);
  organization.users[1]!.status = 'DISABLED';
  organization.users.splice(2, 1);
  organization.permissionSets.splice(0, 1);
  organization.groups[1]!.displayName = 'All staff';
  await directory.sync();

  const moved = await findAccount(prisma, '222222222222');
  expect([moved?.name, moved?.ouPath]).toEqual(['Payments live', 'Root / Empty']);
  expect(await findAccount(prisma, '333333333333')).toBeNull();
  expect((await findUsers(prisma, [USER(2), USER(3)])).map(({ id, enabled }) => [id, enabled])).toEqual([
    [USER(2), false],
  ]);
  expect(await findPermissionSets(prisma, [READ_ONLY])).toEqual([]);
  expect((await prisma.group.findUnique({ where: { id: GROUP(2) } }))?.displayName).toBe('All staff');

  const [users] = (await directory.events()).slice(5).filter(({ subjectId }) => subjectId === 'users');
  expect(users).toMatchObject({ kind: 'directory.copied', after: { added: 0, changed: 1, removed: 1, rows: 3 } });
});

test('when a unit is renamed, the path of everything beneath it follows', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  directory.organization.root.children[0]!.name = 'Teams';
  await directory.sync({ kinds: ['organization'] });
  expect((await findAccount(directory.prisma, '222222222222'))?.ouPath).toBe('Root / Teams / Payments / Production');
});

test('while AWS is away the old copy stays, and its age says since when and why', async () => {
  await using directory = await startDirectory();
  const { prisma, sandbox } = directory;
  await directory.sync();
  await directory.database.advance({ minutes: 12 });
  sandbox.faults.outageOf = 'identity-store';
  const outcomes = await directory.sync();
  expect(outcomes?.get('organization')?.ok).toBe(true);
  expect(outcomes?.get('users')).toMatchObject({ ok: false });
  expect(await prisma.user.count()).toBe(4);
  expect(await groupIdsOf(prisma, USER(1))).toEqual([GROUP(1)]);

  const age = await directoryAge(prisma);
  expect(age.text).toBe('Directory copied 12 minutes ago.');
  expect(age.warning).toMatch(
    /^The last copy of users, groups and group members failed\. .* as it was 12 minutes ago\./,
  );
  expect(age.cause).toContain('identitystore:ListUsers');
  expect((await directoryAge(prisma, ['organization'])).warning).toBeNull();

  await directory.sync();
  const failures = (await directory.events()).filter(({ kind }) => kind === 'directory.copy-failed');
  expect(failures.map(({ subjectId }) => subjectId).sort()).toEqual(['groups', 'memberships', 'users']);

  sandbox.faults.outageOf = null;
  await directory.sync();
  expect((await directoryAge(prisma)).warning).toBeNull();
});

test('a copy that breaks off after some pages changes nothing', async () => {
  await using directory = await startDirectory();
  const { organization, prisma, sandbox } = directory;
  await directory.sync();
  // A child of a unit that is new between two calls: its account lies nowhere yet.
  organization.accounts[2]!.parentId = 'ou-ab12-99999999';
  organization.accounts[1]!.name = 'Renamed';
  const outcomes = await directory.sync({ kinds: ['organization'] });
  expect(outcomes?.get('organization')).toMatchObject({ ok: false, error: expect.stringContaining('222222222222') });
  expect((await findAccount(prisma, '111111111111'))?.name).toBe('Identity');

  sandbox.faults.throttleShare = 1;
  const throttled = await directory.sync({ kinds: ['groups'] });
  expect(throttled?.get('groups')).toMatchObject({ ok: false, error: expect.stringContaining('too many calls') });
  expect(await prisma.group.count()).toBe(2);
});

test('an identity store that suddenly lists nobody is not believed', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  directory.organization.users.splice(0);
  const outcomes = await directory.sync({ kinds: ['users'] });
  expect(outcomes?.get('users')?.ok).toBe(false);
  expect(await directory.prisma.user.count()).toBe(4);
});

test('throttled calls are repeated until the copy is whole', async () => {
  await using directory = await startDirectory();
  directory.sandbox.faults.throttleShare = 0.2;
  const outcomes = await directory.sync({ attempts: 12 });
  expect([...(outcomes?.values() ?? [])].filter(({ ok }) => !ok)).toEqual([]);
});

test('a second copy does not start while one runs, and does afterwards', async () => {
  await using directory = await startDirectory();
  directory.sandbox.faults.slowMs = 50;
  const both = await Promise.all([directory.sync(), directory.sync()]);
  expect(both.filter((outcome) => outcome === null)).toHaveLength(1);
  expect(directory.sandbox.calls.count('ListUsers')).toBe(1);
  expect(await directory.sync()).not.toBeNull();
});

test('lists of several pages, with empty ones among them, are read to their end', async () => {
  await using directory = await startDirectory();
  const { organization, prisma } = directory;
  const [pattern] = organization.accounts;
  for (let n = 0; n < 45; n++) {
    organization.accounts.push({ ...pattern!, id: String(500_000_000_000 + n), name: `Team ${n}` });
  }
  const [person] = organization.users;
  for (let n = 10; n < 260; n++) organization.users.push({ ...person!, id: USER(n), userName: `u${n}` });
  await directory.sync();
  expect(await prisma.account.count()).toBe(49);
  expect(await prisma.user.count()).toBe(254);
  expect(directory.sandbox.calls.count('ListUsers')).toBe(3);
});

test('before anything was copied the age says so', async () => {
  await using directory = await startDirectory();
  const age = await directoryAge(directory.prisma);
  expect(age).toMatchObject({
    text: 'The directory has not been copied completely yet.',
    warning: null,
    oldestAt: null,
  });
});
