import { beforeAll, describe, expect, it } from 'vitest';
import { approveRequest } from '../../src/request/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { selfServed } from './running.ts';
import { DEVELOPMENT, fields, POWER, priya, READ, STAGING, useStage } from './stage.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'priya' | 'tomas' | 'zoe' | 'auditor' | 'admin', TestClient>;

beforeAll(async () => {
  const { signIn } = shared.stage;
  people.lena = await signIn(DEMO_PEOPLE.requester);
  people.priya = await signIn(DEMO_PEOPLE.approver);
  people.tomas = await signIn(DEMO_PEOPLE.secondApprover);
  people.zoe = await signIn('zoë.lindqvist');
  people.auditor = await signIn(DEMO_PEOPLE.auditor);
  people.admin = await signIn(DEMO_PEOPLE.admin);
});

/** Lena's request by the form; gives its address. */
async function ask(overrides: Record<string, string> = {}, client = people.lena): Promise<string> {
  const answer = await client.post('/requests', fields(overrides));
  expect(answer.statusCode, answer.body.slice(0, 2000)).toBe(303);
  return String(answer.headers.location);
}

const decision = { comment: 'Fine.', version: '1' };
const statusOf = (body: string) => /class="badge" data-status="([a-z]+)"/.exec(body)?.[1];

it('leads into AWS while the access is there, and no longer once somebody took it away outside', async () => {
  const { stage } = shared;
  const grant = await selfServed(stage);
  const pages = async () =>
    (await Promise.all(['/', `/requests/${grant.requestId}`].map((path) => people.lena.get(path)))).map(({ body }) =>
      body.includes(`account_id=${grant.accountId}`),
    );
  expect(await pages()).toEqual([true, true]);
  await stage.context.db.prisma.grant.update({ where: { id: grant.id }, data: { removedOutsideAt: new Date() } });
  expect(await pages()).toEqual([false, false]);
});

