import { expect, test, vi } from 'vitest';
import { systemActor } from '../../src/audit/index.ts';
import { DIRECTORY_QUEUES, registerDirectoryJobs, requestSync } from '../../src/directory/index.ts';
import { GROUP, startDirectory } from './parts.ts';

test('the directory is copied at start, and again when an admin asks, who is on record', async () => {
  await using directory = await startDirectory();
  const { platform, prisma, organization } = directory;
  await platform.queue.start(DIRECTORY_QUEUES);
  await registerDirectoryJobs(platform, {
    groups: async () => [GROUP(1)],
    openGrants: async () => new Map(),
    admins: async () => [],
  });
  await vi.waitFor(async () => expect(await prisma.membership.count()).toBe(1), { timeout: 20_000, interval: 100 });

  organization.users.pop();
  await platform.db.tx((tx) => requestSync(platform, tx, { ...systemActor('test'), kind: 'user', id: 'u-admin' }));
  await vi.waitFor(async () => expect(await prisma.user.count()).toBe(3), { timeout: 20_000, interval: 100 });
  const [asked] = await prisma.auditEvent.findMany({ where: { kind: 'directory.copy-requested' } });
  expect(asked).toMatchObject({ actorId: 'u-admin' });
  const { rows } = await platform.db.pool.query('select name, cron from pgboss.schedule order by name');
  expect(rows).toEqual([{ name: 'directory-sync', cron: '*/10 * * * *' }]);
});
