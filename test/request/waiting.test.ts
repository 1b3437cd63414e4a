import { expect, test } from 'vitest';
import { composeLetter, type MailContent } from '../../src/notify/compose.ts';
import { placeInWords } from '../../src/request/waiting.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { overdueGrant, textOf } from '../health/parts.ts';
import { DEVELOPMENT, useStage } from './stage.ts';

const holder = useStage();

test('a place in the line is told as exactly as it is known', () => {
  expect(placeInWords({ place: 1, expectedSeconds: 1 })).toBe('It is next: AWS is asked for the access in a moment.');
  expect(placeInWords({ place: 2, expectedSeconds: 1 })).toContain(
    '1 grant is before it; AWS is asked for the access in about 1 second.',
  );
  expect(placeInWords({ place: 4, expectedSeconds: 17 })).toContain(
    '3 grants are before it; AWS is asked for the access in about 20 seconds.',
  );
  expect(placeInWords({ place: 900, expectedSeconds: 130 })).toContain('about 3 minutes');
});

/** Lena's request, whose assignment another process seems to be at for ever. */
async function waitingRequest(): Promise<{ id: string; assignmentId: string }> {
  const { stage } = holder;
  const { id } = await stage.submit({ accountId: DEVELOPMENT });
  const { pool, prisma } = stage.context.db;
  const { assignmentId } = await prisma.grant.findFirstOrThrow({ where: { requestId: id } });
  await pool.query(
    `update assignments set lease_holder = 'another', lease_until = app_now() + interval '10 years', next_at = null where id = $1`,
    [assignmentId],
  );
  await pool.query(`update grants set status = 'activating' where request_id = $1 and status = 'scheduled'`, [id]);
  return { id, assignmentId };
}

test('a request that waits for AWS says its place, live, and what went wrong so far', async () => {
  const { stage } = holder;
  const { pool } = stage.context.db;
  const { id, assignmentId } = await waitingRequest();
  const lena = await stage.signIn(DEMO_PEOPLE.requester);
  const first = (await lena.get(`/requests/${id}`)).body;
  expect(textOf(first)).toContain('It is next: AWS is asked for the access in a moment.');

  const earlier = await overdueGrant(stage, 0);
  await pool.query('alter table grants disable trigger all');
  await pool.query(
    `update grants set status = 'activating', opens_at = app_now() - interval '1 minute', end_due_at = null, end_cause = null where id = $1`,
    [earlier.id],
  );
  await pool.query('alter table grants enable trigger all');
  const state = /hx-get="([^"]+\/state\?v=[^"]+)"/.exec(first)![1]!.replaceAll('&amp;', '&');
  const behind = await lena.get(state, { 'hx-request': 'true' });
  expect(textOf(behind.body)).toMatch(/1 grant is before it; AWS is asked for the access in about \d+ seconds?\./);
  await pool.query(
    `update assignments set last_error = 'Service Unavailable', next_at = app_now() + interval '1 hour' where id = $1`,
    [assignmentId],
  );
  const answer = await lena.get(state, { 'hx-request': 'true' });
  expect(answer.statusCode).toBe(200);
  expect(textOf(answer.body)).toMatch(
    /AWS has not given the access yet, and the last try did not work\. Latchkey keeps trying\. AWS does not work as it should\. AWS says: Service Unavailable\. The next try is at /,
  );
});

test('access that is late to go says since when, why, and when it is tried again', async () => {
  const { stage } = holder;
  const { pool } = stage.context.db;
  const { id, assignmentId } = await waitingRequest();
  await pool.query(
    `update grants set status = 'ending', end_cause = 'admin', end_due_at = app_now() - interval '4 minutes' where request_id = $1`,
    [id],
  );
  await pool.query(`update assignments set last_error = 'Rate exceeded' where id = $1`, [assignmentId]);
  const lena = await stage.signIn(DEMO_PEOPLE.requester);
  expect(textOf((await lena.get(`/requests/${id}`)).body)).toMatch(
    /It is overdue since \S+ \S+ \(UTC\)\. AWS is busy and asks for fewer calls\. AWS says: Rate exceeded\. It is being tried now\./,
  );
});

test('approved while giving is stopped: its page, the home page and the mail say that it waits for that', async () => {
  const { stage } = holder;
  const { pool, prisma } = stage.context.db;
  await pool.query(
    `update access_state set giving_stopped_at = app_now(), giving_stopped_by_id = 'a', giving_stopped_by_name = 'Ada', giving_stopped_reason = 'x'`,
  );
  const { id } = await waitingRequest();
  const lena = await stage.signIn(DEMO_PEOPLE.requester);
  const page = textOf((await lena.get(`/requests/${id}`)).body);
  expect(page).toContain('It waits because giving access is stopped for now. AWS has not been asked for it.');
  expect(page).not.toContain('AWS was asked for the access');
  const waits =
    /New access is not given at the moment \(since .*\)\. This opens once an administrator allows it again\./;
  expect(textOf((await lena.get('/')).body)).toMatch(waits);
  const { data } = await prisma.outboxMessage.findFirstOrThrow({ where: { kind: 'request-submitted' } });
  const letter = composeLetter(
    'request-submitted',
    data as unknown as MailContent,
    new URL('https://x.example'),
    'UTC',
  );
  expect(letter.next).toContain('New access is not given at the moment; this opens once an administrator allows it');
});

test('access whose end has begun while AWS is away says so at once', async () => {
  const { stage } = holder;
  const { pool } = stage.context.db;
  const { id, assignmentId } = await waitingRequest();
  await pool.query(
    `update grants set status = 'ending', end_cause = 'admin', end_due_at = app_now() where request_id = $1`,
    [id],
  );
  const lena = await stage.signIn(DEMO_PEOPLE.requester);
  const before = (await lena.get(`/requests/${id}`)).body;
  expect(textOf(before)).toContain('has not confirmed it yet.');
  await pool.query(
    `update assignments set last_error = 'connect ECONNREFUSED', next_at = app_now() + interval '1 minute' where id = $1`,
    [assignmentId],
  );
  const state = /hx-get="([^"]+\/state\?v=[^"]+)"/.exec(before)![1]!.replaceAll('&amp;', '&');
  const after = textOf((await lena.get(state, { 'hx-request': 'true' })).body);
  expect(after).toMatch(
    /The access is to be taken away, and the last try did not work\. Latchkey keeps trying\. AWS cannot be reached\. AWS says: connect ECONNREFUSED\. The next try is at /,
  );
  expect(after).not.toContain('AWS was asked to take');
});