describe('the form', () => {
  it('offers only what the person is eligible for', async () => {
    const { body } = await people.lena.get('/requests/new');
    expect(body).toContain(`value="${STAGING}"`);
    expect(body).toContain(`value="${DEVELOPMENT}"`);
    expect([...body.matchAll(/<option value="\d{12}"/g)]).toHaveLength(2);
    const stranger = await people.zoe.get('/requests/new');
    expect(stranger.body).toContain('Nothing is offered to you yet');
  });

  it('says what would happen as soon as account and role are chosen, and takes them from the address', async () => {
    const query = new URLSearchParams({
      accountId: STAGING,
      permissionSetArn: POWER,
      durationMinutes: '90',
      ticket: 'CHG-9',
    });
    const { body } = await people.lena.get(`/requests/new?${query}`);
    expect(body).toContain('data-verdict="allowed"');
    expect(body).toContain('Priya Raman, Tomás Novák');
    expect(body).toMatch(/<option value="90" selected/);
    expect(body).toContain('value="CHG-9"');
    expect(body).toContain('ReadOnly is offered to you here too');
    const partial = await people.lena.get(`/requests/new/verdict?${query}`, { 'hx-request': 'true' });
    expect(partial.body).toContain('data-verdict="allowed"');
    expect(partial.body).not.toContain('<html');
  });

  it('puts a sentence at each wrong field, keeps what was typed, and stores nothing', async () => {
    const none = await people.lena.post('/requests', fields({ justification: ' ' }));
    expect(none.body).toContain('id="field-justification-error"');
    expect(none.body).toContain('Say what you are going to do.');
    const wrong = { durationMinutes: '0', justification: 'too short', startsAt: '2020-01-01T10:00', accountId: '' };
    const answer = await people.lena.post('/requests', fields(wrong));
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('Choose an account.');
    expect(answer.body).toContain('Choose at least one minute.');
    expect(answer.body).toContain('Write at least 10 characters.');
    expect(answer.body).toContain('>too short</textarea>');
    expect(await shared.stage.count('requests')).toBe(0);
  });

  it.each([
    ['durationMinutes', '241', 'for up to 4 h'],
    ['durationMinutes', '1e309', 'whole minutes'],
    ['durationMinutes', '-1', 'at least one minute'],
    ['durationMinutes', '1.5', 'whole minutes'],
    ['customMinutes', '241', 'for up to 4 h'],
    ['customMinutes', 'long', 'whole minutes'],
    ['startsAt', '2020-01-01T10:00', 'in the past'],
    ['startsAt', '2999-01-01T10:00', 'within the next 90 days'],
    ['startsAt', 'tomorrow', 'a day and a time'],
    ['justification', 'x'.repeat(2001), 'at most 2000 characters'],
    ['justification', 'a justification with a \u0000 in it', 'cannot be stored'],
    ['ticket', 'x'.repeat(101), 'at most 100 characters'],
  ])('B02 durations/dates: refuses %s %j at its field', async (name, value, sentence) => {
    const answer = await people.lena.post('/requests', fields({ [name]: value }));
    expect(answer.statusCode).toBe(422);
    const error = new RegExp(`id="field-${name}-error">.*?</p>`, 's').exec(answer.body)?.[0];
    expect(error).toContain(sentence);
    expect(await shared.stage.count('requests')).toBe(0);
  });

  it('does not call possible what has a start that cannot be', async () => {
    for (const startsAt of ['2020-01-01T10:00', '2999-01-01T10:00', 'tomorrow']) {
      const query = new URLSearchParams({ accountId: STAGING, permissionSetArn: POWER, startsAt });
      const { body } = await people.lena.get(`/requests/new/verdict?${query}`, { 'hx-request': 'true' });
      expect(body, startsAt).toContain('data-verdict="refused"');
    }
  });

  it('B02 DST local times: asks which one is meant of a time that the clocks pass twice, and refuses one that they jump over', async () => {
    const settings = JSON.stringify({ timeZone: 'Europe/Berlin' });
    await shared.stage.context.db.pool.query(`insert into settings (value) values ($1)`, [settings]);
    const twice = await people.lena.post('/requests', fields({ startsAt: '2026-10-25T02:30' }));
    expect(twice.statusCode).toBe(422);
    expect(twice.body).toContain('value="2026-10-25T02:30+02:00"');
    expect(twice.body).toContain('value="2026-10-25T02:30+01:00"');
    const never = await people.lena.post('/requests', fields({ startsAt: '2026-03-29T02:30' }));
    expect(never.body).toContain('This time does not exist');
  });

  it('refuses what the person is not eligible for with 403, and the record keeps it', async () => {
    const answer = await people.zoe.post('/requests', fields());
    expect(answer.statusCode).toBe(403);
    expect(await shared.stage.kinds()).toEqual(['request.refused']);
  });

  it('A06 mass assignment: fields that are not asked for change nothing', async () => {
    const address = await ask({
      status: 'approved',
      requesterId: 'someone',
      approvalNeeded: 'false',
      expiresAt: '2999-01-01',
    });
    const { body } = await people.lena.get(address);
    expect(statusOf(body)).toBe('pending');
  });

  it('sends mail that fits: what needs no approval waits for none, and what waits may expire', async () => {
    await ask({ accountId: DEVELOPMENT });
    await ask();
    const mails = await shared.stage.context.db.prisma.outboxMessage.findMany({
      where: { kind: 'request-submitted' },
      orderBy: { createdAt: 'asc' },
    });
    const [free, waiting] = mails.map(({ data }) => data as { expiresAt: string | null });
    expect(free?.expiresAt).toBeNull();
    expect(waiting?.expiresAt).toMatch(/^\d{4}-/);
  });

  it('leads a form that is sent twice to the same request', async () => {
    const form = fields();
    const first = await people.lena.post('/requests', form);
    const second = await people.lena.post('/requests', form);
    expect(second.headers.location).toBe(first.headers.location);
  });
});

