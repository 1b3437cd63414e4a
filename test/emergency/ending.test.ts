import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerAccessJobs } from '../../src/access/index.ts';
import { type BeginEmergency, beginEmergency, NothingToEnd } from '../../src/emergency/begin-emergency.ts';
import { approveRequest } from '../../src/request/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { DEVELOPMENT, LENA, lena, POWER, PRIYA, priya, READ, STAGING, tomas, useStage } from '../request/stage.ts';
import type { TestClient } from '../support/client.ts';
import { ADA, calm, inDevelopment, promises, statuses } from './estate.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'auditor' | 'admin', TestClient>;
const PATIENT = { timeout: 20_000, interval: 50 };
const PAGE = '/admin/emergency';

beforeAll(async () => {
  // Only the engine works: a copy of the directory would come and go between the tests.
  await registerAccessJobs(shared.stage.context, shared.stage.context.converger);
  people.lena = await shared.stage.signIn(DEMO_PEOPLE.requester);
  people.auditor = await shared.stage.signIn(DEMO_PEOPLE.auditor);
  people.admin = await shared.stage.signIn(DEMO_PEOPLE.admin);
});
beforeEach(() => calm(shared.stage));

const seen = () => statuses(shared.stage.context.db);
const begin = (more: Partial<BeginEmergency> = {}) => {
  const kind = more.kind ?? 'all';
  const word = kind === 'all' ? 'END ALL' : kind === 'account' ? DEVELOPMENT : DEMO_PEOPLE.requester;
  const input = { kind, id: '', confirmation: word, reason: 'A laptop was stolen.', alsoStopGiving: false, ...more };
  return beginEmergency(shared.stage.context, input, ADA);
};
/** Lena and Priya have access in payments-dev. */
async function twoWithAccess(): Promise<void> {
  await shared.stage.submit({ accountId: DEVELOPMENT });
  await shared.stage.submit({ accountId: DEVELOPMENT }, priya);
  await expect.poll(seen, PATIENT).toEqual({ active: 2 });
}
const emergencies = () => shared.stage.context.db.prisma.emergency.count();

