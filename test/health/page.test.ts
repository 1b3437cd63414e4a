import { afterEach, expect, onTestFinished, test } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { useStage } from '../request/stage.ts';
import { forbid, gone, overdueGrant, textOf } from './parts.ts';

const holder = useStage();

const clean = () =>
  holder.stage.context.db.pool.query(
    `update access_state set giving_stopped_at = null, giving_stopped_by_id = null, giving_stopped_by_name = null,
       giving_stopped_reason = null`,
  );
afterEach(clean);

const page = async (who: keyof typeof DEMO_PEOPLE = 'admin', address = '/admin/health') => {
  const answer = await (await holder.stage.signIn(DEMO_PEOPLE[who])).get(address);
  expect(answer.statusCode).toBe(200);
  return answer.body;
};

test('where nothing is overdue one line says so, and what was never done says never', async () => {
  const html = await page();
  const text = textOf(html);
  expect(html).toContain('data-verdict="good"');
  expect(text).toContain('No access is overdue.');
  expect(text).toContain('No grant waits for longer than two minutes');
  expect(text).toContain('Copy of users: just now');
  expect(text).toContain('Comparison of what Latchkey gave: never');
  expect(text).toMatch(/Giving, taking away and reading access \d+ of \d+, \d+ a second/);
  expect(text).toContain('Alive');
  expect(html).not.toContain('See Health');
});

test('what is overdue stands with its age, the error in plain words, and a button that has it tried at once', async () => {
  const portal = holder.stage;
  const { assignmentId } = await overdueGrant(portal, 12);
  await portal.context.db.pool.query(`update assignments set take_after = app_now() + interval '2 minutes'`);
  const admin = await portal.signIn(DEMO_PEOPLE.admin);
  const html = (await admin.get('/admin/health')).body;
  const text = textOf(html);
  expect(html).toContain('data-verdict="bad"');
  expect(text).toContain('One grant is overdue for 12 min');
  expect(text).toContain('12 min ago');
  expect(text).toContain('AWS is busy and asks for fewer calls. AWS says: Rate exceeded');
  expect(text).toContain('overdue now: 1');
  // Late by more than five minutes: every page of an administrator says it, and the navigation counts it.
  const home = textOf((await admin.get('/requests')).body);
  expect(home).toContain('overdue for 12 min: its access should be gone and is not. See Health');
  expect(home).toContain('Health 1 waiting');

  const action = /action="(\/admin\/health\/assignments\/[^"]+)"/.exec(html)![1]!;
  const answer = await admin.post(action);
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/admin/health']);
  const { prisma } = portal.context.db;
  expect(await prisma.assignment.findUniqueOrThrow({ where: { id: assignmentId } })).toMatchObject({ takeAfter: null });
  expect(await prisma.assignment.count({ where: { nextAt: { not: null } } })).toBe(1);
  expect(await prisma.auditEvent.findMany({ where: { kind: 'assignment.retry-asked' } })).toMatchObject([
    { subjectId: assignmentId, before: { failures: 3, lastError: 'Rate exceeded' } },
  ]);
});

test('what became of a retry that comes too late, or of nothing at all, is said', async () => {
  const portal = holder.stage;
  const { id, assignmentId } = await overdueGrant(portal, 2);
  await gone(portal, id);
  await portal.context.db.pool.query(
    `update assignments set ownership = 'unknown', absent_seen_at = null, must_be_gone_by = null`,
  );
  const admin = await portal.signIn(DEMO_PEOPLE.admin);
  const late = await admin.post(`/admin/health/assignments/${assignmentId}/retry`);
  expect([late.statusCode, textOf(late.body)]).toEqual([409, expect.stringContaining('gone by now')]);
  for (const none of ['nonsense', '00000000-0000-4000-8000-000000000000'])
    expect((await admin.post(`/admin/health/assignments/${none}/retry`)).statusCode).toBe(404);
});

test('what AWS forbids to be taken away is told at once, on the page and above every other', async () => {
  const portal = holder.stage;
  const { assignmentId } = await overdueGrant(portal, 0);
  expect(textOf(await page('admin', '/requests'))).not.toContain('See Health');
  await forbid(portal, assignmentId);
  expect(textOf(await page('admin', '/requests'))).toContain(
    'AWS forbids Latchkey to take the access of one grant away.',
  );
  await portal.database.advance({ minutes: 2 });
  const text = textOf(await page());
  expect(text).toContain('AWS forbids Latchkey to take this access away.');
  expect(text).toMatch(/Forbidden since \d{4}-/);
});

test('the rest of access that could not be given is not forgotten', async () => {
  const portal = holder.stage;
  const { id } = await overdueGrant(portal, 3);
  await portal.context.db.pool.query(`update grants set status = 'failed', failure = 'AWS said no.' where id = $1`, [
    id,
  ]);
  const text = textOf(await page());
  expect(text).toContain('One assignment is left over from access that could not be given.');
  expect(text).toContain('Left over');
  expect(text).toContain('Retry now');
});

