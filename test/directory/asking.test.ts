import { expect, test, vi } from 'vitest';
import { systemActor } from '../../src/audit/index.ts';
import { requestSync } from '../../src/directory/index.ts';
import { syncDirectory, syncWhatIsDue } from '../../src/directory/sync.ts';
import { createDb } from '../../src/platform/db.ts';
import { GROUP, startDirectory } from './parts.ts';

type Directory = Awaited<ReturnType<typeof startDirectory>>;
const options = { groups: async () => [GROUP(1)], attempts: 2 };
const ADMIN = systemActor('test');
const kindsOf = (outcomes: ReadonlyMap<string, unknown> | null) => [...(outcomes?.keys() ?? [])].sort();
const ALL = ['groups', 'memberships', 'organization', 'permission_sets', 'users'];

/** The queue is not started here: what matters is what stands in the rows. */
const ask = ({ platform }: Directory, kinds?: Parameters<typeof requestSync>[3]) =>
  platform.db.tx((tx) => requestSync({ queue: { ...platform.queue, send: async () => true } }, tx, ADMIN, kinds));

test('everything is due at first, nothing right after it, and everything again ten minutes later', async () => {
  await using directory = await startDirectory();
  expect(kindsOf(await syncWhatIsDue(directory.platform, options))).toEqual(ALL);
  expect(kindsOf(await syncWhatIsDue(directory.platform, options))).toEqual([]);
  await directory.database.advance({ minutes: 10 });
  expect(kindsOf(await syncWhatIsDue(directory.platform, options))).toEqual(ALL);
});

test('only the kinds that somebody asked for are copied, however many asked', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  directory.sandbox.calls.clear();
  await ask(directory, ['memberships']);
  await ask(directory, ['memberships', 'groups']);
  expect(kindsOf(await syncWhatIsDue(directory.platform, options))).toEqual(['groups', 'memberships']);
  expect([...directory.sandbox.calls.totals()].sort()).toEqual([
    ['ListGroupMemberships', 1],
    ['ListGroups', 1],
  ]);
  expect(kindsOf(await syncWhatIsDue(directory.platform, options))).toEqual([]);
  const asked = await directory.events();
  expect(asked.filter(({ kind }) => kind === 'directory.copy-requested').map(({ subjectId }) => subjectId)).toEqual([
    'memberships',
    'memberships,groups',
  ]);
});

test('what is asked for while that kind is being read is read once more after it', async () => {
  await using directory = await startDirectory();
  const { organization, platform, prisma, sandbox } = directory;
  await directory.sync();
  sandbox.calls.clear();
  sandbox.faults.slowMs = 100;
  await ask(directory, ['memberships']);
  const syncing = syncWhatIsDue(platform, options);
  await vi.waitFor(() => expect(sandbox.calls.count('ListGroupMemberships')).toBe(1));
  await ask(directory, ['memberships']);
  organization.memberships.get(GROUP(1))!.clear();
  await syncing;
  expect(sandbox.calls.count('ListGroupMemberships')).toBe(2);
  expect(await prisma.membership.count()).toBe(0);
});

test('a request that was rolled back asks for nothing', async () => {
  await using directory = await startDirectory();
  await directory.sync();
  const { platform } = directory;
  const asking = platform.db.tx(async (tx) => {
    await requestSync({ queue: { ...platform.queue, send: async () => true } }, tx, ADMIN);
    throw new Error('back');
  });
  await expect(asking).rejects.toThrow('back');
  expect(kindsOf(await syncWhatIsDue(platform, options))).toEqual([]);
});

test('of two replicas one copies and the other leaves it be; what was asked for is still copied once it can be', async () => {
  await using directory = await startDirectory();
  const { platform, sandbox, database } = directory;
  await using otherDb = createDb(database.url, platform.log);
  const other = { ...platform, db: otherDb };
  sandbox.faults.slowMs = 50;
  const both = await Promise.all([syncWhatIsDue(platform, options), syncWhatIsDue(other, options)]);
  expect(both.filter((outcome) => outcome === null)).toHaveLength(1);
  expect(sandbox.calls.count('ListUsers')).toBe(1);

  const syncing = syncDirectory(platform, { ...options, kinds: ['users'] });
  await vi.waitFor(() => expect(sandbox.calls.count('ListUsers')).toBe(2));
  await ask(directory, ['groups']);
  expect(await syncWhatIsDue(other, options)).toBeNull();
  await syncing;
  expect(kindsOf(await syncWhatIsDue(other, options))).toEqual(['groups']);
});

test('a replica that dies in the middle of a copy leaves it to the next one', async () => {
  await using directory = await startDirectory();
  const { platform, prisma, sandbox } = directory;
  await directory.sync();
  const stopping = new AbortController();
  sandbox.faults.slowMs = 100;
  await ask(directory, ['users']);
  const dying = syncWhatIsDue(platform, { ...options, signal: stopping.signal });
  await vi.waitFor(() => expect(sandbox.calls.count('ListUsers')).toBe(2));
  stopping.abort(new Error('the process ends'));
  await expect(dying).rejects.toThrow('the process ends');
  expect((await prisma.directorySync.findUnique({ where: { kind: 'users' } }))?.error).toBeNull();
  expect(kindsOf(await syncWhatIsDue(platform, options))).toEqual(['users']);
});

test('whoever rests on the copy is told in the transaction that changes it, and only then', async () => {
  await using directory = await startDirectory();
  const told: string[] = [];
  const onChanged = async (_tx: unknown, kind: string) => void told.push(kind);
  await directory.sync({ onChanged });
  expect(told.sort()).toEqual(ALL);
  told.length = 0;
  directory.organization.users[0]!.displayName = 'Renamed';
  await directory.sync({ onChanged });
  expect(told).toEqual(['users']);

  directory.organization.users[0]!.displayName = 'Again';
  const failing = async () => {
    throw new Error('nobody listens');
  };
  const outcomes = await directory.sync({ onChanged: failing });
  expect(outcomes?.get('users')).toMatchObject({ ok: false });
  const stored = await directory.prisma.user.findUnique({ where: { id: directory.organization.users[0]!.id } });
  expect(stored?.displayName).toBe('Renamed');
});
