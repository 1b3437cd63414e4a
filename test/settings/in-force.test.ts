import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { readSettings } from '../../src/settings/index.ts';
import { DEVELOPMENT, fields, lena, useStage } from '../request/stage.ts';
import type { TestClient } from '../support/client.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'priya' | 'auditor' | 'admin', TestClient>;

beforeAll(async () => {
  people.lena = await shared.stage.signIn(DEMO_PEOPLE.requester);
  people.priya = await shared.stage.signIn(DEMO_PEOPLE.approver);
  people.auditor = await shared.stage.signIn(DEMO_PEOPLE.auditor);
  people.admin = await shared.stage.signIn(DEMO_PEOPLE.admin);
});

const filled = {
  maxDurationMinutes: '540',
  requestExpiryMinutes: '180',
  commentRequired: 'on',
  approvalEnabled: 'on',
  timeZone: 'UTC',
};

/** Sends what is due, and gives what arrived by it. */
async function deliver() {
  const { mailbox } = shared.stage.sandbox;
  const before = mailbox.mails.length;
  while ((await shared.stage.context.mailer.deliverDue()) > 0);
  return mailbox.mails.slice(before);
}

/** An admin saves these settings by the form. */
async function save(settings: Record<string, string>): Promise<void> {
  const { version } = await readSettings(shared.stage.context.db.prisma);
  const answer = await people.admin.post('/admin/settings', { ...filled, ...settings, version: String(version) });
  expect(answer.statusCode, answer.body.slice(0, 500)).toBe(303);
}

describe('an announcement', () => {
  it('stands on every page of everybody who is signed in, and nowhere else', async () => {
    await save({ announcement: 'Change freeze\nuntil Monday' });
    for (const [client, path] of [
      [people.lena, '/'],
      [people.lena, '/preferences'],
      [people.priya, '/approvals'],
      [people.auditor, '/audit/access'],
      [people.admin, '/admin/settings/history'],
    ] as const) {
      expect((await client.get(path)).body, path).toContain('Change freeze\nuntil Monday</p>');
    }
    expect((await shared.stage.anonymous().get('/signed-out')).body).not.toContain('Change freeze');
    await save({ announcement: '' });
    expect((await people.lena.get('/')).body).not.toContain('Change freeze');
  });

  it('is inert text, whatever it holds, beside the warning that approval is off', async () => {
    const evil = '<script>alert(1)</script> <%= it.csrf %> \u202Etxet desrever & "quotes"';
    await save({ announcement: evil, approvalEnabled: '', confirmation: 'turn approval off' });
    const { body } = await people.lena.get('/');
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &lt;%= it.csrf %&gt; \u202Etxet desrever &amp;');
    expect(body).not.toContain('<script>alert');
    // A paragraph of its own, with a direction of its own: nothing outside it turns round.
    expect(body).toMatch(/<p class="banner-text" dir="auto">&lt;script/);
    expect(body.indexOf('Approval is switched off')).toBeLessThan(body.indexOf('&lt;script&gt;alert(1)'));
  });
});

describe('the ticket settings', () => {
  const tickets = {
    ticketPattern: 'CHG-[0-9]{4}',
    ticketExample: 'CHG-1234',
    ticketLink: 'https://tickets.example.com/browse/{ticket}',
  };

  it('refuse a ticket of another form at its field, and store nothing', async () => {
    await save(tickets);
    const refused = await people.lena.post('/requests', fields({ ticket: 'CHG-12' }));
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toMatch(/id="field-ticket-error".*Write it like CHG-1234\./s);
    expect(refused.body).toContain('value="CHG-12"');
    expect(await shared.stage.count('requests')).toBe(0);
    expect((await people.lena.post('/requests', fields({ ticket: 'CHG-4321' }))).statusCode).toBe(303);
    expect((await people.lena.post('/requests', fields({ ticket: '' }))).statusCode).toBe(303);
  });

  it('hold where no approval is needed too, and a pattern that makes others hang answers', async () => {
    await save({ ticketPattern: '(a+)+$' });
    const ask = (ticket: string) => people.lena.post('/requests', fields({ accountId: DEVELOPMENT, ticket }));
    expect((await ask(`${'a'.repeat(99)}!`)).statusCode).toBe(422);
    expect((await ask('a'.repeat(100))).statusCode).toBe(303);
  });

  it('make a ticket a link wherever it is read, and leave it text without a template', async () => {
    const { id } = await shared.stage.submit({ ticket: 'CHG-1234/../x?"<i>' });
    const pages = [
      [people.lena, `/requests/${id}`],
      [people.priya, `/requests/${id}`],
      [people.priya, '/approvals'],
    ] as const;
    for (const [client, path] of pages) {
      const { body } = await client.get(path);
      expect(body, path).toContain('<bdi>CHG-1234/../x?&quot;&lt;i&gt;</bdi>');
      expect(body, path).not.toContain('tickets.example.com');
    }
    await save({ ...tickets, ticketPattern: '', ticketExample: '' });
    for (const [client, path] of pages) {
      expect((await client.get(path)).body, path).toContain(
        '<a href="https://tickets.example.com/browse/CHG-1234%2F..%2Fx%3F%22%3Ci%3E" rel="noopener noreferrer">',
      );
    }
  });

  it('an address as ticket is a link only where it is https', async () => {
    const shown = async (ticket: string) => {
      const { id } = await shared.stage.submit({ ticket });
      return (await people.lena.get(`/requests/${id}`)).body.includes(`<a href="${ticket}"`);
    };
    expect(await shown('https://tickets.example.com/CHG-1')).toBe(true);
    expect(await shown('http://tickets.example.com/CHG-1')).toBe(false);
    expect(await shown('javascript:alert(1)')).toBe(false);
  });
});

describe('mail', () => {
  it('has its times in the zone of each of its readers', async () => {
    await save({ timeZone: 'Europe/Berlin' });
    await people.lena.post('/preferences', { timeZone: 'Asia/Tokyo' });
    const startsAt = new Date(Date.now() + 86_400_000);
    startsAt.setUTCHours(9, 0, 0, 0);
    await shared.stage.submit({ startsAt });
    const sent = await deliver();
    const start = (to: string) => sent.find((mail) => mail.to.join().includes(to))?.text;
    expect(start('lena.fischer')).toContain('18:00 Asia/Tokyo');
    expect(start('priya.raman')).toMatch(/1[01]:00 Europe\/Berlin/);
  });

  it('does not leave the portal while it is paused, nor later what fell due meanwhile', async () => {
    await save({ mailPaused: 'on' });
    await shared.stage.submit();
    expect(await deliver()).toEqual([]);
    expect((await people.lena.get('/preferences')).body).toContain('switched all mail off');
    await save({});
    expect(await deliver()).toEqual([]);
    const { rows } = await shared.stage.context.db.pool.query(
      'select distinct last_error, sent_at from outbox_messages',
    );
    expect(rows).toEqual([{ last_error: 'Mail is switched off in the settings.', sent_at: null }]);
    await shared.stage.submit({}, lena);
    expect((await deliver()).length).toBeGreaterThan(1);
  });
});
