import { expect, test } from 'vitest';
import { watchUsers } from '../../src/directory/index.ts';
import { sandboxUser, startDirectory, USER } from './parts.ts';

test('who was disabled or deleted is told, and the copy knows it at once', async () => {
  await using directory = await startDirectory();
  const { organization, platform, prisma } = directory;
  await directory.sync();
  organization.users[1]!.status = 'DISABLED';
  organization.users.splice(0, 1);
  const told: string[][] = [];
  const result = await watchUsers(platform, {
    watched: async () => [USER(1), USER(2), USER(2), USER(4)],
    onGone: async (userId, why) => void told.push([userId, why]),
  });
  expect(result).toEqual({ seen: 3, gone: 2 });
  expect(told).toEqual([
    [USER(1), 'user_deleted'],
    [USER(2), 'user_disabled'],
  ]);
  expect(await prisma.user.findUnique({ where: { id: USER(1) } })).toBeNull();
  expect((await prisma.user.findUnique({ where: { id: USER(2) } }))?.enabled).toBe(false);
});

test('nothing is concluded while Identity Center is away, and it is not asked for everyone in vain', async () => {
  await using directory = await startDirectory();
  const { platform, prisma, sandbox } = directory;
  await directory.sync();
  sandbox.faults.outageOf = 'identity-store';
  sandbox.calls.clear();
  const told: string[] = [];
  const watched = async () => Array.from({ length: 50 }, (_, n) => USER(n + 1));
  await expect(watchUsers(platform, { watched, onGone: async (userId) => void told.push(userId) })).rejects.toThrow();
  expect(told).toEqual([]);
  expect(await prisma.user.count()).toBe(4);
  expect(sandbox.calls.count('DescribeUser')).toBeLessThan(10);
});

test('one whose access cannot be ended now does not keep the next from being noticed', async () => {
  await using directory = await startDirectory();
  directory.organization.users.splice(0, 2);
  const told: string[] = [];
  const watching = watchUsers(directory.platform, {
    watched: async () => [USER(1), USER(2)],
    onGone: async (userId) => {
      told.push(userId);
      if (userId === USER(1)) throw new Error('not now');
    },
  });
  await expect(watching).rejects.toThrow('not now');
  expect(told).toEqual([USER(1), USER(2)]);
});

test('of many users all are asked for by a list, and by name only those whom it does not show as enabled', async () => {
  await using directory = await startDirectory();
  const { organization, platform, sandbox } = directory;
  for (let n = 5; n <= 1_004; n++) organization.users.push(sandboxUser(n, `person${n}`));
  await directory.sync();
  organization.users.find(({ id }) => id === USER(700))!.status = 'DISABLED';
  organization.users.splice(
    organization.users.findIndex(({ id }) => id === USER(800)),
    1,
  );
  sandbox.calls.clear();
  const told: string[][] = [];
  const everyone = Array.from({ length: 1_000 }, (_, n) => USER(n + 5));
  const result = await watchUsers(platform, {
    watched: async () => everyone,
    onGone: async (userId, why) => void told.push([userId, why]),
  });
  expect(result).toEqual({ seen: 1_000, gone: 2 });
  expect(told.toSorted()).toEqual([
    [USER(700), 'user_disabled'],
    [USER(800), 'user_deleted'],
  ]);
  expect(sandbox.calls.count('ListUsers')).toBeLessThanOrEqual(12);
  expect(sandbox.calls.count('DescribeUser')).toBe(2);
});
