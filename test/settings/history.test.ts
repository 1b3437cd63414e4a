import { expect, test } from 'vitest';
import { readSettings } from '../../src/settings/index.ts';
import { BOB, createSettingsPortal } from './parts.ts';

const filled = {
  maxDurationMinutes: '480',
  requestExpiryMinutes: '60',
  timeZone: 'Europe/Madrid',
  approvalEnabled: 'on',
  commentRequired: 'on',
  announcement: '',
  supportContact: '',
};
const save = (portal: Awaited<ReturnType<typeof createSettingsPortal>>, fields: Record<string, string>, as = {}) =>
  portal.post('/admin/settings', { ...filled, ...fields }, as);
/** The text of a page's first table, a line for each row. */
const rows = (body: string) =>
  [...body.matchAll(/<tr data-row>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '),
  );

test('the history says who changed what and when, from what to what, the newest first', async () => {
  await using portal = await createSettingsPortal();
  expect((await portal.get('/admin/settings/history')).body).toContain('Nothing was changed yet');
  await save(portal, { version: '0' });
  await save(portal, { version: '1', maxDurationMinutes: '120', announcement: '<b>Hi</b>', ticketRequired: 'on' }, BOB);
  const { body } = await portal.get('/admin/settings/history');
  const [newest = '', oldest = ''] = rows(body);
  expect(newest).toContain('Bob');
  expect(newest).toContain('Longest duration: 8 h → 2 h');
  expect(newest).toContain('Ticket required: not ticked → ticked');
  expect(newest).toContain('Announcement: empty → &lt;b&gt;Hi&lt;/b&gt;');
  expect(newest).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d/);
  expect(oldest).toContain('Ada &lt;Lovelace&gt;');
  expect(oldest).toContain('Time zone: UTC → Europe/Madrid');
  expect(rows(body)).toHaveLength(2);
});

test('each setting leads to its own history, and one that was never changed has none', async () => {
  await using portal = await createSettingsPortal();
  await save(portal, { version: '0' });
  await save(portal, { version: '1', supportContact: '#help' }, BOB);
  const page = await portal.get('/admin/settings');
  expect(page.body).toContain('href="/admin/settings/history?setting=supportContact"');
  expect(page.body).toContain('Last changed by Bob,');
  expect(page.body).not.toContain('href="/admin/settings/history?setting=ticketLink"');
  const own = await portal.get('/admin/settings/history?setting=supportContact');
  expect(rows(own.body)).toHaveLength(1);
  expect(rows(own.body)[0]).toContain('Support contact: empty → #help');
  expect((await portal.get('/admin/settings/history?setting=ticketLink')).body).toContain('was never changed');
  // What is no setting narrows nothing.
  expect(rows((await portal.get('/admin/settings/history?setting=nonsense&cursor=x')).body)).toHaveLength(2);
});

test('a long history comes in pages, and each change is on one of them', async () => {
  await using portal = await createSettingsPortal();
  await portal.db.pool.query(`insert into audit_events (kind, actor_kind, actor_id, actor_name, actor_via, subject_kind, subject_id, before, after)
    select 'settings.changed', 'user', 'u', 'Ada', 'web', 'settings', 'settings',
      jsonb_build_object('supportContact', 'c' || n - 1), jsonb_build_object('supportContact', 'c' || n, 'version', n)
    from generate_series(1, 60) n`);
  const first = await portal.get('/admin/settings/history');
  const next = /rel="next" href="([^"]+)"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await portal.get(next);
  const seen = [...rows(first.body), ...rows(second.body)].map((row) => /→ (c\d+)/.exec(row)?.[1]);
  expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => `c${60 - index}`));
  expect(second.body).not.toContain('rel="next"');
});

test('a form that someone overtook stores nothing, keeps what was typed, and shows what is stored beside it', async () => {
  await using portal = await createSettingsPortal();
  await save(portal, { version: '0', supportContact: '#help' });
  await save(portal, { version: '1', maxDurationMinutes: '300', announcement: 'Old', supportContact: '#help' }, BOB);
  // Ada still has the form of version 1 open.
  const late = await save(portal, {
    version: '1',
    maxDurationMinutes: '120',
    supportContact: '#help',
    ticketRequired: 'on',
  });
  expect(late.statusCode).toBe(409);
  expect(late.body).toContain('Bob changed the settings at');
  expect((await readSettings(portal.db.prisma)).settings).toMatchObject({
    maxDurationMinutes: 300,
    ticketRequired: false,
  });

  const table = /id="overtaken-title"(.*?)<\/section>/s
    .exec(late.body)?.[1]
    ?.replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
  expect(table).toContain('Longest duration 2 h 5 h');
  expect(table).toContain('Ticket required ticked not ticked');
  expect(table).toContain('because you had left it alone: Announcement: Old');
  expect(table).not.toContain('Support contact');
  // What Ada typed is in the fields; what she left alone is as it is now.
  expect(late.body).toMatch(/name="maxDurationMinutes" value="120"/);
  expect(late.body).toMatch(/name="ticketRequired" value="true" checked/);
  expect(late.body).toMatch(/<textarea[^>]*name="announcement"[^>]*>Old</);
  expect(late.body).toMatch(/name="version" value="2"/);

  const again = { maxDurationMinutes: '120', supportContact: '#help', ticketRequired: 'on', announcement: 'Old' };
  expect((await save(portal, { ...again, version: '2' })).statusCode).toBe(303);
  expect((await readSettings(portal.db.prisma)).settings).toMatchObject({
    maxDurationMinutes: 120,
    announcement: 'Old',
  });
});

test('who is overtaken by the very change they wanted is told that nothing is left to save', async () => {
  await using portal = await createSettingsPortal();
  await save(portal, { version: '0' });
  await save(portal, { version: '1', supportContact: '#help' }, BOB);
  const late = await save(portal, { version: '1', supportContact: '#help' });
  expect(late.statusCode).toBe(409);
  expect(late.body).toContain('There is nothing left to save.');
});
