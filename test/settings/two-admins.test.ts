import { expect, test, vi } from 'vitest';
import { readSettings } from '../../src/settings/index.ts';
import { BOB, createSettingsPortal } from './parts.ts';

type Portal = Awaited<ReturnType<typeof createSettingsPortal>>;
const filled = {
  maxDurationMinutes: '540',
  requestExpiryMinutes: '180',
  timeZone: 'UTC',
  approvalEnabled: 'on',
  commentRequired: 'on',
};
const stored = async ({ db }: Portal) => (await readSettings(db.prisma)).settings;
const kinds = async ({ db }: Portal) =>
  (await db.prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })).map(({ kind }) => kind);

/** A second admin is required, and Ada has asked to do without, changing something else with it. Gives what waits. */
async function asked(portal: Portal, more: Record<string, string | undefined> = {}): Promise<string[]> {
  await portal.post('/admin/settings', { ...filled, version: '0', secondAdminRequired: 'on' });
  expect(await stored(portal)).toMatchObject({ secondAdminRequired: true });
  const answer = await portal.post('/admin/settings', { ...filled, version: '1', supportContact: '#help', ...more });
  expect(answer.statusCode).toBe(303);
  const rows = await portal.db.prisma.loosening.findMany({ orderBy: { setting: 'desc' } });
  return rows.map(({ id }) => `/admin/settings/loosenings/${id}`);
}

test('one admin requires a second admin; doing without is asked for, and the rest of the save holds', async () => {
  await using portal = await createSettingsPortal();
  await asked(portal);
  expect(await stored(portal)).toMatchObject({ secondAdminRequired: true, supportContact: '#help' });
  expect(await kinds(portal)).toEqual(['settings.changed', 'settings.loosening-asked', 'settings.changed']);
  const own = await portal.get('/admin/settings');
  expect(own.body).toContain('You asked to switch “Second admin for policy changes” off');
  expect(own.body).not.toContain('/confirmation"');
  expect(own.body).toContain('/withdrawal"');
  expect(own.body).toMatch(/name="secondAdminRequired" value="true" checked/);
  const other = await portal.get('/admin/settings', BOB);
  expect(other.body).toContain('Ada &lt;Lovelace&gt; asked to switch “Second admin for policy changes” off');
  expect(other.body).toContain('/confirmation"');
});

test('the admin who asked cannot confirm, and the database refuses it too', async () => {
  await using portal = await createSettingsPortal();
  const [waiting = ''] = await asked(portal);
  const refused = await portal.post(`${waiting}/confirmation`, {});
  expect(refused.statusCode).toBe(403);
  expect(refused.body).toContain('another admin has to confirm');
  expect(await stored(portal)).toMatchObject({ secondAdminRequired: true });
  await expect(
    portal.db.pool.query(
      `update loosenings set outcome = 'confirmed', closed_at = app_now(), closed_by_id = asked_by_id, closed_by_name = 'x'`,
    ),
  ).rejects.toThrow('loosenings_confirmed_by_another');
});

test('another admin confirms, and it is off; the history names both', async () => {
  await using portal = await createSettingsPortal();
  const [waiting = ''] = await asked(portal);
  expect((await portal.post(`${waiting}/confirmation`, {}, BOB)).statusCode).toBe(303);
  expect(await stored(portal)).toMatchObject({ secondAdminRequired: false, supportContact: '#help' });
  const event = (await portal.events()).at(-1);
  expect(event).toMatchObject({
    actorId: 'u-bob',
    before: { secondAdminRequired: true },
    after: { secondAdminRequired: false, askedById: 'u-ada', version: 3 },
  });
  const { body } = await portal.get('/admin/settings/history?setting=secondAdminRequired');
  expect(body).toContain('Ada &lt;Lovelace&gt; had asked for it.');
  expect(body).toContain('Asked to switch “Second admin for policy changes” off');
  const late = await portal.post(`${waiting}/confirmation`, {}, BOB);
  expect(late.statusCode).toBe(409);
  expect(late.body).toContain('Bob confirmed it');
  expect((await portal.get('/admin/settings')).body).not.toContain('Waits for another admin');
});

