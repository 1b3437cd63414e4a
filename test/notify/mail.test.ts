import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { asText, composeLetter, type MailContent } from '../../src/notify/compose.ts';
import { createMailer, enqueueMail, type Mail } from '../../src/notify/index.ts';
import { parseConfig } from '../../src/platform/config.ts';
import type { Platform } from '../../src/platform/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

const CONTENT: MailContent = {
  requestId: '11111111-1111-4111-8111-111111111111',
  number: 'R-1042',
  person: 'Mia <script>alert(1)</script>',
  account: 'payments-prod',
  accountId: '111122223333',
  role: 'PowerUser',
  durationMinutes: 90,
  startsAt: '2026-07-01T12:00:00.000Z',
  justification: 'line one\nline two',
};

const MAIL: Mail = {
  kind: 'approval-needed',
  to: { userId: 'u-1', name: 'Paul "the boss" O\'Neil', address: 'paul@example.com' },
  about: { requestId: CONTENT.requestId, number: 'R-1042' },
  data: {
    person: CONTENT.person,
    account: 'payments-prod',
    accountId: '111122223333',
    role: 'PowerUser',
    durationMinutes: 90,
  },
};

interface Received {
  messageId: string | undefined;
  subject: string | undefined;
  text: string | undefined;
  html: string | false | undefined;
}