test('grants that wait for long and those that failed stand with the reason, and a retry where it can help', async () => {
  const portal = holder.stage;
  const { pool } = portal.context.db;
  const stuck = await overdueGrant(portal, 0);
  const failed = await overdueGrant(portal, 0);
  // Grants never leave these states backwards: the rows are made as an earlier moment had them.
  await pool.query(`alter table grants disable trigger all; alter table assignments disable trigger all`);
  onTestFinished(async () => {
    await pool.query(`alter table grants enable trigger all; alter table assignments enable trigger all`);
  });
  await pool.query(`update assignments set ownership = 'unknown', absent_seen_at = null, take_after = null`);
  await pool.query(
    `update grants set status = 'activating', opens_at = app_now() - interval '3 minutes', end_cause = null, end_due_at = null where id = $1`,
    [stuck.id],
  );
  await pool.query(
    `update grants set status = 'failed', failure = 'A limit of AWS is reached.', opens_at = app_now() - interval '5 minutes' where id = $1`,
    [failed.id],
  );
  const html = await page();
  const text = textOf(html);
  expect(html).toContain('data-verdict="good"');
  expect(text).toContain('3 min ago');
  expect(text).toContain('AWS is busy and asks for fewer calls.');
  expect(text).toContain('A limit of AWS is reached.');
  expect(html).toContain(`action="/grants/${failed.id}/retry"`);
  expect(html).not.toContain(`action="/grants/${stuck.id}/retry"`);
});

test('while giving is stopped the page says who stopped it and why', async () => {
  const portal = holder.stage;
  await portal.context.db.pool.query(
    `update access_state set giving_stopped_at = app_now(), giving_stopped_by_id = 'x', giving_stopped_by_name = 'Ada',
       giving_stopped_reason = 'A break-in'`,
  );
  const text = textOf(await page());
  expect(text).toContain('No access is overdue. New access is not given: stopped by Ada since 20');
  expect(text).toContain('Ada stopped it');
  expect(text).toContain('(“A break-in”)');
});

test('an open page is left alone while nothing changed, and renewed when something did', async () => {
  const portal = holder.stage;
  const auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  const html = (await auditor.get('/admin/health')).body;
  const state = /hx-get="(\/admin\/health\/state\?v=[^"]+)"/.exec(html)![1]!;
  await overdueGrant(portal, 6);
  const answer = await auditor.get(state, { 'hx-request': 'true' });
  expect(answer.statusCode).toBe(200);
  expect(textOf(answer.body)).toContain('One grant is overdue');
  // Who reads and may not act is offered nothing to press.
  expect(answer.body).not.toContain('Retry now');
});

test('nobody else may read it', async () => {
  const portal = holder.stage;
  const requester = await portal.signIn(DEMO_PEOPLE.requester);
  for (const address of ['/admin/health', '/admin/health/state'])
    expect((await requester.get(address)).statusCode).toBe(403);
  const auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  const id = '00000000-0000-4000-8000-000000000000';
  expect((await auditor.post(`/admin/health/assignments/${id}/retry`)).statusCode).toBe(403);
});

test('while AWS does not answer the first line says since when, and what waits for it', async () => {
  const portal = holder.stage;
  const { assignmentId } = await overdueGrant(portal, 3);
  const other = await overdueGrant(portal, 2);
  await portal.database.advance({ minutes: 2 });
  const { pool } = portal.context.db;
  await pool.query(`update assignments set last_error = 'Service is unable to handle request.' where id = any($1)`, [
    [assignmentId, other.assignmentId],
  ]);
  await forbid(portal, other.assignmentId);
  await pool.query(`update assignments set last_error = 'Service is unable to handle request.' where id = $1`, [
    other.assignmentId,
  ]);
  const text = textOf(await page());
  expect(text).toMatch(/AWS has not answered since 20\S+ \S+ \(\S+\); 2 ends wait for it\. 2 grants are overdue/);
  // What AWS forbade stands with what it said then, whatever came of the tries since.
  expect(text).toContain('The last try came to something else: AWS does not work as it should.');
  expect(text).toContain('AWS says: User: latchkey is not authorized');
  await pool.query(`update assignments set observed_at = app_now() where id = $1`, [assignmentId]);
  expect(textOf(await page())).not.toContain('AWS has not answered');
});

test('the page needs nothing of AWS and nothing of the queue', async () => {
  const portal = holder.stage;
  const admin = await portal.signIn(DEMO_PEOPLE.admin);
  portal.sandbox.faults.outage = true;
  await portal.context.db.pool.query('drop schema pgboss cascade');
  const answer = await admin.get('/admin/health');
  expect(answer.statusCode).toBe(200);
  expect(textOf(answer.body)).toContain('The tables of the job queue are gone.');
});
