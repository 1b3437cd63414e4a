import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerAccessJobs } from '../../src/access/index.ts';
import { changeGiving } from '../../src/emergency/change-giving.ts';
import { approveRequest } from '../../src/request/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { DEVELOPMENT, LENA, lena, priya, useStage } from '../request/stage.ts';
import type { TestClient } from '../support/client.ts';
import { ADA, calm, inDevelopment, statuses } from './estate.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'priya' | 'auditor' | 'admin', TestClient>;
const PATIENT = { timeout: 20_000, interval: 50 };
const SAYS = 'New access is not given at the moment (since ';

beforeAll(async () => {
  // Only the engine works: a copy of the directory would come and go between the tests.
  await registerAccessJobs(shared.stage.context, shared.stage.context.converger);
  people.lena = await shared.stage.signIn(DEMO_PEOPLE.requester);
  people.priya = await shared.stage.signIn(DEMO_PEOPLE.approver);
  people.auditor = await shared.stage.signIn(DEMO_PEOPLE.auditor);
  people.admin = await shared.stage.signIn(DEMO_PEOPLE.admin);
});
beforeEach(() => calm(shared.stage));

const change = (to: 'stop' | 'allow', reason = 'A laptop was stolen.') =>
  changeGiving(shared.stage.context, { to, confirmation: to === 'stop' ? 'STOP' : 'ALLOW', reason }, ADA);
const seen = () => statuses(shared.stage.context.db);
const ownCreates = () => shared.stage.sandbox.calls.count('CreateAccountAssignment');

async function emergencyEvents(): Promise<string[]> {
  const { rows } = await shared.stage.context.db.pool.query<{ kind: string }>(
    "select kind from audit_events where kind like 'access.giving-%' or kind like 'emergency.%' order by id",
  );
  return rows.map(({ kind }) => kind);
}

