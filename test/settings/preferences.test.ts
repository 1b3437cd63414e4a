import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approveRequest, cancelRequest, rejectRequest } from '../../src/request/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { readPreferences } from '../../src/settings/index.ts';
import { DEVELOPMENT, fields, LENA, lena, POWER, PRIYA, priya, STAGING, TOMAS, useStage } from '../request/stage.ts';
import type { TestClient } from '../support/client.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'priya' | 'tomas', TestClient>;
const ALL = ['to-decide', 'decided-by-another', 'own-requests', 'own-access'];

beforeAll(async () => {
  people.lena = await shared.stage.signIn(DEMO_PEOPLE.requester);
  people.priya = await shared.stage.signIn(DEMO_PEOPLE.approver);
  people.tomas = await shared.stage.signIn(DEMO_PEOPLE.secondApprover);
});
beforeEach(async () => {
  const { pool } = shared.stage.context.db;
  await pool.query('delete from preferences');
  await pool.query(`insert into settings (value) values ('{"timeZone": "Europe/Berlin"}')`);
});

const own = (userId: string) => readPreferences(shared.stage.context.db.prisma, userId);
const choose = (client: TestClient, chosen: Record<string, string | string[]>) => client.post('/preferences', chosen);

describe('the page', () => {
  it('has the portal’s choices before anything was chosen, and is linked from every page', async () => {
    const { body, statusCode } = await people.lena.get('/preferences');
    expect(statusCode).toBe(200);
    expect(body).toMatch(/name="timeZone" value=""/);
    expect(body).toContain('the portal’s, Europe/Berlin');
    for (const topic of ALL) expect(body).toMatch(new RegExp(`name="mail" value="${topic}" checked`));
    expect(body).toContain('These cannot be switched off.');
    expect((await people.lena.get('/requests')).body).toContain('href="/preferences"');
    expect(await own(LENA)).toEqual({ timeZone: null, muted: [] });
  });

  it('stores the choice with its audit event, shows it, and says nothing changed the second time', async () => {
    const chosen = { timeZone: 'Asia/Tokyo', mail: ['', 'to-decide', 'own-access'] };
    expect((await choose(people.lena, chosen)).statusCode).toBe(303);
    expect(await own(LENA)).toEqual({ timeZone: 'Asia/Tokyo', muted: ['decided-by-another', 'own-requests'] });
    await choose(people.lena, chosen);
    const events = await shared.stage.context.db.prisma.auditEvent.findMany({ where: { kind: 'preferences.changed' } });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      actorId: LENA,
      subjectId: LENA,
      before: { timeZone: null, muted: [] },
      after: { timeZone: 'Asia/Tokyo', muted: ['decided-by-another', 'own-requests'] },
    });
    const { body } = await people.lena.get('/preferences');
    expect(body).toMatch(/name="timeZone" value="Asia\/Tokyo"/);
    expect(body).toMatch(/name="mail" value="own-access" checked/);
    expect(body).not.toMatch(/name="mail" value="own-requests" checked/);
    expect(await own(PRIYA)).toEqual({ timeZone: null, muted: [] });
  });

  it('refuses what is no time zone or no mail, keeps what was typed, and stores nothing', async () => {
    for (const timeZone of ['Europe/Atlantis', '../../etc/passwd', '<script>']) {
      const answer = await choose(people.lena, { timeZone, mail: ['', 'own-access'] });
      expect(answer.statusCode).toBe(422);
      expect(answer.body).toContain('Choose a time zone from the list');
      expect(answer.body).not.toContain('<script>');
      expect(answer.body).toMatch(/name="mail" value="own-access" checked/);
    }
    expect((await choose(people.lena, { timeZone: '', mail: ['', 'access-failed'] })).statusCode).toBe(422);
    expect(await own(LENA)).toEqual({ timeZone: null, muted: [] });
    const refused = shared.stage.context.db.pool.query(
      `insert into preferences (user_id, muted) values ('u', array['access-failed'])`,
    );
    await expect(refused).rejects.toThrow('preferences_muted_known');
  });

  it('leaves alone what is not sent, so that a script that sets the time zone does not switch mail off', async () => {
    await choose(people.lena, { mail: '' });
    expect(await own(LENA)).toEqual({ timeZone: null, muted: ALL });
    await choose(people.lena, { timeZone: 'Asia/Tokyo' });
    expect(await own(LENA)).toEqual({ timeZone: 'Asia/Tokyo', muted: ALL });
    await choose(people.lena, { mail: ['', ...ALL] });
    expect(await own(LENA)).toEqual({ timeZone: 'Asia/Tokyo', muted: [] });
  });

  it('holds for whoever is signed in only', async () => {
    const nobody = shared.stage.anonymous();
    expect((await nobody.get('/preferences')).headers.location).toContain('/login');
    expect((await choose(people.lena, { timeZone: 'Asia/Tokyo', userId: PRIYA })).statusCode).toBe(303);
    expect(await own(PRIYA)).toEqual({ timeZone: null, muted: [] });
  });
});