test('whoever asked, or another admin, takes the wish back, and it stays on', async () => {
  await using portal = await createSettingsPortal();
  const [waiting = ''] = await asked(portal);
  expect((await portal.post(`${waiting}/withdrawal`, {})).statusCode).toBe(303);
  expect(await stored(portal)).toMatchObject({ secondAdminRequired: true });
  expect(await kinds(portal)).toContain('settings.loosening-withdrawn');
  expect((await portal.post(`${waiting}/confirmation`, {}, BOB)).statusCode).toBe(409);
  expect((await portal.get('/admin/settings/history')).body).toContain('Took back the wish of Ada');
});

test('while a second admin is required, approval too is switched off by two only', async () => {
  await using portal = await createSettingsPortal();
  const off = { secondAdminRequired: 'on', approvalEnabled: undefined, confirmation: 'turn approval off' };
  const [waiting = ''] = await asked(portal, off);
  expect(await stored(portal)).toMatchObject({ approvalEnabled: true, secondAdminRequired: true });
  expect((await portal.post(`${waiting}/confirmation`, {})).statusCode).toBe(403);
  expect((await portal.post(`${waiting}/confirmation`, {}, BOB)).statusCode).toBe(303);
  expect(await stored(portal)).toMatchObject({ approvalEnabled: false, secondAdminRequired: true });
});

test('asked for once more, it waits once', async () => {
  await using portal = await createSettingsPortal();
  await asked(portal);
  const again = await portal.post('/admin/settings', { ...filled, version: '2', supportContact: '#help' }, BOB);
  expect(again.statusCode).toBe(303);
  expect(await portal.db.prisma.loosening.count()).toBe(1);
  expect(await stored(portal)).toMatchObject({ secondAdminRequired: true });
});

test('what no longer needs two is closed with the save that switches it off', async () => {
  await using portal = await createSettingsPortal();
  const both = { approvalEnabled: undefined, confirmation: 'turn approval off' };
  const [second = ''] = await asked(portal, both);
  expect(await portal.db.prisma.loosening.count({ where: { outcome: null } })).toBe(2);
  await portal.post(`${second}/confirmation`, {}, BOB);
  await portal.post('/admin/settings', { ...filled, ...both, version: '3' });
  expect(await stored(portal)).toMatchObject({ approvalEnabled: false, secondAdminRequired: false });
  expect(await portal.db.prisma.loosening.count({ where: { outcome: null } })).toBe(0);
});

test('confirmed and withdrawn at the same time, one of both holds, and once', async () => {
  await using portal = await createSettingsPortal();
  const [waiting = ''] = await asked(portal);
  const answers = await Promise.all([
    portal.post(`${waiting}/confirmation`, {}, BOB),
    portal.post(`${waiting}/withdrawal`, {}),
    portal.post(`${waiting}/confirmation`, {}, BOB),
  ]);
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([303, 409, 409]);
  const [row] = await portal.db.prisma.loosening.findMany();
  expect((await stored(portal)).secondAdminRequired).toBe(row?.outcome !== 'confirmed');
  const closing = (await kinds(portal)).slice(3);
  expect(closing).toEqual([row?.outcome === 'confirmed' ? 'settings.changed' : 'settings.loosening-withdrawn']);
});

test('a confirmation that comes while another admin withdraws waits for it, and is told', async () => {
  await using portal = await createSettingsPortal();
  const [waiting = ''] = await asked(portal);
  const withdrawing = await portal.db.pool.connect();
  await withdrawing.query('begin');
  await withdrawing.query('select 1 from settings where id for update');
  await withdrawing.query(
    `update loosenings set outcome = 'withdrawn', closed_at = app_now(), closed_by_id = 'u-cleo', closed_by_name = 'Cleo'`,
  );
  const confirmation = portal.post(`${waiting}/confirmation`, {}, BOB);
  await vi.waitUntil(async () => {
    const { rows } = await portal.db.pool.query(
      `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return rows.length > 0;
  });
  await withdrawing.query('commit');
  withdrawing.release();
  const answer = await confirmation;
  expect(answer.statusCode).toBe(409);
  expect(answer.body).toContain('Cleo took it back');
  expect((await stored(portal)).secondAdminRequired).toBe(true);
});

test('what nobody asked for cannot be confirmed', async () => {
  await using portal = await createSettingsPortal();
  for (const id of ['11111111-1111-4111-8111-111111111111', 'nonsense']) {
    const answer = await portal.post(`/admin/settings/loosenings/${id}/confirmation`, {}, BOB);
    expect(answer.statusCode, id).toBe(404);
  }
});
