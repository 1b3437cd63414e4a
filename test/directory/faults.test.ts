import { expect, test } from 'vitest';
import { directoryAge, findAccount, groupIdsOf } from '../../src/directory/index.ts';
import { ADMINISTRATOR, GROUP, READ_ONLY, sandboxUser, startDirectory, USER } from './parts.ts';

type Directory = Awaited<ReturnType<typeof startDirectory>>;

const contentOf = async ({ prisma }: Directory) => ({
  accounts: await prisma.account.findMany({ orderBy: { id: 'asc' } }),
  units: await prisma.organizationalUnit.findMany({ orderBy: { id: 'asc' } }),
  permissionSets: await prisma.permissionSet.findMany({ orderBy: { arn: 'asc' } }),
  users: await prisma.user.findMany({ orderBy: { id: 'asc' } }),
  groups: await prisma.group.findMany({ orderBy: { id: 'asc' } }),
  memberships: await prisma.membership.findMany({ orderBy: { userId: 'asc' } }),
});

/** So large that every list has several pages. */
function grow({ organization }: Directory): void {
  const [pattern] = organization.accounts;
  for (let n = 0; n < 45; n++) {
    const parentId = n % 2 ? 'ou-ab12-22222222' : 'ou-ab12-33333333';
    organization.accounts.push({ ...pattern!, id: String(500_000_000_000 + n), name: `Team ${n}`, parentId });
  }
  for (let n = 10; n < 260; n++) organization.users.push(sandboxUser(n, `u${n}`));
  for (let n = 10; n < 260; n++) {
    organization.groups.push({ id: GROUP(n), displayName: `Group ${n}`, description: '' });
    organization.memberships.get(GROUP(1))!.add(USER(n));
  }
  for (let n = 10; n < 130; n++) {
    const arn = ADMINISTRATOR.replace(/.{4}$/, String(n).padStart(4, '0'));
    organization.permissionSets.push({ arn, name: `Set${n}`, description: '', sessionDuration: 'PT1H' });
  }
}

test('where AWS tells no paths, the copy made by walking the units is the same', async () => {
  await using directory = await startDirectory();
  grow(directory);
  await directory.sync();
  expect(directory.sandbox.calls.count('ListAccountsForParent')).toBe(0);
  const told = await contentOf(directory);
  directory.sandbox.faults.omitPaths = true;
  const outcomes = await directory.sync();
  expect(outcomes?.get('organization')).toMatchObject({ ok: true, added: 0, changed: 0, removed: 0 });
  expect(directory.sandbox.calls.count('ListAccountsForParent')).toBeGreaterThan(5);
  expect(await contentOf(directory)).toEqual(told);
});

test('pages that hold everything twice are copied once', async () => {
  await using directory = await startDirectory();
  grow(directory);
  await directory.sync();
  const once = await contentOf(directory);
  for (const table of ['accounts', 'organizational_units', 'permission_sets', 'users', 'groups', 'memberships']) {
    await directory.database.db.pool.query(`delete from ${table}`);
  }
  directory.sandbox.faults.repeatPages = 'items';
  for (const [kind, outcome] of (await directory.sync()) ?? []) expect(outcome, kind).toMatchObject({ ok: true });
  expect(await contentOf(directory)).toEqual(once);
});

test('a list whose pages lead back to themselves is given up, with a sentence, and the old copy stays', async () => {
  await using directory = await startDirectory();
  grow(directory);
  await directory.sync();
  const before = await contentOf(directory);
  directory.sandbox.faults.repeatPages = 'token';
  directory.organization.users[0]!.displayName = 'Renamed';
  const outcomes = await directory.sync();
  for (const [kind, outcome] of outcomes ?? []) {
    expect(outcome, kind).toMatchObject({ ok: false, error: expect.stringContaining('twice') });
  }
  expect(await contentOf(directory)).toEqual(before);
});

test.each([
  ['ListAccounts', 2, 'organization'],
  ['ListOrganizationalUnitsForParent', 3, 'organization'],
  ['DescribePermissionSet', 60, 'permission_sets'],
  ['ListUsers', 1, 'users'],
  ['ListGroups', 2, 'groups'],
  ['ListGroupMemberships', 1, 'memberships'],
] as const)(
  'when %s breaks off half-way, its kind keeps the old copy and the others are copied',
  async (operation, calls, kind) => {
    await using directory = await startDirectory();
    grow(directory);
    await directory.sync();
    const before = await contentOf(directory);
    for (const account of directory.organization.accounts) account.name += ' new';
    for (const set of directory.organization.permissionSets) set.description += ' new';
    for (const user of directory.organization.users) user.displayName += ' new';
    for (const group of directory.organization.groups) group.description += ' new';
    directory.organization.memberships.get(GROUP(1))!.delete(USER(1));
    await directory.database.advance({ minutes: 20 });

    directory.sandbox.faults.breakAfter = { operation, calls };
    const outcomes = await directory.sync();
    const after = await contentOf(directory);
    for (const [each, { ok }] of outcomes ?? []) expect(ok, each).toBe(each !== kind);
    const tables = { organization: 'accounts', permission_sets: 'permissionSets' } as Record<
      string,
      keyof typeof after
    >;
    for (const each of ['organization', 'permission_sets', 'users', 'groups', 'memberships']) {
      const table = tables[each] ?? (each as keyof typeof after);
      if (each === kind) expect(after[table], table).toEqual(before[table]);
      else expect(after[table], table).not.toEqual(before[table]);
    }
    const age = await directoryAge(directory.prisma, [kind]);
    expect(age.text).toBe('Directory copied 20 minutes ago.');
    expect(age.warning).toContain('failed');
  },
);

