import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import { startPortalProcess, untilReady } from '../support/process.ts';
import { ACCESS, approve, ask, createEstate, type Estate } from './estate.ts';

const PATIENT = { timeout: 40_000, interval: 100 };

async function count(estate: Estate, what: string): Promise<number> {
  const { rows } = await estate.database.db.pool.query<{ count: number }>(`select count(*)::int as count from ${what}`);
  return rows[0]?.count ?? -1;
}

/** Before the clock is moved: the sandbox's identity provider keeps to its own. */
async function signInBoth(estate: Estate) {
  const [lena, priya] = await Promise.all([estate.signIn('requester'), estate.signIn('approver')]);
  return { lena, priya };
}

/** From the form to the assignment; gives the request's ID. */
async function getAccess(estate: Estate, { lena, priya }: Awaited<ReturnType<typeof signInBoth>>): Promise<string> {
  const id = await ask(lena, { durationMinutes: '15' });
  await approve(priya, id);
  await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('active');
  return id;
}

/** The window closes, and the absence is confirmed a little later once more. */
async function untilEnded(estate: Estate, id: string): Promise<void> {
  await estate.database.advance({ minutes: 16 });
  await estate.sandbox.assignments.waitFor(ACCESS, 'absent', 40_000);
  await expect
    .poll(async () => {
      await estate.database.advance({ seconds: 5 });
      return count(estate, `grants where request_id = '${id}' and status = 'ended'`);
    }, PATIENT)
    .toBe(1);
}

test('F06 queue loss: with two processes, tables emptied and schedules dropped, what is due goes all the same', async () => {
  await using estate = await createEstate();
  await using _first = await estate.start();
  await estate.furnish();
  const port = String(await freePort());
  await using second = await startPortalProcess({ ...estate.environment, PORT: port }, ['--role', 'worker']);
  await untilReady({ ...second, url: `http://localhost:${port}` });
  const people = await signInBoth(estate);
  const id = await getAccess(estate, people);
  const { pool } = estate.database.db;
  await pool.query('truncate pgboss.job, pgboss.schedule; delete from pgboss.queue');
  await untilEnded(estate, id);

  // The whole schema, with a grant on its way.
  const again = await getAccess(estate, people);
  await pool.query('drop schema pgboss cascade');
  await untilEnded(estate, again);
}, 150_000);

test('F10 side channels down: with a mail server that hangs for an hour, access comes and goes, and mail is delivered once, later', async () => {
  await using estate = await createEstate();
  const { sandbox, database } = estate;
  await using silence = await startSilence();
  const mailbox = new URL(sandbox.mailbox.smtpUrl);
  await using _portal = await estate.start({ SMTP_URL: silence.url });
  await estate.furnish();
  const id = await getAccess(estate, await signInBoth(estate));
  await untilEnded(estate, id);
  await expect.poll(() => silence.connections(), PATIENT).toBeGreaterThan(0);
  expect(sandbox.mailbox.mails).toEqual([]);
  await database.advance({ hours: 1 });

  silence.answerBy(Number(mailbox.port));
  await expect
    .poll(
      async () => {
        await database.advance({ seconds: 30 });
        return count(estate, 'outbox_messages where sent_at is null');
      },
      { timeout: 90_000, interval: 500 },
    )
    .toBe(0);
  const ids = sandbox.mailbox.mails.map(({ messageId }) => messageId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(await count(estate, 'outbox_messages'));
}, 200_000);

/** Accepts connections and says nothing, until it is told who answers. */
async function startSilence() {
  const sockets = new Set<Socket>();
  let port = 0;
  let seen = 0;
  const server = createServer((inward) => {
    seen += 1;
    sockets.add(inward);
    inward.on('error', () => {});
    inward.on('close', () => sockets.delete(inward));
    if (port === 0) return;
    const outward = connect(port, '127.0.0.1');
    outward.on('error', () => inward.destroy());
    inward.on('close', () => outward.destroy());
    outward.on('close', () => inward.destroy());
    inward.pipe(outward).pipe(inward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => seen,
    answerBy(answering: number) {
      port = answering;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