describe('ending everything', () => {
  test('of a person ends what they have and are promised, tells why, and leaves others and what waits alone', async () => {
    await twoWithAccess();
    const startsAt = new Date(Date.now() + 3_600_000);
    await shared.stage.submit({ accountId: DEVELOPMENT, startsAt });
    const waiting = await shared.stage.submit();
    const { id } = await begin({ kind: 'user', id: LENA });
    await expect.poll(seen, PATIENT).toEqual({ active: 1, revoked: 2 });
    const { assignments } = shared.stage.sandbox;
    expect([assignments.has(inDevelopment(LENA)), assignments.has(inDevelopment(PRIYA))]).toEqual([false, true]);
    const ended = await shared.stage.context.db.prisma.grant.findMany({ where: { userId: LENA } });
    for (const grant of ended) {
      expect(grant).toMatchObject({
        emergencyId: id,
        endCause: 'admin',
        endComment: 'A laptop was stolen.',
        endedById: ADA.id,
      });
    }
    expect((await shared.stage.find(waiting.id)).status).toBe('pending');
  });

  test('in an account, and everywhere', async () => {
    await twoWithAccess();
    const waiting = await shared.stage.submit();
    await approveRequest(shared.stage.context, { requestId: waiting.id, version: 1, comment: 'Fine.' }, priya);
    await expect.poll(seen, PATIENT).toEqual({ active: 3 });
    await begin({ kind: 'account', id: DEVELOPMENT });
    await expect.poll(seen, PATIENT).toEqual({ active: 1, revoked: 2 });
    await begin();
    await expect.poll(seen, PATIENT).toEqual({ revoked: 3 });
  });

  test('leaves what stood before Latchkey, and says so', async () => {
    shared.stage.sandbox.assignments.add(inDevelopment(LENA));
    try {
      await shared.stage.submit({ accountId: DEVELOPMENT });
      await expect.poll(seen, PATIENT).toEqual({ active: 1 });
      const asks = await people.admin.get(`${PAGE}/end?scope=user&person=${LENA}`);
      expect(asks.body).toContain('1 of them through assignments that stood before Latchkey: those stay.');
      const { id } = await begin({ kind: 'user', id: LENA });
      await expect.poll(seen, PATIENT).toEqual({ revoked: 1 });
      expect(shared.stage.sandbox.assignments.has(inDevelopment(LENA))).toBe(true);
      expect((await people.admin.get(`${PAGE}/${id}`)).body).toContain('that stood before Latchkey and stays');
    } finally {
      shared.stage.sandbox.assignments.remove(inDevelopment(LENA));
    }
  });

  test('begun twice at once happens once; what is approved afterwards can be ended by another one', async () => {
    await twoWithAccess();
    const begun = await Promise.allSettled([begin(), begin(), begin()]);
    const refused = begun.filter((each) => each.status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(NothingToEnd);
    await expect.poll(seen, PATIENT).toEqual({ revoked: 2 });
    await shared.stage.submit({ accountId: DEVELOPMENT });
    await begin();
    await expect.poll(seen, PATIENT).toEqual({ revoked: 3 });
    expect(await emergencies()).toBe(2);
  });

  test('with giving stopped, an approval of the same moment is ended or waits, and is never given', async () => {
    await twoWithAccess();
    const asked = await Promise.all(
      [POWER, READ, POWER, READ].map((permissionSetArn) =>
        shared.stage.submit({ permissionSetArn, accountId: STAGING }),
      ),
    );
    const settled = await Promise.allSettled([
      ...asked.map(({ id }, index) =>
        approveRequest(
          shared.stage.context,
          { requestId: id, version: 1, comment: 'Fine.' },
          index % 2 ? tomas : priya,
        ),
      ),
      begin({ alsoStopGiving: true }),
    ]);
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
    const calm = async () => {
      const { active = 0, ending = 0, scheduled = 0, ...rest } = await seen();
      return { moving: active + ending + scheduled, settled: (rest.revoked ?? 0) + (rest.activating ?? 0) };
    };
    await expect.poll(calm, PATIENT).toEqual({ moving: 0, settled: 6 });
    const ours = shared.stage.sandbox.assignments.list();
    expect(ours.filter(({ principalId, principalType }) => principalType === 'USER' && principalId === LENA)).toEqual(
      [],
    );
    const { rows } = await shared.stage.context.db.pool.query<{ late: number }>(
      `select count(*)::int as late from assignment_operations o, access_state s
       where o.kind = 'create' and o.intended_at > s.giving_stopped_at`,
    );
    expect(rows[0]?.late).toBe(0);
  });

  test('one grant that cannot be ended holds up no other, and is tried again', async () => {
    const { pool } = shared.stage.context.db;
    await promises(shared.stage.context.db, 30);
    await pool.query(`create function refuse_one() returns trigger language plpgsql as $$
      begin if new.user_id = 'person-7' and new.status = 'revoked' then raise exception 'not now'; end if; return new; end $$;
      create trigger refuse_one before update on grants for each row execute function refuse_one()`);
    try {
      await begin();
      await expect.poll(seen, PATIENT).toEqual({ revoked: 29, scheduled: 1 });
    } finally {
      await pool.query('drop trigger refuse_one on grants; drop function refuse_one()');
    }
    await expect.poll(seen, PATIENT).toEqual({ revoked: 30 });
  });
});

describe('the page', () => {
  const form = { scope: 'user', person: LENA, confirmation: DEMO_PEOPLE.requester, reason: 'A laptop was stolen.' };

  test('says exactly what would end, and how many requests wait', async () => {
    await twoWithAccess();
    await shared.stage.submit();
    const { body } = await people.admin.get(`${PAGE}/end?scope=user&person=${LENA}`);
    expect(body).toContain('End 1 grant now?');
    expect(body).toContain('1 request of this waits for a decision');
    expect(body).toContain(`Type ${DEMO_PEOPLE.requester} to confirm`);
    const all = await people.admin.get(`${PAGE}/end?scope=all`);
    expect(all.body).toContain('End 2 grants now?');
    expect(all.body).toMatch(/name="stopGiving"[^>]*checked/);
  });

  test('changes nothing for anyone but an administrator, nor without the word and a reason', async () => {
    await twoWithAccess();
    for (const client of [people.lena, people.auditor]) {
      for (const path of [PAGE, `${PAGE}/end?scope=all`]) expect((await client.get(path)).statusCode).toBe(403);
      expect((await client.post(`${PAGE}/end`, form)).statusCode).toBe(403);
    }
    for (const wrong of [
      { confirmation: 'Lena' },
      { confirmation: '' },
      { reason: '' },
      { reason: 'x'.repeat(1001) },
    ]) {
      const answer = await people.admin.post(`${PAGE}/end`, { ...form, ...wrong });
      expect(answer.statusCode, JSON.stringify(wrong).slice(0, 60)).toBe(422);
      expect(answer.body).toContain('class="error"');
    }
    expect((await people.admin.post(`${PAGE}/end`, { ...form, person: 'nobody' })).statusCode).toBe(404);
    expect((await people.admin.post(`${PAGE}/end`, { ...form, person: '' })).statusCode).toBe(422);
    expect((await people.admin.get(`${PAGE}/00000000-0000-4000-8000-000000000000`)).statusCode).toBe(404);
    expect([await emergencies(), await seen()]).toEqual([0, { active: 2 }]);
  });

  test('shows how far it is until AWS has confirmed all of it, and answers a second post with where to look', async () => {
    await twoWithAccess();
    shared.stage.sandbox.faults.outage = true;
    let state = '';
    try {
      const answer = await people.admin.post(`${PAGE}/end`, { ...form, stopGiving: 'true' });
      expect(answer.statusCode, answer.body.slice(0, 300)).toBe(303);
      state = String(answer.headers.location);
      await expect.poll(seen, PATIENT).toEqual({ active: 1, ending: 1 });
      await expect.poll(async () => (await people.admin.get(state)).body, PATIENT).toMatch(/Next try:/);
      const { body } = await people.admin.get(state);
      expect(body).toContain('0 of 1 are gone, confirmed by AWS.');
      expect(body).toContain('data-done="false"');
    } finally {
      shared.stage.sandbox.faults.outage = false;
      // Past the back-off.
      await shared.stage.database.advance({ minutes: 6 });
    }
    await expect
      .poll(async () => (await people.admin.get(state)).body, { ...PATIENT, timeout: 60_000 })
      .toMatch(/It is done: AWS confirmed/);
    expect((await people.admin.get('/')).body).toContain('New access is not given at the moment');
    const past = await people.admin.get(PAGE);
    expect(past.body).toContain('1 of 1 grant gone');
  });

  test('answers a second post while the first is under way with 409 and a link', async () => {
    await twoWithAccess();
    shared.stage.sandbox.faults.outage = true;
    try {
      const first = await people.admin.post(`${PAGE}/end`, form);
      await expect.poll(seen, PATIENT).toEqual({ active: 1, ending: 1 });
      expect(first.statusCode).toBe(303);
      const second = await people.admin.post(`${PAGE}/end`, form);
      expect(second.statusCode).toBe(409);
      expect(second.body).toContain(`href="${first.headers.location}"`);
      expect(await emergencies()).toBe(1);
    } finally {
      shared.stage.sandbox.faults.outage = false;
      // Past the back-off.
      await shared.stage.database.advance({ minutes: 6 });
    }
    await expect.poll(seen, { ...PATIENT, timeout: 60_000 }).toEqual({ active: 1, revoked: 1 });
  });

  test('finds people and accounts without scripts', async () => {
    const found = await people.admin.get(`${PAGE}?personQuery=lena&accountQuery=payments-dev`);
    expect(found.body).toContain(`<option value="${LENA}"`);
    expect(found.body).toContain(`<option value="${DEVELOPMENT}"`);
    expect((await people.admin.get(`${PAGE}/end?scope=user&person=`)).statusCode).toBe(422);
  });
});

test('who ended it is told to the person whose access it was', async () => {
  const { id } = await shared.stage.submit({ accountId: DEVELOPMENT }, lena);
  await expect.poll(seen, PATIENT).toEqual({ active: 1 });
  await begin({ kind: 'user', id: LENA });
  await expect.poll(seen, PATIENT).toEqual({ revoked: 1 });
  await expect
    .poll(async () => (await people.lena.get(`/requests/${id}`)).body, PATIENT)
    .toContain(`taken away early by ${ADA.name}`);
});
