import { expect, test } from 'vitest';
import { readSettings } from '../../src/settings/index.ts';
import { HELD, loosens, wishInWords } from '../../src/settings/loosening.ts';
import { DEFAULT_SETTINGS } from '../../src/settings/schema.ts';
import { BOB, createSettingsPortal } from './parts.ts';

type Portal = Awaited<ReturnType<typeof createSettingsPortal>>;
const strict = {
  maxDurationMinutes: '540',
  requestExpiryMinutes: '180',
  timeZone: 'UTC',
  approvalEnabled: 'on',
  commentRequired: 'on',
  ticketRequired: 'on',
  policyTicketRequired: 'on',
  secondAdminRequired: 'on',
};
const stored = async ({ db }: Portal) => (await readSettings(db.prisma)).settings;
const waiting = async ({ db }: Portal) =>
  db.prisma.loosening.findMany({ where: { outcome: null }, orderBy: { setting: 'asc' } });

async function createStrictPortal(): Promise<Portal> {
  const portal = await createSettingsPortal();
  expect((await portal.post('/admin/settings', { ...strict, version: '0' })).statusCode).toBe(303);
  return portal;
}

test('each setting that is held is loosened by one of its values only', () => {
  const base = { ...DEFAULT_SETTINGS };
  const strictest = { ...base, secondAdminRequired: true, ticketRequired: true, policyTicketRequired: true };
  const loosest = {
    ...base,
    approvalEnabled: false,
    mailPaused: true,
    maxDurationMinutes: 541,
    onEligibilityLost: 'tell',
  } as const;
  for (const name of HELD) {
    expect(loosens(name, strictest, loosest), name).toBe(true);
    expect(loosens(name, loosest, strictest), name).toBe(false);
    expect(loosens(name, strictest, strictest), name).toBe(false);
  }
  expect(wishInWords('mailPaused', true)).toBe('switch “Send no mail” on');
  expect(wishInWords('maxDurationMinutes', 600)).toBe('raise “Longest duration” to 10 h');
});

test.each([
  ['mailPaused', { mailPaused: 'on' }, false, true, 'asked to switch “Send no mail” on'],
  [
    'onEligibilityLost',
    { onEligibilityLost: 'tell' },
    'revoke',
    'tell',
    'asked to set “When eligibility is lost” to “tell administrators, and let it run on”',
  ],
  ['policyTicketRequired', { policyTicketRequired: undefined }, true, false, 'switch “Ticket for policy changes” off'],
  ['ticketRequired', { ticketRequired: undefined }, true, false, 'asked to switch “Ticket required” off'],
  ['maxDurationMinutes', { maxDurationMinutes: '600' }, 540, 600, 'asked to raise “Longest duration” to 10 h'],
] as const)(
  'while a second admin is required, one admin only asks to loosen %s',
  async (name, change, from, to, says) => {
    await using portal = await createStrictPortal();
    const answer = await portal.post('/admin/settings', {
      ...strict,
      ...change,
      supportContact: '#help',
      version: '1',
    });
    expect(answer.statusCode).toBe(303);
    expect(await stored(portal)).toMatchObject({ [name]: from, supportContact: '#help' });
    const [wish, ...others] = await waiting(portal);
    expect(others).toEqual([]);
    expect(wish).toMatchObject({ setting: name, oldValue: from, newValue: to, askedById: 'u-ada' });
    const page = (await portal.get('/admin/settings', BOB)).body;
    expect(page).toContain(says);
    const address = `/admin/settings/loosenings/${wish?.id}`;
    expect((await portal.post(`${address}/confirmation`, {})).statusCode).toBe(403);
    expect(await stored(portal)).toMatchObject({ [name]: from });
    expect((await portal.post(`${address}/confirmation`, {}, BOB)).statusCode).toBe(303);
    expect(await stored(portal)).toMatchObject({ [name]: to, secondAdminRequired: true });
  },
);

test('what is stricter holds at once, and so does everything while no second admin is required', async () => {
  await using portal = await createStrictPortal();
  await portal.post('/admin/settings', { ...strict, maxDurationMinutes: '60', version: '1' });
  expect(await stored(portal)).toMatchObject({ maxDurationMinutes: 60 });
  expect(await waiting(portal)).toEqual([]);
  await using alone = await createSettingsPortal();
  await alone.post('/admin/settings', { ...strict, secondAdminRequired: undefined, version: '0' });
  const loose = { ticketRequired: undefined, policyTicketRequired: undefined, mailPaused: 'on' };
  const all = { ...strict, secondAdminRequired: undefined, ...loose, maxDurationMinutes: '600', version: '1' };
  await alone.post('/admin/settings', all);
  expect(await stored(alone)).toMatchObject({ mailPaused: true, ticketRequired: false, maxDurationMinutes: 600 });
  expect(await waiting(alone)).toEqual([]);
});

test('a duration that only the raised maximum would allow is refused until that is confirmed', async () => {
  await using portal = await createStrictPortal();
  const both = { ...strict, maxDurationMinutes: '600', allowedDurationsMinutes: '1h, 10h', version: '1' };
  const answer = await portal.post('/admin/settings', both);
  expect(answer.statusCode).toBe(422);
  expect(answer.body).toContain('Leave out 10 h: the longest duration is 9 h.');
  expect(await waiting(portal)).toEqual([]);
});

test('another value of a setting that waits is not asked for, and whoever wants it is told', async () => {
  await using portal = await createStrictPortal();
  await portal.post('/admin/settings', { ...strict, maxDurationMinutes: '600', version: '1' });
  const other = await portal.post('/admin/settings', { ...strict, maxDurationMinutes: '900', version: '1' }, BOB);
  const cookie = String(other.headers['set-cookie']).split(';')[0] ?? '';
  const page = await portal.get('/admin/settings', { ...BOB, cookie });
  expect(page.body).toContain('“Longest duration” stays as it is: a wish to change it waits already.');
  expect(await waiting(portal)).toMatchObject([{ newValue: 600 }]);
});

test('a wish is closed, with its event, once its setting was made stricter meanwhile', async () => {
  await using portal = await createStrictPortal();
  await portal.post('/admin/settings', { ...strict, maxDurationMinutes: '600', version: '1' });
  const [wish] = await waiting(portal);
  await portal.post('/admin/settings', { ...strict, maxDurationMinutes: '60', version: '1' }, BOB);
  expect(await waiting(portal)).toEqual([]);
  const late = await portal.post(`/admin/settings/loosenings/${wish?.id}/confirmation`, {}, BOB);
  expect(late.statusCode).toBe(409);
  expect(await stored(portal)).toMatchObject({ maxDurationMinutes: 60 });
  const events = await portal.db.prisma.auditEvent.findMany({ where: { kind: 'settings.loosening-withdrawn' } });
  expect(events).toMatchObject([{ actorId: 'u-bob', after: { setting: 'maxDurationMinutes', newValue: 600 } }]);
  const history = (await portal.get('/admin/settings/history')).body;
  expect(history).toContain('to raise “Longest duration” to 10 h; it stays as it is');
});
