import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../src/sandbox/mailbox/index.ts';
import { MailStore } from '../../src/sandbox/mailbox/store.ts';
import { startParts } from './parts.ts';

async function start() {
  const parts = await startParts((app, services) => startMailbox(app, services));
  const mailbox = await parts.part;
  return { ...parts, mailbox, send: sender(mailbox) };
}

function sender({ smtpUrl }: Mailbox) {
  const transport = createTransport(smtpUrl, { from: 'Latchkey <latchkey@example.com>' });
  onTestFinished(() => transport.close());
  return transport.sendMail.bind(transport);
}

const mail = {
  to: 'Ana.Ruiz@example.com',
  subject: 'R-1 – approved <now>',
  text: 'See https://latchkey.test/requests/1.',
};

test('a mail that is sent by SMTP arrives with its text, HTML, headers and envelope', async () => {
  const { app, mailbox, send } = await start();
  await send({ ...mail, bcc: 'copy@example.com', html: '<p>Hi</p>', headers: { 'X-Kind': 'approved' } });
  const got = await mailbox.waitForMail(({ subject }) => subject === mail.subject);
  expect(got).toMatchObject({ from: '"Latchkey" <latchkey@example.com>', text: mail.text, count: 1 });
  expect(got.to).toEqual(['ana.ruiz@example.com', 'copy@example.com']);
  expect(got.headers).toContainEqual({ name: 'X-Kind', value: 'approved' });

  const page = (await app.inject(`/mail/${got.id}`)).body;
  expect(page).toContain('R-1 – approved &lt;now&gt;');
  expect(page).toContain('<a href="https://latchkey.test/requests/1">https://latchkey.test/requests/1</a>.');
  expect(page).toContain('X-Kind: approved');
  expect(page).toContain(`<iframe src="/mail/${got.id}/html"`);
});

test('the HTML of a mail can neither run nor load anything', async () => {
  const { app, mailbox, send } = await start();
  await send({ ...mail, html: '<script>alert(1)</script><a href="https://latchkey.test">open</a>' });
  const [got] = mailbox.mails;
  const shown = await app.inject(`/mail/${got?.id}/html`);
  expect(shown.headers['content-security-policy']).toContain("default-src 'none'");
  expect(shown.headers['content-security-policy']).toMatch(/sandbox allow-popups/);
  expect(shown.headers['content-security-policy']).not.toContain('allow-scripts');
  expect(shown.body).toMatch(/^<base target="_blank">/);
});

test('the list has the newest first and can be narrowed to one recipient', async () => {
  const { app, send } = await start();
  await send({ ...mail, subject: 'first' });
  await send({ ...mail, to: 'sam@example.com', subject: 'second' });
  const subjects = async (query: string) =>
    (await app.inject(`/mail.json${query}`)).json<{ subject: string }[]>().map(({ subject }) => subject);
  expect(await subjects('')).toEqual(['second', 'first']);
  expect(await subjects('?to=Ana.Ruiz@example.com')).toEqual(['first']);
  const page = (await app.inject('/mail?to=sam@example.com')).body;
  expect(page).toContain('second');
  expect(page).not.toContain('first');
  expect((await app.inject('/mail?to=nobody@example.com')).body).toContain('No mail for nobody@example.com');
  expect((await app.inject('/mail/none')).statusCode).toBe(404);
});

test('a repeat of a Message-ID is shown as one mail', async () => {
  const { app, mailbox, send } = await start();
  await send({ ...mail, messageId: '<request-1@latchkey>' });
  await send({ ...mail, messageId: '<request-1@latchkey>' });
  expect(mailbox.mails).toHaveLength(1);
  expect(mailbox.mails[0]).toMatchObject({ messageId: '<request-1@latchkey>', count: 2 });
  expect((await app.inject('/mail')).body).toContain('(arrived 2 times)');
});

test('while it is down mail is refused for now, on new connections and on open ones', async () => {
  const { mailbox, send } = await start();
  const pool = createTransport(`${mailbox.smtpUrl}?pool=true&maxConnections=1`, { from: 'latchkey@example.com' });
  onTestFinished(() => pool.close());
  await pool.sendMail(mail);
  mailbox.setDown(true);
  await expect(send(mail)).rejects.toMatchObject({ responseCode: 421 });
  await expect(pool.sendMail(mail)).rejects.toMatchObject({ responseCode: 421 });
  mailbox.setDown(false);
  await send(mail);
  expect(mailbox.mails).toHaveLength(2);
});

test('waiting for a mail that does not come says what is there instead', async () => {
  const { mailbox, send } = await start();
  await send(mail);
  await expect(mailbox.waitForMail(() => false, 20)).rejects.toThrow('ana.ruiz@example.com: R-1');
  const coming = mailbox.waitForMail(({ subject }) => subject === 'later');
  await send({ ...mail, subject: 'later' });
  expect((await coming).subject).toBe('later');
});

test('the mailbox keeps the newest thousand, and they survive a restart', () => {
  const store = new MailStore(undefined, () => {});
  for (let number = 0; number < 1_010; number += 1) {
    const messageId = `<${number}>`;
    store.add({ messageId, receivedAt: '', from: '', to: [], subject: '', text: '', html: null, headers: [] });
  }
  const restored = new MailStore(JSON.parse(JSON.stringify(store.mails)), () => {});
  expect(restored.mails).toHaveLength(1_000);
  expect(restored.mails[0]?.messageId).toBe('<10>');
});