describe('one request', () => {
  it('is seen by requester, approver, auditor and admin, each as they may, and by nobody else', async () => {
    const address = await ask();
    const words = 'Repair the stuck settlement run.';
    const comment = 'As agreed on the phone.';
    await people.tomas.post(`${address}/approval`, { ...decision, comment });
    for (const client of [people.lena, people.priya, people.tomas, people.auditor]) {
      const { statusCode, body } = await client.get(address);
      expect(statusCode).toBe(200);
      expect(body).toContain(words);
      expect(body).toContain(comment);
    }
    const admin = await people.admin.get(address);
    expect(admin.statusCode).toBe(200);
    expect(admin.body).not.toContain(words);
    expect(admin.body).not.toContain('CHG-7');
    expect(admin.body).not.toContain(comment);
    expect((await people.zoe.get(address)).statusCode).toBe(404);
    expect((await people.lena.get('/requests/00000000-0000-0000-0000-000000000000')).statusCode).toBe(404);
    expect((await people.lena.get('/requests/R-1')).statusCode).toBe(404);
  });

  it('has buttons for those who may press them only', async () => {
    const address = await ask();
    const approve = 'class="button button-primary">Approve<';
    expect((await people.priya.get(address)).body).toContain(approve);
    const own = (await people.lena.get(address)).body;
    expect(own).not.toContain(approve);
    expect(own).toContain('Cancel request');
    expect((await people.auditor.get(address)).body).not.toContain(approve);
  });

  it('has nothing to decide once it was decided', async () => {
    const address = await ask();
    await people.priya.post(`${address}/approval`, decision);
    for (const client of [people.priya, people.tomas, people.auditor, people.admin]) {
      expect((await client.get(address)).body).not.toContain('id="decision"');
    }
  });

  it('answers an open page with nothing until something changed', async () => {
    const address = await ask();
    const { body } = await people.lena.get(address);
    const live = /hx-get="([^"]+\/state\?v=[^"]+)"/.exec(body)?.[1] ?? '';
    expect((await people.lena.get(live, { 'hx-request': 'true' })).statusCode).toBe(204);
    await people.priya.post(`${address}/rejection`, decision);
    const changed = await people.lena.get(live, { 'hx-request': 'true' });
    expect(changed.statusCode).toBe(200);
    expect(statusOf(changed.body)).toBe('rejected');
    expect(changed.body).not.toContain('hx-get');
  });

  it('W07 GET safe: opening the pages that ask before something is destroyed changes nothing', async () => {
    const address = await ask();
    expect((await people.lena.get(`${address}/cancellation`)).statusCode).toBe(200);
    expect((await people.lena.get(`${address}/approval`)).statusCode).toBe(404);
    expect(statusOf((await people.lena.get(address)).body)).toBe('pending');
  });
});

