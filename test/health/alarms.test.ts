import { expect, test, vi } from 'vitest';
import { beginEmergency } from '../../src/emergency/begin-emergency.ts';
import { otherAdmins } from '../../src/identity/index.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { forbid, gone, overdueGrant } from './parts.ts';

/** The subjects of the alarms in the outbox, each with how many people got it. */
async function mails({ context }: TestPortal): Promise<Record<string, number>> {
  const { rows } = await context.db.pool.query<{ subject: string; count: number }>(
    `select data ->> 'subject' as subject, count(*)::int as count from outbox_messages where kind = 'alarm' group by 1`,
  );
  return Object.fromEntries(rows.map(({ subject, count }) => [subject, count]));
}

const admins = async ({ context }: TestPortal) => (await otherAdmins(context, context.db.prisma, null)).length;

test('access that is overdue is told after five minutes and again after fifteen, once by however many replicas look, and when all is over', async () => {
  await using portal = await createTestPortal();
  await using other = await portal.replica();
  const everyone = await admins(portal);
  expect(everyone).toBeGreaterThan(0);
  const look = () => Promise.all([portal.context.alarms.tick(), other.context.alarms.tick()]);
  const first = await overdueGrant(portal, 4);
  const second = await overdueGrant(portal, 3.9);
  await look();
  expect(await mails(portal)).toEqual({});

  await portal.database.advance({ seconds: 90 });
  await look();
  await look();
  expect(await mails(portal)).toEqual({ '2 grants are overdue, the oldest for 5 min': everyone });

  await portal.database.advance({ minutes: 10 });
  await look();
  await look();
  expect(await mails(portal)).toEqual({
    '2 grants are overdue, the oldest for 5 min': everyone,
    '2 grants are overdue, the oldest for 15 min': everyone,
  });
  const [{ data }] = (
    await portal.context.db.pool.query(`select data from outbox_messages where data ->> 'subject' like '%15 min'`)
  ).rows;
  expect(data.facts).toHaveLength(2);
  expect(data.facts[0].value).toMatch(
    /^Due since \S+ \S+ UTC, for 15 min\. AWS is busy and asks for fewer calls\. AWS says: Rate exceeded\. It is being tried now\.$/,
  );

  await gone(portal, first.id);
  await look();
  expect(Object.keys(await mails(portal))).toHaveLength(2);
  await gone(portal, second.id);
  await look();
  await look();
  expect(await mails(portal)).toMatchObject({ 'Everything that was overdue is gone now': everyone });
  const events = await portal.context.db.prisma.auditEvent.findMany({
    where: { actorId: 'health' },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ kind }) => kind)).toEqual([
    'access.overdue-told',
    'access.overdue-told',
    'access.overdue-over-told',
  ]);
});

test('what falls due one after the other is told together, a minute apart at the least', async () => {
  await using portal = await createTestPortal();
  const everyone = await admins(portal);
  await overdueGrant(portal, 6);
  await portal.context.alarms.tick();
  for (let n = 0; n < 25; n++) await overdueGrant(portal, 5.5);
  await portal.context.alarms.tick();
  expect(Object.values(await mails(portal))).toEqual([everyone]);
  await portal.database.advance({ seconds: 61 });
  await portal.context.alarms.tick();
  expect(await mails(portal)).toMatchObject({ '25 grants are overdue, the oldest for 6 min': everyone });
  const { rows } = await portal.context.db.pool.query(
    `select data -> 'facts' as facts from outbox_messages where data ->> 'subject' like '25 %' limit 1`,
  );
  expect(rows[0].facts).toHaveLength(21);
  expect(rows[0].facts.at(-1)).toEqual({ label: 'And', value: '5 more; the page below has all of them' });
});

test('that AWS forbids to take something away is told at once, once each time it comes up', async () => {
  await using portal = await createTestPortal();
  await using other = await portal.replica();
  const everyone = await admins(portal);
  const { id, assignmentId } = await overdueGrant(portal, 0);
  await forbid(portal, assignmentId);
  const look = () => Promise.all([portal.context.alarms.tick(), other.context.alarms.tick()]);
  await look();
  await look();
  const told = Object.entries(await mails(portal));
  expect(told).toEqual([[expect.stringMatching(/^AWS forbids Latchkey to take access away: /), everyone]]);
  await gone(portal, id);
  await look();
  expect(await mails(portal)).toMatchObject({ 'Everything that was overdue is gone now': everyone });
});

test('while nothing is overdue a look is one statement', async () => {
  await using portal = await createTestPortal();
  const statements: unknown[] = [];
  const { $transaction } = portal.context.db.prisma;
  portal.context.db.prisma.$transaction = ((...given: unknown[]) => {
    statements.push(given);
    return ($transaction as (...all: unknown[]) => unknown).apply(portal.context.db.prisma, given);
  }) as typeof $transaction;
  expect(await portal.context.alarms.tick()).toBe(false);
  expect(statements).toEqual([]);
});

test('administrators are told of overdue access while another begins an emergency that stops giving: neither locks the other out', async () => {
  await using portal = await createTestPortal();
  const { context } = portal;
  const { pool } = context.db;
  const grants = await Promise.all([6, 6, 6].map((late) => overdueGrant(portal, late)));
  const last = grants
    .map(({ id }) => id)
    .toSorted()
    .at(-1);
  const waiting = (count: number) =>
    vi.waitFor(
      async () => {
        const { rows } = await pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(rows).toHaveLength(count);
      },
      { timeout: 10_000, interval: 20 },
    );
  const tell = () => context.alarms.tick();
  const begin = () =>
    beginEmergency(
      context,
      { kind: 'all', id: '', confirmation: 'END ALL', reason: 'A break-in', alsoStopGiving: true },
      { kind: 'user', id: 'admin', name: 'Ada', via: 'web' },
    );
  for (const [first, second] of [
    [tell, begin],
    [begin, tell],
  ]) {
    await pool.query(`update grants set emergency_id = null, overdue_told = 0`);
    await pool.query(`update emergencies set swept_at = app_now()`);
    await pool.query(
      `update access_state set overdue_told_at = null, giving_stopped_at = null, giving_stopped_by_id = null,
         giving_stopped_by_name = null, giving_stopped_reason = null`,
    );
    // Somebody works on one of them, so that both stand where they have locked what they could.
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select from grants where id = $1 for update', [last]);
    const one = first!();
    await waiting(1);
    const other = second!();
    await waiting(2);
    await client.query('commit');
    client.release();
    await expect(Promise.all([one, other])).resolves.toHaveLength(2);
  }
  // One that is met with a second try would be one all the same.
  const { rows } = await pool.query('select deadlocks from pg_stat_database where datname = current_database()');
  expect(rows).toEqual([{ deadlocks: '0' }]);
});
