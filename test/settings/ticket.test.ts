import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticketAddress, ticketMistake } from '../../src/settings/index.ts';
import { linkMistake, patternMistake } from '../../src/settings/ticket.ts';
import { createSettingsPortal } from './parts.ts';

const like = (ticketPattern: string, ticketExample = '') => ({ ticketPattern, ticketExample });

test('without a pattern any ticket is right, and an empty ticket is never wrong', () => {
  expect(ticketMistake(like(''), 'anything at all')).toBeNull();
  expect(ticketMistake(like('CHG-[0-9]+'), '')).toBeNull();
});

test('a ticket has to match the pattern from its first to its last character', () => {
  const settings = like('CHG-[0-9]+|INC', 'CHG-7');
  for (const ticket of ['CHG-1234', 'INC']) expect(ticketMistake(settings, ticket), ticket).toBeNull();
  for (const ticket of ['xCHG-1', 'CHG-1 ', 'CHG-', 'INC-1', 'chg-1', 'CHG-1\nINC']) {
    expect(ticketMistake(settings, ticket), ticket).toContain('Write it like CHG-7.');
  }
  expect(ticketMistake(like('(?i)chg-\\d+'), 'CHG-1')).toBeNull();
  expect(ticketMistake(like('[A-Z]+'), 'x')).toContain('it has to match [A-Z]+');
});

test.each(['(a+)+$', '(a|aa)+b', '(.*)*x', '(a|a?)+$', '([a-zA-Z]+)*!'])(
  'the pattern %s, which makes other engines hang, answers for a long ticket',
  (pattern) => {
    expect(patternMistake(pattern)).toBeNull();
    expect(ticketMistake(like(pattern), `${'a'.repeat(50_000)}#`)).not.toBeNull();
  },
);

test('whatever a pattern is, it is refused with a sentence or can be used', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60, unit: fc.constantFrom(...'()[]{}?*+|\\^$.,:<=!aP12') }), (pattern) => {
      const mistake = patternMistake(pattern);
      if (mistake === null) ticketMistake(like(pattern), 'aaaa-1111');
      else expect(mistake).toMatch(/^This is not a pattern that can be used \(.+\)\./s);
    }),
    { numRuns: 300 },
  );
});

test('whatever a ticket is, its link leads to the host of the template, and holds the ticket as one piece', () => {
  const ticketLink = 'https://tickets.example.com/browse/{ticket}?from=latchkey';
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 50, unit: 'binary' }), (ticket) => {
      const address = ticketAddress({ ticketLink }, ticket);
      if (ticket === '.' || ticket === '..') return expect(address).toBeNull();
      const url = new URL(address ?? '');
      expect(url.origin).toBe('https://tickets.example.com');
      expect(decodeURIComponent(url.pathname.replace('/browse/', ''))).toBe(ticket);
      expect(url.search).toBe('?from=latchkey');
    }),
  );
  expect(ticketAddress({ ticketLink }, '.')).toBeNull();
  expect(ticketAddress({ ticketLink }, '..')).toBeNull();
  expect(ticketAddress({ ticketLink }, '\ud800')).toContain('/browse/%EF%BF%BD');
  expect(ticketAddress({ ticketLink: '' }, 'CHG-1')).toBeNull();
  expect(ticketAddress({ ticketLink: 'https://t.example.com/{ticket}#{ticket}' }, '$&')).toBe(
    'https://t.example.com/%24%26#%24%26',
  );
});

test('a link that is right is not refused', () => {
  for (const link of ['', 'https://t.example.com/{ticket}', 'https://t.example.com:8443/x?id={ticket}']) {
    expect(linkMistake(link), link).toBeNull();
  }
});

const filled = { maxDurationMinutes: '480', requestExpiryMinutes: '60', timeZone: 'UTC', approvalEnabled: 'on' };

test('an example that does not match the pattern is refused when it is saved, and kept', async () => {
  await using portal = await createSettingsPortal();
  const tickets = { ticketPattern: 'CHG-[0-9]{4}', ticketExample: 'CHG-12' };
  const refused = await portal.post('/admin/settings', { ...filled, ...tickets, version: '0' });
  expect(refused.statusCode).toBe(422);
  expect(refused.body).toContain('CHG-12 does not match the pattern: change one of the two.');
  expect(refused.body).toMatch(/name="ticketExample" value="CHG-12"/);
  const saved = await portal.post('/admin/settings', {
    ...filled,
    ...tickets,
    ticketExample: 'CHG-1234',
    version: '0',
  });
  expect(saved.statusCode).toBe(303);
  expect((await portal.get('/admin/settings')).body).toContain('CHG-1234 matches the pattern.');
});

test('the example can be tried before saving, with scripts and without, and nothing is stored', async () => {
  await using portal = await createSettingsPortal();
  const form = {
    ...filled,
    version: '0',
    ticketPattern: 'CHG-[0-9]+',
    ticketExample: 'CHG-1 <b>',
    ticketLink: 'https://tickets.example.com/{ticket}',
  };
  const page = await portal.post('/admin/settings/ticket-trial', form);
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('CHG-1 &lt;b&gt; does not match the pattern.');
  expect(page.body).toContain('href="https://tickets.example.com/CHG-1%20%3Cb%3E"');
  expect(page.body).toMatch(/name="ticketPattern" value="CHG-\[0-9\]\+"/);
  expect(page.body).toMatch(/name="maxDurationMinutes" value="480"/);

  const piece = await portal.post(
    '/admin/settings/ticket-trial',
    { ...form, ticketExample: 'CHG-1' },
    { 'hx-request': 'true' },
  );
  expect(piece.body).toContain('CHG-1 matches the pattern.');
  expect(piece.body).not.toContain('<html');
  const wrong = await portal.post('/admin/settings/ticket-trial', { ...form, ticketLink: 'http://x/{ticket}' });
  expect(wrong.body).toContain('Give a whole address that begins with https://.');
  expect(wrong.body).not.toContain('href="http://x');
  expect(await portal.events()).toEqual([]);
});