describe('the time zone', () => {
  it('is the one of pages, of pieces of pages and of refusals, for its reader alone', async () => {
    await choose(people.lena, { timeZone: 'America/New_York' });
    const startsAt = new Date(Date.now() + 3_600_000);
    startsAt.setUTCSeconds(0, 0);
    const { id } = await shared.stage.submit({ startsAt });
    const shown = (timeZone: string) =>
      new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(startsAt);
    const query = new URLSearchParams({
      accountId: STAGING,
      permissionSetArn: POWER,
      startsAt: startsAt.toISOString().replace(':00.000', ''),
    });
    for (const path of [`/requests/${id}`, `/requests/new/verdict?${query}`]) {
      expect((await people.lena.get(path, { 'hx-request': 'true' })).body, path).toContain(shown('America/New_York'));
      expect((await people.priya.get(path, { 'hx-request': 'true' })).body, path).toContain(shown('Europe/Berlin'));
    }
    expect((await people.lena.get('/requests')).body).toContain('Times are in America/New_York');
    await cancelRequest(shared.stage.context, { requestId: id, comment: '' }, lena);
    const late = await people.lena.post(`/requests/${id}/cancellation`);
    expect(late.statusCode).toBe(409);
    expect(late.body).toContain('(America/New_York)');
  });

  it('is the one in which a start is typed: its doubled and skipped hours count, not the portal’s', async () => {
    await choose(people.lena, { timeZone: 'America/New_York' });
    const ask = (startsAt: string) => people.lena.post('/requests', fields({ startsAt }));
    const twice = await ask('2026-11-01T01:30');
    expect(twice.statusCode).toBe(422);
    expect(twice.body).toContain('The clocks of America/New_York pass this time twice');
    expect(twice.body).toContain('value="2026-11-01T01:30-04:00"');
    expect(twice.body).toContain('value="2026-11-01T01:30-05:00"');
    expect((await ask('2026-03-08T02:30')).body).toContain('the clocks of America/New_York jump over it');
    // Doubled and skipped in Berlin only.
    for (const startsAt of ['2026-10-25T02:30', '2026-03-29T02:30']) {
      expect((await ask(startsAt)).body).not.toMatch(/twice|does not exist/);
    }
    const query = new URLSearchParams({ accountId: STAGING, permissionSetArn: POWER, startsAt: '2026-11-01T01:30' });
    expect((await people.lena.get(`/requests/new?${query}`)).body).toContain('America/New_York pass this time twice');
  });

  it('gives the start that was meant', async () => {
    await choose(people.lena, { timeZone: 'Asia/Tokyo' });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const answer = await people.lena.post('/requests', fields({ startsAt: `${tomorrow}T09:00` }));
    expect(answer.statusCode, answer.body.slice(0, 500)).toBe(303);
    const row = await shared.stage.context.db.prisma.request.findFirst();
    expect(row?.startsAt?.toISOString()).toBe(`${tomorrow}T00:00:00.000Z`);
  });

  it('makes the days by which a list is filtered', async () => {
    await shared.stage.submit();
    await shared.stage.context.db.pool.query(`update requests set submitted_at = '2026-11-20 16:00Z'`);
    const on = async (day: string) => (await people.lena.get(`/requests?from=${day}&to=${day}`)).body.includes('R-');
    expect([await on('2026-11-20'), await on('2026-11-21')]).toEqual([true, false]);
    await choose(people.lena, { timeZone: 'Asia/Tokyo' });
    expect([await on('2026-11-20'), await on('2026-11-21')]).toEqual([false, true]);
  });
});

describe('mail', () => {
  it('about requests to decide, and copies, is not written for who does not want it', async () => {
    await choose(people.priya, { mail: ['', 'decided-by-another'] });
    await choose(people.tomas, { mail: ['', 'to-decide'] });
    const { id } = await shared.stage.submit();
    await rejectRequest(shared.stage.context, { requestId: id, version: 1, comment: 'No.' }, priya);
    const other = await shared.stage.submit();
    await cancelRequest(shared.stage.context, { requestId: other.id, comment: '' }, lena);
    const mails = await shared.stage.mails();
    expect(mails.filter((mail) => mail.endsWith('Priya Raman'))).toEqual([]);
    expect(mails.filter((mail) => mail.endsWith('Tomás Novák'))).toEqual([
      'approval-needed to Tomás Novák',
      'approval-needed to Tomás Novák',
      'request-cancelled to Tomás Novák',
    ]);
    expect(mails.filter((mail) => mail.endsWith('Lena Fischer'))).toEqual([
      'request-submitted to Lena Fischer',
      'request-rejected to Lena Fischer',
      'request-submitted to Lena Fischer',
    ]);
    expect(await own(TOMAS)).toMatchObject({ muted: ['decided-by-another', 'own-requests', 'own-access'] });
  });

  it('about one’s own requests is not written for a requester who does not want it; the approvers get theirs', async () => {
    await choose(people.lena, { mail: '' });
    const { id } = await shared.stage.submit();
    await approveRequest(
      shared.stage.context,
      { requestId: id, version: 1, comment: 'Fine.', durationMinutes: undefined },
      priya,
    );
    await shared.stage.submit({ accountId: DEVELOPMENT });
    const mails = await shared.stage.mails();
    expect(mails.filter((mail) => mail.endsWith('Lena Fischer'))).toEqual([]);
    expect(mails).toContain('decided-by-another to Tomás Novák');
  });
});