test('an hour in which AWS throttles everything leaves the old copy in use, one failure on record, and recovers', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  directory.sandbox.faults.throttleShare = 1;
  for (let run = 0; run < 3; run++) {
    await directory.database.advance({ minutes: 20 });
    await directory.sync({ attempts: 1 });
  }
  expect(await groupIdsOf(directory.prisma, USER(1))).toEqual([GROUP(1)]);
  expect((await directoryAge(directory.prisma)).text).toBe('Directory copied 1 h ago.');
  const failures = (await directory.events()).filter(({ kind }) => kind === 'directory.copy-failed');
  expect(failures).toHaveLength(5);
  directory.sandbox.faults.throttleShare = 0;
  await directory.sync();
  expect((await directoryAge(directory.prisma)).warning).toBeNull();
});

test('a unit that comes into being while the tree is read is found by a second look', async () => {
  await using directory = await startDirectory();
  const { organization, sandbox } = directory;
  grow(directory);
  sandbox.faults.slowMs = 30;
  const syncing = directory.sync({ kinds: ['organization'] });
  // The root's children are known by now; the last page of accounts is still to come.
  await sandbox.calls.waitFor('ListOrganizationalUnitsForParent');
  const child = { id: 'ou-ab12-77777777', name: 'Child', children: [] };
  organization.root.children.push({ id: 'ou-ab12-66666666', name: 'New', children: [child] });
  const last = organization.accounts.at(-1)!;
  last.parentId = 'ou-ab12-77777777';
  expect((await syncing)?.get('organization')).toMatchObject({ ok: true });
  expect((await findAccount(directory.prisma, last.id))?.ouPath).toBe('Root / New / Child');
});

test('a unit that is deleted while the tree is read is no failure', async () => {
  await using directory = await startDirectory();
  const { organization, sandbox } = directory;
  sandbox.faults.slowMs = 30;
  const syncing = directory.sync({ kinds: ['organization'] });
  await sandbox.calls.waitFor('ListOrganizationalUnitsForParent');
  organization.root.children.splice(1, 1);
  expect((await syncing)?.get('organization')).toMatchObject({ ok: true });
  await directory.sync({ kinds: ['organization'] });
  expect(await directory.prisma.organizationalUnit.findUnique({ where: { id: 'ou-ab12-44444444' } })).toBeNull();
});

test('units at the deepest level that AWS allows are not asked for children', async () => {
  await using directory = await startDirectory();
  const { organization, sandbox } = directory;
  let deepest = organization.root;
  for (let level = 1; level <= 5; level++) {
    const unit = { id: `ou-ab12-deep000${level}`, name: `Level ${level}`, children: [] };
    deepest.children.push(unit);
    deepest = unit;
  }
  organization.accounts[2]!.parentId = deepest.id;
  await directory.sync({ kinds: ['organization'] });
  const asked = sandbox.calls.list('ListOrganizationalUnitsForParent').map(({ input }) => input.ParentId);
  expect(asked).toContain('ou-ab12-deep0004');
  expect(asked).not.toContain('ou-ab12-deep0005');
  expect((await findAccount(directory.prisma, '222222222222'))?.ouPath).toBe(
    'Root / Level 1 / Level 2 / Level 3 / Level 4 / Level 5',
  );
});

test('a permission set and a group that vanish between two calls are left out, and the copy is whole', async () => {
  await using directory = await startDirectory();
  const { organization, sandbox } = directory;
  sandbox.faults.slowMs = 30;
  // Named just now, and gone before its members are asked for.
  const groups = async () => {
    const at = organization.groups.findIndex(({ id }) => id === GROUP(2));
    if (at >= 0) organization.groups.splice(at, 1);
    return [GROUP(1), GROUP(2)];
  };
  const syncing = directory.sync({ groups });
  await sandbox.calls.waitFor('ListPermissionSets');
  organization.permissionSets.splice(0, 1);
  const outcomes = await syncing;
  for (const [kind, outcome] of outcomes ?? []) expect(outcome, kind).toMatchObject({ ok: true });
  const arns = (await directory.prisma.permissionSet.findMany()).map(({ arn }) => arn);
  expect(arns).toEqual([ADMINISTRATOR]);
  expect(arns).not.toContain(READ_ONLY);
  expect(await groupIdsOf(directory.prisma, USER(2))).toEqual([]);
});
