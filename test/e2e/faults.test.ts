import { expect, inject, test } from 'vitest';
import { axeFindings } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import type { TestClient } from '../support/client.ts';
import { browserOf } from '../support/people.ts';
import { execute } from '../support/postgres.ts';
import { startProxy } from '../support/proxy.ts';
import { ACCESS, approve, ask, createEstate, type Estate, form } from './estate.ts';

const PATIENT = { timeout: 40_000, interval: 100 };

async function count(estate: Estate, what: string): Promise<number> {
  const { rows } = await estate.database.db.pool.query<{ count: number }>(`select count(*)::int as count from ${what}`);
  return rows[0]?.count ?? -1;
}

const statusCode = (client: TestClient, address: string) => client.get(address).then((answer) => answer.statusCode);

/** A grant of ACCESS that AWS has confirmed. */
async function giveAccess(estate: Estate) {
  const [lena, priya] = await Promise.all([estate.signIn('requester'), estate.signIn('approver')]);
  // Short enough for the sessions to outlast it.
  const id = await ask(lena, { durationMinutes: '20' });
  await approve(priya, id);
  await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('active');
  return { lena, priya, id };
}

test('F05 Postgres down: pages say so and recover by themselves, and what is due is done without a restart', async () => {
  await using estate = await createEstate();
  await using cable = await startProxy(estate.database.url);
  await using _portal = await estate.start({ DATABASE_URL: cable.through(estate.database.url) });
  await estate.furnish();
  const { lena, id } = await giveAccess(estate);
  const browser = await launchBrowser();
  try {
    await using requester = await browserOf(browser, estate.url, 'requester');

    cable.cut();
    await requester.page.goto(`${estate.url}/requests/${id}`);
    await requester.page.getByText('This page recovers by itself').waitFor();
    expect(await axeFindings(requester.page)).toEqual([]);
    for (const address of ['/', '/requests', '/login', '/readyz']) {
      expect(await statusCode(lena, address), address).toBe(503);
    }
    const sent = await lena.post('/requests', form());
    expect(sent.statusCode).toBe(503);
    expect(sent.body).toContain('The database does not answer at the moment');
    expect(await statusCode(lena, '/healthz')).toBe(200);
    expect(await statusCode(lena, '/metrics')).toBe(200);

    // The window closes meanwhile.
    await estate.database.advance({ minutes: 21 });
    cable.mend();
    await requester.page.getByRole('heading', { name: /^R-\d+$/ }).waitFor({ timeout: 30_000 });
    await expect.poll(() => statusCode(lena, '/readyz'), PATIENT).toBe(200);
    await estate.sandbox.assignments.waitFor(ACCESS, 'absent', 40_000);
    // Gone is confirmed a little later once more.
    await estate.database.advance({ minutes: 2 });
    await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('ended');
    expect((await lena.post('/requests', form())).statusCode).toBe(303);
    expect(await count(estate, 'requests')).toBe(2);
  } finally {
    await browser.close();
  }
}, 150_000);

test('F05 Postgres read-only: the process is not ready within ten seconds, gives nothing twice, and recovers without a restart', async () => {
  await using estate = await createEstate({ delayMs: 1_500 });
  const { sandbox, database } = estate;
  await using _portal = await estate.start();
  await estate.furnish();
  const [lena, priya] = await Promise.all([estate.signIn('requester'), estate.signIn('approver')]);
  const id = await ask(lena);
  const name = new URL(database.url).pathname.slice(1);
  await approve(priya, id);
  await expect.poll(() => sandbox.calls.count('CreateAccountAssignment'), { ...PATIENT, interval: 10 }).toBe(1);

  // In the middle of it the primary is demoted: it answers, and writes nothing.
  await execute(inject('serverUrl'), `alter database ${name} set default_transaction_read_only = on`);
  await execute(
    inject('serverUrl'),
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
  );
  await expect.poll(() => statusCode(lena, '/readyz'), { timeout: 10_000, interval: 100 }).toBe(503);
  expect((await lena.get('/readyz')).body).toBe('the database is read-only\n');
  const sent = await lena.post('/requests', form({ durationMinutes: '45' }));
  expect([sent.statusCode, sent.body.includes('The database does not answer at the moment')]).toEqual([503, true]);
  await sandbox.assignments.waitFor(ACCESS, 'present', 20_000);

  // Connections that were made meanwhile stay as they are: nobody ends them but the process itself.
  await execute(inject('serverUrl'), `alter database ${name} reset default_transaction_read_only`);
  await expect.poll(() => statusCode(lena, '/readyz'), PATIENT).toBe(200);
  await expect
    .poll(async () => (await lena.post('/requests', form({ durationMinutes: '30' }))).statusCode, PATIENT)
    .toBe(303);
  // The lease of the turn that could not be written runs out.
  await database.db.renew();
  await database.advance({ minutes: 2 });
  await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('active');
  expect(sandbox.calls.count('CreateAccountAssignment')).toBe(1);
  expect(await count(estate, `grants where status = 'active'`)).toBe(1);
  expect(await count(estate, 'requests where duration_minutes = 45')).toBe(0);
}, 150_000);

