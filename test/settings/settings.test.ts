import { expect, test } from 'vitest';
import { systemActor } from '../../src/audit/index.ts';
import { changeSettings, DEFAULT_SETTINGS, portalBanner, readSettings } from '../../src/settings/index.ts';
import { createSettingsPortal } from './parts.ts';

const filled = {
  maxDurationMinutes: '480',
  requestExpiryMinutes: '60',
  commentRequired: 'on',
  approvalEnabled: 'true',
  supportContact: ' #cloud-help ',
  timeZone: 'Europe/Madrid',
  version: '0',
};

test('before anyone changed them the defaults hold, and the page shows them', async () => {
  await using portal = await createSettingsPortal();
  expect(await readSettings(portal.db.prisma)).toMatchObject({ settings: DEFAULT_SETTINGS, version: 0 });
  const page = await portal.get('/admin/settings');
  expect(page.statusCode).toBe(200);
  expect(page.body).toMatch(/name="maxDurationMinutes" value="540"/);
  expect(page.body).toMatch(/name="commentRequired" value="true" checked/);
  expect(page.body).not.toMatch(/name="ticketRequired" value="true" checked/);
  for (const name of Object.keys(DEFAULT_SETTINGS)) expect(page.body).toContain(`name="${name}"`);
  expect(page.body).toContain('The directory has not been copied completely yet.');
});

test('settings are read many times at once without a fault', async () => {
  await using portal = await createSettingsPortal();
  const all = await Promise.all(Array.from({ length: 5 }, () => readSettings(portal.db.prisma)));
  expect(all.map(({ version }) => version)).toEqual([0, 0, 0, 0, 0]);
});

test('a saved form holds at once, boxes left empty count as no, and before and after are on record', async () => {
  await using portal = await createSettingsPortal();
  const answer = await portal.post('/admin/settings', { ...filled, commentRequired: undefined, ticketRequired: 'on' });
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/admin/settings']);
  const { settings, version, updatedByName } = await readSettings(portal.db.prisma);
  expect(settings).toEqual({
    ...DEFAULT_SETTINGS,
    maxDurationMinutes: 480,
    requestExpiryMinutes: 60,
    commentRequired: false,
    ticketRequired: true,
    approvalEnabled: true,
    supportContact: '#cloud-help',
    timeZone: 'Europe/Madrid',
  });
  expect([version, updatedByName]).toEqual([1, 'Ada <Lovelace>']);
  const [event] = await portal.events();
  expect(event).toMatchObject({
    kind: 'settings.changed',
    actorId: 'u-ada',
    before: { maxDurationMinutes: 540, commentRequired: true, supportContact: '' },
    after: { maxDurationMinutes: 480, commentRequired: false, supportContact: '#cloud-help', version: 1 },
  });
  expect(event?.before).not.toHaveProperty('approvalEnabled');
  expect((await portal.get('/admin/settings')).body).toContain('Last changed by Ada &lt;Lovelace&gt;');
});

test.each([
  ['maxDurationMinutes', '14', 'The longest duration is a whole number of minutes between 15 and 10080.'],
  ['maxDurationMinutes', '10081', 'The longest duration is a whole number'],
  ['maxDurationMinutes', '', 'The longest duration is a whole number'],
  ['maxDurationMinutes', '60.5', 'The longest duration is a whole number'],
  ['maxDurationMinutes', '1e2', 'The longest duration is a whole number'],
  ['requestExpiryMinutes', '4', 'The waiting time is a whole number of minutes between 5 and 20160.'],
  ['requestExpiryMinutes', 'soon', 'The waiting time is a whole number'],
  ['ticketRequired', 'perhaps', 'Tick the box or leave it empty'],
  ['supportContact', 'x'.repeat(201), 'The support contact has at most 200 characters.'],
  ['supportContact', 'two\nlines', 'The support contact is one line'],
  ['timeZone', 'Europe/Atlantis', 'Choose a time zone from the list'],
  ['timeZone', '', 'Choose a time zone from the list'],
  ['version', 'x', 'The form is incomplete'],
  ['allowedDurationsMinutes', '30, soon', 'Give durations between 1 minute and 7 days, separated by commas'],
  ['allowedDurationsMinutes', '0', 'Give durations between 1 minute and 7 days'],
  ['allowedDurationsMinutes', '8d', 'Give durations between 1 minute and 7 days'],
  ['allowedDurationsMinutes', Array.from({ length: 21 }, (_, index) => index + 1).join(), 'Give at most 20 durations.'],
  ['allowedDurationsMinutes', '30, 12h, 9h', 'Leave out 9 h, 12 h: the longest duration is 8 h.'],
  ['ticketPattern', 'CHG-[0-9', 'This is not a pattern that can be used (missing closing ]'],
  ['ticketPattern', '(?=x)', 'without look-around and back-references'],
  ['ticketPattern', '((a{30}){30}){30}', 'This is not a pattern that can be used'],
  ['ticketPattern', 'x'.repeat(201), 'The pattern has at most 200 characters.'],
  ['ticketLink', 'https://tickets.example.com/browse', 'Put {ticket} where the ticket goes'],
  ['ticketLink', 'http://tickets.example.com/{ticket}', 'Give a whole address that begins with https://.'],
  ['ticketLink', 'javascript:alert({ticket})', 'Give a whole address that begins with https://.'],
  ['ticketLink', '/browse/{ticket}', 'Give a whole address that begins with https://.'],
  ['ticketLink', 'https://{ticket}.example.com/', 'The ticket may stand after the host name only'],
  ['ticketLink', 'https://tickets.example.com:4{ticket}/', 'Give a whole address that begins with https://.'],
  ['ticketLink', 'https://user:secret@tickets.example.com/{ticket}', 'without a user name and password'],
  ['announcement', 'x'.repeat(501), 'The announcement has at most 500 characters.'],
  ['announcement', 'x\n'.repeat(10).concat('x'), 'The announcement has at most 10 lines.'],
])(
  '%s as %j is refused with a sentence, the form keeps what was typed, and nothing is stored',
  async (name, value, sentence) => {
    await using portal = await createSettingsPortal();
    const answer = await portal.post('/admin/settings', { ...filled, supportContact: 'me', [name]: value });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(sentence);
    if (name !== 'timeZone') expect(answer.body).toMatch(/name="timeZone" value="Europe\/Madrid"/);
    expect((await readSettings(portal.db.prisma)).version).toBe(0);
    expect(await portal.events()).toEqual([]);
  },
);

