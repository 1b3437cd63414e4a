import { expect, test } from 'vitest';
import { settingsNavCounts } from '../../src/settings/index.ts';
import { ADA } from '../web/tiny-portal.ts';
import { ADMIN_GROUP, createSettingsPortal } from './parts.ts';

test('a setting that waits for another admin is told to the other admins, by mail and in their navigation', async () => {
  await using portal = await createSettingsPortal();
  const { prisma } = portal.db;
  const person = (id: string, enabled = true) => ({
    ...{ id, userName: id, displayName: id, email: `${id}@example.com`, enabled },
  });
  await prisma.user.createMany({
    data: [person(ADA.userId), person('u-bob'), person('u-off', false), person('u-any')],
  });
  await prisma.group.create({ data: { id: ADMIN_GROUP, displayName: 'Admins', description: '' } });
  const members = [ADA.userId, 'u-bob', 'u-off'];
  await prisma.membership.createMany({ data: members.map((userId) => ({ userId, groupId: ADMIN_GROUP })) });

  const filled = { maxDurationMinutes: '540', requestExpiryMinutes: '180', timeZone: 'UTC', approvalEnabled: 'on' };
  await portal.post('/admin/settings', { ...filled, version: '0', secondAdminRequired: 'on' });
  expect(await prisma.outboxMessage.count()).toBe(0);
  // Asked for twice, told once.
  for (let time = 0; time < 2; time += 1) await portal.post('/admin/settings', { ...filled, version: '1' });

  const mails = await prisma.outboxMessage.findMany();
  expect(mails.map(({ toUserId, kind }) => [toUserId, kind])).toEqual([['u-bob', 'alarm']]);
  expect(mails[0]?.data).toMatchObject({
    subject: `${ADA.displayName} asks you to confirm: switch “Second admin for policy changes” off`,
    page: { path: '/admin/settings' },
  });
  const admin = { ...ADA, personas: new Set(['admin'] as const) };
  expect(await settingsNavCounts(prisma, admin)).toEqual({ '/admin/settings': 0 });
  expect(await settingsNavCounts(prisma, { ...admin, userId: 'u-bob' })).toEqual({ '/admin/settings': 1 });
  expect(await settingsNavCounts(prisma, { ...admin, personas: new Set(['auditor']) })).toEqual({});
});