test('AWS away: signing in, asking and deciding say so and do nothing; a revoke waits in sight and is done later', async () => {
  await using estate = await createEstate();
  const { sandbox, database } = estate;
  await using _portal = await estate.start();
  await estate.furnish();
  const { lena, priya, id } = await giveAccess(estate);
  const waiting = await ask(lena, { durationMinutes: '30' });

  sandbox.faults.outage = true;
  await expect(estate.signIn('auditor')).rejects.toThrow(/could not sign in: 503 .*Latchkey cannot do this right now/s);
  const asked = await lena.post('/requests', form({ durationMinutes: '15' }));
  expect(asked.statusCode).toBe(503);
  expect(asked.body).toContain('Identity Center');
  const decided = await priya.post(`/requests/${waiting}/approval`, { version: '1', comment: 'Go ahead.' });
  expect(decided.statusCode).toBe(503);
  expect(decided.body).toContain('Identity Center');
  expect(await count(estate, 'requests')).toBe(2);
  expect(await count(estate, `decisions where request_id = '${waiting}'`)).toBe(0);
  expect(await estate.statusOf(lena, waiting)).toBe('pending');

  // The window closes, and nothing can be taken away.
  await database.advance({ minutes: 23 });
  await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('ending');
  expect(sandbox.assignments.has(ACCESS)).toBe(true);
  await database.advance({ minutes: 3 });
  await expect
    .poll(async () => (await priya.get('/access/active')).body, PATIENT)
    .toMatch(/data-status="ending"[\s\S]*Overdue/i);

  sandbox.faults.outage = false;
  // The identity provider's clock goes with the portal's.
  sandbox.faults.clockOffsetMs = (23 + 3) * 60_000;
  expect((await estate.signIn('auditor')).cookies.size).toBeGreaterThan(0);
  // Tries that failed are repeated at longer and longer intervals, of minutes at most.
  await expect
    .poll(
      async () => {
        await database.advance({ minutes: 1 });
        return sandbox.assignments.has(ACCESS);
      },
      { timeout: 40_000, interval: 1_000 },
    )
    .toBe(false);
  await expect
    .poll(
      async () => {
        await database.advance({ minutes: 1 });
        return estate.statusOf(lena, id);
      },
      { timeout: 40_000, interval: 1_000 },
    )
    .toBe('ended');
}, 150_000);

test('a process that is killed while AWS creates the access: the next one ends up with exactly one', async () => {
  await using estate = await createEstate({ delayMs: 1_500 });
  const { sandbox } = estate;
  await using first = await estate.start();
  await estate.furnish();
  const [lena, priya] = await Promise.all([estate.signIn('requester'), estate.signIn('approver')]);
  const id = await ask(lena);
  await approve(priya, id);
  await expect.poll(() => sandbox.calls.count('CreateAccountAssignment'), { ...PATIENT, interval: 10 }).toBe(1);
  first.child.kill('SIGKILL');
  await first.exited;

  await using _second = await estate.start();
  // The dead process's lease runs out.
  await estate.database.advance({ minutes: 2 });
  await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('active');
  const ours = sandbox.assignments.list().filter((each) => each.principalId === ACCESS.principalId);
  expect(ours).toContainEqual(ACCESS);
  expect(sandbox.calls.count('CreateAccountAssignment')).toBe(1);
  expect(
    sandbox.assignments.history.since(3_600_000).filter(({ assignment }) => assignment.accountId === ACCESS.accountId),
  ).toHaveLength(1);
  expect(await count(estate, `grants where status = 'active'`)).toBe(1);
}, 150_000);

test('mail server down, the same form twenty times, two approvers at once: all goes on, and once', async () => {
  await using estate = await createEstate();
  const { sandbox, database } = estate;
  await using _portal = await estate.start();
  await estate.furnish();

  // Without a mail server people ask, decide and get access all the same.
  sandbox.mailbox.setDown(true);
  const { lena, priya, id } = await giveAccess(estate);
  expect(sandbox.mailbox.mails).toEqual([]);
  await expect
    .poll(() => count(estate, 'outbox_messages where attempts > 0 and sent_at is null'), PATIENT)
    .toBeGreaterThan(0);
  sandbox.mailbox.setDown(false);
  await expect
    .poll(
      async () => {
        await database.advance({ seconds: 30 });
        return count(estate, 'outbox_messages where sent_at is null');
      },
      { timeout: 40_000, interval: 500 },
    )
    .toBe(0);
  const active = sandbox.mailbox.mails.filter(({ subject, to }) => /Active/.test(subject) && /lena/.test(String(to)));
  expect(active).toHaveLength(1);
  expect(sandbox.mailbox.mails).toHaveLength(await count(estate, 'outbox_messages'));
  expect(await estate.statusOf(lena, id)).toBe('active');

  // The same form, as an impatient finger or a retrying proxy sends it.
  const same = form({ durationMinutes: '45' });
  const before = await count(estate, 'requests');
  const answers = await Promise.all(Array.from({ length: 20 }, () => lena.post('/requests', same)));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([303]));
  const [address = '', ...others] = new Set(answers.map(({ headers }) => String(headers.location)));
  expect(others).toEqual([]);
  expect(await count(estate, 'requests')).toBe(before + 1);

  // Two people decide at the same moment: one of them does, the other reads who it was and when.
  const tomas = await estate.signIn('secondApprover');
  const decisions = await Promise.all(
    [priya, tomas].map((who) => who.post(`${address}/approval`, { version: '1', comment: 'Mine.' })),
  );
  expect(decisions.map(({ statusCode }) => statusCode).sort()).toEqual([303, 409]);
  const winner = decisions[0]?.statusCode === 303 ? 'Priya Raman' : 'Tomás Novák';
  const refusal = decisions.find(({ statusCode }) => statusCode === 409)?.body ?? '';
  expect(refusal).toMatch(new RegExp(`${winner}[^<]*\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}`));
  expect(await count(estate, `decisions where request_id = '${address.split('/').at(-1)}'`)).toBe(1);
}, 150_000);