/** An SMTP server on loopback; while `refuse` answers a text, each message is refused with it. */
async function smtpServer(port: number, refuse: () => { responseCode: number } | null = () => null) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        const refusal = refuse();
        if (refusal) return done(Object.assign(new Error('not now'), refusal));
        received.push({ messageId: mail.messageId, subject: mail.subject, text: mail.text, html: mail.html });
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { received, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

function mailerFor(database: TestDatabase, port: number) {
  const config = parseConfig({
    BASE_URL: 'http://localhost:3000',
    DATABASE_URL: database.url,
    SESSION_SECRET: 'x'.repeat(32),
    SAML_METADATA_FILE: '/dev/null',
    ADMIN_GROUPS: 'Admins',
    ACCESS_PORTAL_URL: 'https://example.awsapps.com/start',
    AWS_REGION: 'eu-west-1',
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    MAIL_FROM: 'Latchkey <latchkey@example.com>',
  });
  const platform = { config, db: database.db, log: createLog('silent') } as Platform;
  return createMailer(platform, async () => ({ enabled: true, timeZone: 'Europe/Berlin' }));
}

async function outbox(database: TestDatabase) {
  const { rows } = await database.db.pool.query('select attempts, sent_at, next_at, last_error from outbox_messages');
  return rows;
}

test('a letter names the request, its link on the configured address, and times in the zone and in UTC', () => {
  const letter = composeLetter('approval-needed', CONTENT, new URL('https://latchkey.example.com'), 'Europe/Berlin');
  const text = asText(letter);
  expect(letter.subject).toContain('[R-1042]');
  expect(text).toContain('https://latchkey.example.com/requests/11111111-1111-4111-8111-111111111111');
  expect(text).toContain('2026-07-01 14:00 Europe/Berlin (2026-07-01T12:00:00Z)');
  expect(text).toContain('1 h 30 min');
});

test('a letter speaks of a decision, and of expiring, only where one is waited for', () => {
  const write = (content: MailContent) =>
    asText(composeLetter('request-submitted', content, new URL('https://l.example'), 'UTC'));
  const waiting = write({ ...CONTENT, startsAt: null, expiresAt: '2026-07-02T12:00:00.000Z' });
  expect(waiting).toMatch(/waits for a decision[\s\S]+as soon as approved[\s\S]+Expires/);
  const free = write({ ...CONTENT, startsAt: null, expiresAt: null });
  expect(free).toMatch(/needs no approval[\s\S]+at once/);
  expect(free).not.toMatch(/decision|as soon as approved|Expires/);
});

test('a letter tells who ended an access early: the reader, somebody else, or Latchkey itself', () => {
  const write = (more: Partial<MailContent>) =>
    composeLetter('access-revoked', { ...CONTENT, ...more }, new URL('https://l.example'), 'UTC');
  const own = write({ by: 'Mia', ownDoing: true });
  expect(own.subject).toContain('Ended early: PowerUser');
  expect(own.lead).toMatch(/^You ended your access/);
  expect(write({ by: 'Priya Raman' }).lead).toMatch(/^Priya Raman took back your access/);
  expect(write({ by: '' }).lead).toMatch(/^Latchkey took back your access/);
});

test('a name with a line break cannot add a header to a mail', () => {
  const letter = composeLetter(
    'approval-needed',
    { ...CONTENT, person: 'Eve\r\nBcc: all@example.com' },
    new URL('https://l.example'),
    'UTC',
  );
  expect(letter.subject).not.toMatch(/[\r\n]/);
});

test('nothing that a person wrote begins a line of a mail, where it would read as ours', () => {
  const forged = 'Decide: https://evil.example/';
  const breaks = ['\n', '\r', '\r\n', '\v', '\u0085', '\u2028', '\u2029'];
  const content = { ...CONTENT, person: `Eve\n${forged}`, justification: breaks.map((each) => each + forged).join('') };
  const text = asText(composeLetter('approval-needed', content, new URL('https://l.example'), 'UTC'));
  const lines = text.split(/\r\n?|[\n\v\f\u0085\u2028\u2029]/);
  expect(lines.filter((line) => line.includes(forged)).length).toBeGreaterThan(breaks.length);
  expect(lines.filter((line) => line.startsWith('Decide:'))).toHaveLength(1);
});

test('a mail is delivered as text and escaped HTML, once, with a fixed Message-ID', async () => {
  await using database = await createTestDatabase();
  const port = await freePort();
  await using server = await smtpServer(port);
  const mailer = mailerFor(database, port);
  await database.db.tx((tx) => enqueueMail(tx, MAIL));
  await database.db.tx((tx) => enqueueMail(tx, MAIL));

  expect(await mailer.deliverDue()).toBe(1);
  expect(await mailer.deliverDue()).toBe(0);
  await mailer.stop();

  expect(server.received).toHaveLength(1);
  const [mail] = server.received;
  expect(mail!.messageId).toBe('<11111111-1111-4111-8111-111111111111.approval-needed.u-1@localhost>');
  expect(mail!.html).toContain('Mia &lt;script&gt;');
  expect(mail!.html).not.toContain('<script');
  expect(mail!.text).toContain('Mia <script>alert(1)</script> asks for PowerUser');
});

test('a mail waits while the server is away and goes out later with the same Message-ID', async () => {
  await using database = await createTestDatabase();
  const port = await freePort();
  const mailer = mailerFor(database, port);
  await database.db.tx((tx) => enqueueMail(tx, MAIL));
  await mailer.deliverDue();
  const [waiting] = await outbox(database);
  expect(waiting).toMatchObject({ attempts: 1, sent_at: null });
  expect(waiting.last_error).toMatch(/ECONNREFUSED/);

  await using server = await smtpServer(port);
  await database.advance({ minutes: 1 });
  await mailer.deliverDue();
  await mailer.stop();
  expect(server.received).toHaveLength(1);
  expect((await outbox(database))[0]).toMatchObject({ next_at: null, last_error: null });
});

test('a mail that its server refuses for good is given up, with the reason kept', async () => {
  await using database = await createTestDatabase();
  const port = await freePort();
  await using server = await smtpServer(port, () => ({ responseCode: 550 }));
  const mailer = mailerFor(database, port);
  await database.db.tx((tx) => enqueueMail(tx, MAIL));
  await mailer.deliverDue();
  await mailer.stop();
  expect(server.received).toHaveLength(0);
  expect((await outbox(database))[0]).toMatchObject({ sent_at: null, next_at: null });
  expect((await outbox(database))[0].last_error).toContain('not now');
});

test('without an address nothing is put into the outbox', async () => {
  await using database = await createTestDatabase();
  await database.db.tx((tx) => enqueueMail(tx, { ...MAIL, to: { ...MAIL.to, address: null } }));
  expect(await outbox(database)).toHaveLength(0);
});
