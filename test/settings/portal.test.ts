import { expect, test } from 'vitest';
import { readSettings } from '../../src/settings/index.ts';
import { createTestPortal } from '../support/portal.ts';

const filled = { maxDurationMinutes: '480', requestExpiryMinutes: '60', supportContact: '', timeZone: 'UTC' };
const BANNER = 'Approval is switched off for the whole portal';

test('only an admin sees and changes settings, and asks for a new copy of the directory', async () => {
  await using portal = await createTestPortal();
  const { prisma } = portal.context.db;
  for (const userName of ['lena.fischer', 'priya.raman', 'grace.okafor']) {
    const person = await portal.signIn(userName);
    expect((await person.get('/admin/settings')).statusCode, userName).toBe(403);
    expect((await person.post('/admin/settings', { ...filled, version: '0' })).statusCode, userName).toBe(403);
    expect((await person.post('/admin/directory/sync')).statusCode, userName).toBe(403);
  }
  expect((await readSettings(prisma)).version).toBe(0);
  expect(await prisma.auditEvent.count({ where: { kind: 'directory.copy-requested' } })).toBe(0);

  const admin = await portal.signIn('ines.moreau');
  const page = await admin.get('/admin/settings');
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('Directory copied just now.');
  expect((await admin.post('/admin/directory/sync')).statusCode).toBe(303);
  expect((await admin.get('/admin/settings')).body).toContain('The directory is being copied now.');
});

test('while approval is off, every page of everyone says so, on every replica at once', async () => {
  await using portal = await createTestPortal();
  await using replica = await portal.replica();
  const admin = await portal.signIn('ines.moreau');
  const requester = await replica.signIn('lena.fischer');
  expect((await requester.get('/requests')).body).not.toContain(BANNER);
  const off = { ...filled, version: '0', confirmation: 'turn approval off' };
  expect((await admin.post('/admin/settings', off)).statusCode).toBe(303);
  expect((await requester.get('/requests')).body).toContain(BANNER);
  const on = { ...filled, version: '1', approvalEnabled: 'true' };
  expect((await admin.post('/admin/settings', on)).statusCode).toBe(303);
  expect((await requester.get('/requests')).body).not.toContain(BANNER);
});
