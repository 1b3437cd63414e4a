import { expect, test } from 'vitest';
import { seedDemo } from '../../src/sandbox/demo-history/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { createTestPortal } from '../support/portal.ts';

test('activity is for those who may read the request: a page, filters, and a file whose making is recorded', async () => {
  await using portal = await createTestPortal();
  await seedDemo({ databaseUrl: portal.database.url, sandbox: portal.sandbox });
  const { prisma } = portal.context.db;
  const denied = await prisma.activityMatch.findFirstOrThrow({
    where: { event: { error: { not: '' } } },
    include: { event: true, grant: true },
  });
  const address = `/requests/${denied.grant.requestId}/activity`;

  const auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  const page = await auditor.get(`${address}?denied=on`);
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain(denied.event.error);

  const file = await auditor.get(`${address}.csv`);
  expect(file.statusCode).toBe(200);
  const [header, ...rows] = file.body.trim().split('\r\n');
  expect(header).toBe('"time","event","service","region","resource","error","source_ip","read_only","event_id"');
  expect(rows).toHaveLength(await prisma.activityMatch.count({ where: { grantId: denied.grantId } }));
  expect(await prisma.auditEvent.count({ where: { kind: 'export.made', requestId: denied.grant.requestId } })).toBe(1);

  const admin = await portal.signIn(DEMO_PEOPLE.admin);
  expect((await admin.get(address)).statusCode).toBe(404);
  expect((await admin.get(`${address}.csv`)).statusCode).toBe(404);
});