describe('deciding', () => {
  it('approves, and the second approver hears by whom and when', async () => {
    const address = await ask();
    const answer = await people.priya.post(`${address}/approval`, { ...decision, durationMinutes: '' });
    expect(answer.statusCode).toBe(303);
    expect(statusOf((await people.lena.get(address)).body)).toBe('scheduled');
    const second = await people.tomas.post(`${address}/approval`, decision);
    expect(second.statusCode).toBe(409);
    expect(second.body).toContain(`href="${address}"`);
    expect(second.body).toMatch(/was approved by Priya Raman at \d{4}-\d\d-\d\d \d\d:\d\d/);
  });

  it('A02 self approval: is refused with 403 and recorded', async () => {
    const address = await ask({}, people.priya);
    const answer = await people.priya.post(`${address}/approval`, decision);
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('Nobody decides their own request');
    expect(await shared.stage.kinds()).toContain('request.decision-refused');
  });

  it('is unknown to strangers and forbidden to those who may only look', async () => {
    const address = await ask();
    for (const what of ['approval', 'rejection', 'cancellation', 'revocation']) {
      expect((await people.zoe.post(`${address}/${what}`, decision)).statusCode, what).toBe(404);
    }
    expect((await people.auditor.post(`${address}/approval`, decision)).statusCode).toBe(403);
    expect((await people.admin.post(`${address}/approval`, decision)).statusCode).toBe(403);
  });

  it.each([
    ['comment', { comment: '', version: '1' }],
    ['durationMinutes', { ...decision, durationMinutes: '121' }],
    ['durationMinutes', { ...decision, durationMinutes: 'half' }],
  ])('shows the page again with a sentence at %s', async (name, form) => {
    const address = await ask();
    const answer = await people.priya.post(`${address}/approval`, form);
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(`id="field-${name}-error"`);
    expect(await shared.stage.count('decisions')).toBe(0);
  });

  it('takes several at once, each with its own result', async () => {
    const addresses = [await ask(), await ask({ durationMinutes: '60' }), await ask({}, people.priya)];
    const ids = addresses.map((address) => address.split('/').at(-1));
    const form = { verdict: 'approve', comment: 'All fine.', chosen: ids.map((id) => `${id}:1`) };
    const silent = await people.priya.post('/approvals', { ...form, comment: '' });
    expect(silent.statusCode).toBe(422);
    expect(silent.body).toContain('id="field-comment-error"');
    expect(silent.body).toContain(`value="${ids[0]}:1" checked`);
    const answer = await people.priya.post('/approvals', form);
    expect(answer.statusCode).toBe(200);
    expect([...answer.body.matchAll(/data-result="(\w+)"/g)].map((match) => match[1])).toEqual([
      'done',
      'done',
      'refused',
    ]);
    const none = await people.priya.post('/approvals', { verdict: 'approve', comment: 'x' });
    expect(none.statusCode).toBe(422);
  });
});

describe('ending', () => {
  it('asks on a page of its own, ends, and says when there is nothing left', async () => {
    const address = await ask({ accountId: DEVELOPMENT });
    const page = await people.lena.get(`${address}/revocation`);
    expect(page.body).toContain('<button class="button button-danger">End access</button>');
    expect((await people.lena.post(`${address}/revocation`, { comment: '' })).statusCode).toBe(303);
    expect((await people.lena.post(`${address}/revocation`, { comment: '' })).statusCode).toBe(409);
  });

  it('an admin revokes with a comment, and never without', async () => {
    const address = await ask({ accountId: DEVELOPMENT });
    const silent = await people.admin.post(`${address}/revocation`, { comment: '' });
    expect(silent.statusCode).toBe(422);
    expect(silent.body).toContain('id="field-comment-error"');
    expect((await people.admin.post(`${address}/revocation`, { comment: 'Incident 4.' })).statusCode).toBe(303);
    const grant = await shared.stage.context.db.prisma.grant.findFirstOrThrow();
    expect(grant).toMatchObject({ endCause: 'admin', endComment: 'Incident 4.' });
  });

  it('who approves for the account revokes; who approves for others does not know of it', async () => {
    const address = await ask();
    await approveRequest(
      shared.stage.context,
      { requestId: address.split('/').at(-1) ?? '', version: 1, comment: 'Yes.' },
      priya,
    );
    const list = await people.tomas.get('/access/active');
    expect(list.body).toContain(`${address}/revocation`);
    expect((await people.tomas.post(`${address}/revocation`, { comment: 'Stop.' })).statusCode).toBe(303);
    expect((await people.zoe.get('/access/active')).body).not.toContain(address);
  });
});

describe('a role that was not asked for', () => {
  it('is refused though the account is offered', async () => {
    const answer = await people.lena.post('/requests', fields({ accountId: DEVELOPMENT, permissionSetArn: READ }));
    expect(answer.statusCode).toBe(403);
  });
});
