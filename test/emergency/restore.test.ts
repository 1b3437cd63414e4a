import { expect, test } from 'vitest';
import { systemActor } from '../../src/audit/index.ts';
import { declareRestored } from '../../src/emergency/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { promises } from './estate.ts';

const PAGE = '/admin/restore';
const CLI = systemActor('cli');

async function goOn(portal: TestPortal, ada: TestClient, more: Record<string, string> = {}) {
  const { restoredAt } = await portal.database.db.prisma.accessState.findFirstOrThrow();
  const form = { restoredAt: restoredAt?.toISOString() ?? '', confirmation: 'GO ON', reason: 'Looked at all of it.' };
  return ada.post(PAGE, { ...form, ...more });
}

/** The comparisons that were asked for have ended. */
async function compared({ database }: TestPortal, { accounts }: { accounts: boolean }): Promise<void> {
  const { pool } = database.db;
  await pool.query(`update drift_requests set finished_at = app_now(), found = 0, error = null`);
  if (accounts) {
    await pool.query(`insert into drift_accounts select id, app_now() from accounts
      on conflict (account_id) do update set read_at = app_now()`);
  }
}

test('F11 restore: a declaration ends every session and open sign-in, holds what is given, asks for everything to be compared, and tells the administrators', async () => {
  await using portal = await createTestPortal();
  const { prisma, pool } = portal.database.db;
  const lena = await portal.signIn(DEMO_PEOPLE.requester);
  await portal.anonymous().get('/login');
  expect((await lena.get('/requests')).statusCode).toBe(200);

  await declareRestored(portal.context, CLI);
  expect((await lena.get('/requests')).statusCode).toBe(302);
  expect(await prisma.session.count()).toBe(0);
  expect(await prisma.signInRequest.count()).toBe(0);
  expect(await prisma.driftRequest.count({ where: { scope: 'own', finishedAt: null } })).toBe(1);
  const { rows } = await pool.query(
    `select kind from audit_events where kind ~ '^(access.restored|session.all-ended)' order by kind`,
  );
  expect(rows.map(({ kind }) => kind)).toEqual(['access.restored', 'session.all-ended']);
  const mails = await prisma.outboxMessage.findMany({ where: { messageId: { startsWith: 'restored.' } } });
  expect(mails.length).toBeGreaterThan(0);

  // Everybody reads it; administrators are led to the list.
  const [again, ada] = await Promise.all([portal.signIn(DEMO_PEOPLE.requester), portal.signIn(DEMO_PEOPLE.admin)]);
  const home = await again.get('/');
  expect(home.body).toContain('Latchkey was restored from a backup');
  expect(home.body).not.toContain(`href="${PAGE}"`);
  expect((await ada.get('/')).body).toContain(`href="${PAGE}"`);
  expect((await again.get(PAGE)).statusCode).toBe(403);
});

test('F11 restore: an administrator goes on only after the comparison, with the word, a reason, and the list of this restore', async () => {
  await using portal = await createTestPortal();
  const { prisma } = portal.database.db;
  const never = await portal.signIn(DEMO_PEOPLE.admin);
  expect((await never.get(PAGE)).body).toContain('No backup was restored');
  await declareRestored(portal.context, CLI);
  const ada = await portal.signIn(DEMO_PEOPLE.admin);
  const held = async () => (await prisma.accessState.findFirstOrThrow()).restoreReviewedAt === null;

  const early = await goOn(portal, ada);
  expect([early.statusCode, early.body.includes('still being compared with AWS')]).toEqual([409, true]);
  // What Latchkey gave has to be compared in any case.
  expect((await goOn(portal, ada, { withoutRest: 'true' })).statusCode).toBe(409);

  await portal.database.db.pool.query(
    `update drift_requests set finished_at = app_now(), error = 'AWS could not be read.'`,
  );
  expect((await goOn(portal, ada)).body).toContain('could not be compared with AWS yet');
  expect((await ada.get(PAGE)).body).toContain('AWS could not be read.');
  expect((await ada.post(`${PAGE}/comparison`, {})).statusCode).toBe(303);
  expect(await prisma.driftRequest.count({ where: { scope: 'own', finishedAt: null } })).toBe(1);

  await compared(portal, { accounts: false });
  const partly = await goOn(portal, ada);
  expect([partly.statusCode, /0 of \d+ accounts have been compared/.test(partly.body)]).toEqual([409, true]);
  // The form comes back as it was typed.
  expect(partly.body).toContain('Looked at all of it.');
  const wrongs: Record<string, string>[] = [{ confirmation: 'yes' }, { reason: '  ' }, { restoredAt: 'soon' }];
  for (const wrong of wrongs) {
    expect((await goOn(portal, ada, { withoutRest: 'true', ...wrong })).statusCode, JSON.stringify(wrong)).toBe(422);
  }
  expect((await goOn(portal, ada, { withoutRest: 'true', restoredAt: '2020-01-01T00:00:00.000Z' })).statusCode).toBe(
    409,
  );
  expect(await held()).toBe(true);

  await compared(portal, { accounts: true });
  expect((await goOn(portal, ada)).statusCode).toBe(303);
  expect(await held()).toBe(false);
  const page = (await ada.get(PAGE)).body;
  expect(page).toContain('data-restore="reviewed"');
  expect(page).not.toContain('New access waits until an administrator has looked');
  const second = await goOn(portal, ada);
  expect([second.statusCode, second.body.includes('has looked already')]).toEqual([409, true]);
  const event = await prisma.auditEvent.findFirstOrThrow({ where: { kind: 'access.restore-reviewed' } });
  expect(event).toMatchObject({ actorKind: 'user', after: { reason: 'Looked at all of it.' } });

  // A second restore is looked at anew.
  await declareRestored(portal.context, CLI);
  expect(await held()).toBe(true);
});

test('what was asked of AWS says since when AWS shows it gone and how long it is watched, and a late end reads as overdue', async () => {
  await using portal = await createTestPortal();
  const { db } = portal.database;
  await promises(db, 1);
  await db.pool.query(
    `insert into grants (assignment_id, basis, user_id, account_id, permission_set_arn, user_display_name, user_name,
       account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, latest_end, status,
       end_due_at, end_cause, created_at)
     select assignment_id, basis, user_id, account_id, permission_set_arn, user_display_name, user_name, account_name,
       ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, latest_end, 'ending',
       app_now() - interval '5 minutes', 'admin', created_at + interval '1 second'
     from grants`,
  );
  await db.pool.query(`update assignments set ownership = 'ours', adopted_at = app_now(), must_be_gone_by = app_now()`);
  await db.pool.query(`insert into assignment_operations (assignment_id, kind, fence, outcome, effective_until)
    select id, 'delete', 1, 'unknown', app_now() + interval '1 hour' from assignments`);
  // Nobody looks after it.
  await db.pool.query(
    `update assignments set next_at = null, lease_holder = 'x', lease_until = app_now() + interval '1 day'`,
  );
  await declareRestored(portal.context, CLI);
  const ada = await portal.signIn(DEMO_PEOPLE.admin);
  const before = (await ada.get(PAGE)).body;
  expect(before).toContain('Its outcome is not known; it is watched until');
  expect(before.match(/Ending, overdue/g)).toHaveLength(2);

  await db.pool.query(`update assignments set observed = 'absent', observed_at = app_now(), absent_since = app_now()`);
  expect((await ada.get(PAGE)).body).toMatch(/AWS shows it gone since[\s\S]{1,300}; it is watched until/);
});