describe('while giving access is stopped', () => {
  test('nothing that is approved is given, and all of it opens as soon as it is allowed again', async () => {
    await change('stop');
    const before = ownCreates();
    await shared.stage.submit({ accountId: DEVELOPMENT });
    const waiting = await shared.stage.submit();
    await approveRequest(shared.stage.context, { requestId: waiting.id, version: 1, comment: 'Fine.' }, priya);
    await expect.poll(seen, PATIENT).toEqual({ activating: 2 });
    // Each of them was looked after: it rests until the next minute.
    const rests = async () => {
      const { rows } = await shared.stage.context.db.pool.query(
        "select 1 from assignments where next_at > app_now() + interval '20 seconds' and lease_until is null",
      );
      return rows.length;
    };
    await expect.poll(rests, PATIENT).toBe(2);
    expect(ownCreates()).toBe(before);

    await change('allow', 'The laptop is found.');
    await expect.poll(seen, PATIENT).toEqual({ active: 2 });
    expect(await emergencyEvents()).toEqual(['access.giving-stopped', 'access.giving-resumed']);
    const { rows } = await shared.stage.context.db.pool.query<{ to_user_id: string }>(
      "select distinct to_user_id from outbox_messages where message_id like 'giving-%'",
    );
    expect(rows.map((row) => row.to_user_id)).not.toContain(ADA.id);
    expect(rows.length).toBeGreaterThan(0);
  });

  test('access that is there stays, and ends at its time', async () => {
    await shared.stage.submit({ accountId: DEVELOPMENT, durationMinutes: 30 });
    await expect.poll(seen, PATIENT).toEqual({ active: 1 });
    await change('stop');
    expect(shared.stage.sandbox.assignments.has(inDevelopment(LENA))).toBe(true);
    await shared.stage.database.advance({ minutes: 31 });
    await expect.poll(seen, PATIENT).toEqual({ ended: 1 });
  });

  test('stopping twice at once stops once, and so does allowing', async () => {
    const stops = await Promise.allSettled([change('stop'), change('stop')]);
    expect(stops.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const allows = await Promise.allSettled([change('allow'), change('allow')]);
    expect(allows.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await emergencyEvents()).toEqual(['access.giving-stopped', 'access.giving-resumed']);
  });

  test('no create is intended after the stop, however many are on their way', async () => {
    const asked = Promise.all([
      shared.stage.submit({ accountId: DEVELOPMENT }),
      shared.stage.submit({ accountId: DEVELOPMENT }, priya),
    ]);
    await Promise.all([asked, change('stop')]);
    await expect.poll(async () => (await seen()).scheduled ?? 0, PATIENT).toBe(0);
    const { rows } = await shared.stage.context.db.pool.query<{ late: number }>(
      `select count(*)::int as late from assignment_operations o, access_state s
       where o.kind = 'create' and o.intended_at > s.giving_stopped_at`,
    );
    expect(rows[0]?.late).toBe(0);
  });
});

describe('every page and form says that giving is stopped', () => {
  test('to everybody who is signed in, with the reason, and nowhere once it is allowed again', async () => {
    await change('stop', 'A <b>laptop</b> was stolen.');
    for (const [client, path] of [
      [people.lena, '/'],
      [people.priya, '/approvals'],
      [people.auditor, '/audit/access'],
      [people.admin, '/admin/emergency'],
    ] as const) {
      const { body } = await client.get(path);
      expect(body, path).toContain(SAYS);
      expect(body, path).toContain('A &lt;b&gt;laptop&lt;/b&gt; was stolen.');
    }
    expect((await shared.stage.anonymous().get('/signed-out')).body).not.toContain(SAYS);
    await change('allow');
    for (const client of Object.values(people)) expect((await client.get('/')).body).not.toContain(SAYS);
  });

  test('the form that asks, its live verdict, the request that waits, and the form that decides', async () => {
    const asked = await shared.stage.submit();
    await change('stop');
    const filled = new URLSearchParams({ accountId: asked.accountId, permissionSetArn: asked.permissionSetArn });
    const inside = (body: string) => body.slice(body.indexOf('<main') + 1);
    const form = inside((await people.lena.get(`/requests/new?${filled}`)).body);
    expect(form).toContain(SAYS);
    expect(form).toContain('You can ask; it opens once an administrator allows it again.');
    const live = await people.lena.get(`/requests/new/verdict?${filled}`, { 'hx-request': 'true' });
    expect(live.body).toContain(SAYS);
    expect(inside((await people.lena.get(`/requests/${asked.id}`)).body)).toContain('This opens once an administrator');
    const decide = inside((await people.priya.get(`/requests/${asked.id}`)).body);
    expect(decide).toContain('You can decide; what you approve opens once an administrator allows it again.');
    // Asking stays possible.
    expect((await shared.stage.submit({ permissionSetArn: asked.permissionSetArn }, lena)).status).toBe('pending');
  });
});

describe('the page', () => {
  const form = { to: 'stop', confirmation: 'STOP', reason: 'A laptop was stolen.' };
  const stopped = async () => (await shared.stage.context.db.prisma.accessState.findFirstOrThrow()).givingStoppedAt;

  test('stops only for an administrator who types the word and says why', async () => {
    for (const client of [people.lena, people.priya, people.auditor]) {
      expect((await client.get('/admin/emergency')).statusCode).toBe(403);
      expect((await client.post('/admin/emergency/giving', form)).statusCode).toBe(403);
    }
    for (const wrong of [
      { confirmation: 'stop' },
      { confirmation: '' },
      { reason: ' ' },
      { reason: 'x'.repeat(1001) },
    ]) {
      const answer = await people.admin.post('/admin/emergency/giving', { ...form, ...wrong });
      expect(answer.statusCode, JSON.stringify(wrong).slice(0, 60)).toBe(422);
      expect(answer.body).toContain('class="error"');
    }
    expect(await stopped()).toBeNull();
    expect((await people.admin.post('/admin/emergency/giving', form)).statusCode).toBe(303);
    expect(await stopped()).not.toBeNull();
    const again = await people.admin.post('/admin/emergency/giving', form);
    expect(again.statusCode).toBe(409);
    expect(again.body).toContain('Giving access is stopped already.');
  });
});