test('of two first changes at the same time one holds', async () => {
  await using portal = await createSettingsPortal();
  const change = (maxDurationMinutes: number) =>
    changeSettings(portal.platform, systemActor('test'), {
      settings: { ...DEFAULT_SETTINGS, maxDurationMinutes },
      version: 0,
      confirmation: '',
    });
  const outcomes = await Promise.allSettled([change(60), change(120), change(180)]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await readSettings(portal.db.prisma)).version).toBe(1);
  expect(await portal.events()).toHaveLength(1);
});

test('the same form sent again changes nothing more', async () => {
  await using portal = await createSettingsPortal();
  await portal.post('/admin/settings', filled);
  const again = await portal.post('/admin/settings', { ...filled, version: '1' });
  expect(again.statusCode).toBe(303);
  expect((await readSettings(portal.db.prisma)).version).toBe(1);
  expect(await portal.events()).toHaveLength(1);
});

test('approval goes off for everyone only with the words that confirm it, and on again without', async () => {
  await using portal = await createSettingsPortal();
  const off = { ...filled, approvalEnabled: undefined };
  for (const confirmation of [undefined, '', 'yes', 'Turn approval off!']) {
    const refused = await portal.post('/admin/settings', { ...off, confirmation });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('type “turn approval off”');
    expect(refused.body).not.toMatch(/name="approvalEnabled" value="true" checked/);
  }
  expect((await readSettings(portal.db.prisma)).settings.approvalEnabled).toBe(true);
  expect(portalBanner(DEFAULT_SETTINGS)).toBeNull();

  expect((await portal.post('/admin/settings', { ...off, confirmation: 'turn approval off' })).statusCode).toBe(303);
  const { settings } = await readSettings(portal.db.prisma);
  expect(settings.approvalEnabled).toBe(false);
  expect(portalBanner(settings)?.text).toContain('Approval is switched off for the whole portal');
  expect((await portal.get('/admin/settings')).body).not.toContain('name="confirmation"');

  expect((await portal.post('/admin/settings', { ...filled, version: '1' })).statusCode).toBe(303);
  expect((await readSettings(portal.db.prisma)).settings.approvalEnabled).toBe(true);
});

test('settings that a hand at the database broke open nothing: nobody reads defaults instead', async () => {
  await using portal = await createSettingsPortal();
  await portal.db.pool.query(`insert into settings (value) values ('{"approvalEnabled": "no"}')`);
  await expect(readSettings(portal.db.prisma)).rejects.toThrow('The stored settings cannot be read');
});

test('asking for a new copy of the directory leads back to the page where the button was', async () => {
  await using portal = await createSettingsPortal();
  const from = async (referer: string) =>
    (await portal.post('/admin/directory/sync', {}, { referer })).headers.location;
  expect(await from('http://localhost:3000/admin/eligibility-policies?q=x')).toBe('/admin/eligibility-policies?q=x');
  expect(await from('https://elsewhere.example.com/admin')).toBe('/admin/directory');
  expect(await from('http://localhost:3000//elsewhere.example.com')).toBe('/admin/directory');
  expect(await from('')).toBe('/admin/directory');
  const asked = await portal.db.prisma.auditEvent.count({ where: { kind: 'directory.copy-requested' } });
  expect(asked).toBe(4);
});
