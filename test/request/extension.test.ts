import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../src/access/index.ts';
import { composeLetter, type MailContent } from '../../src/notify/compose.ts';
import { extendAccess } from '../../src/request/extend-access.ts';
import {
  approveRequest,
  cancelRequest,
  expireDueRequests,
  rejectRequest,
  revokeAccess,
  verifyRights,
} from '../../src/request/index.ts';
import { listAll, listMineAlive } from '../../src/request/queries.ts';
import { DEMO_PEOPLE, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { activeAccess, DEVELOPMENT, LENA, lena, priya, tomas, useStage } from './stage.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'priya' | 'zoe' | 'auditor' | 'admin', TestClient>;
const MINUTE = 60_000;
const WHY = 'The migration runs longer than planned.';

beforeAll(async () => {
  const { signIn } = shared.stage;
  people.lena = await signIn(DEMO_PEOPLE.requester);
  people.priya = await signIn(DEMO_PEOPLE.approver);
  people.zoe = await signIn('zoë.lindqvist');
  people.auditor = await signIn(DEMO_PEOPLE.auditor);
  people.admin = await signIn(DEMO_PEOPLE.admin);
});

const prisma = () => shared.stage.context.db.prisma;
const grantOf = async ({ id }: Grant) => await prisma().grant.findUniqueOrThrow({ where: { id } });
const longerBy = async (grant: Grant) =>
  ((await grantOf(grant)).closesAt!.getTime() - grant.closesAt!.getTime()) / MINUTE;
const ask = (requestId: string, durationMinutes = 60, formKey: string = randomUUID()) =>
  extendAccess(shared.stage.context, { requestId, durationMinutes, justification: WHY, formKey }, lena);
const yes = (requestId: string, version = 1) => ({ requestId, version, comment: 'Yes.' });
const form = (more: Record<string, string> = {}) => ({
  durationMinutes: '60',
  comment: WHY,
  formKey: randomUUID(),
  ...more,
});

describe('asking for more time', () => {
  it('is done at once where no approval is needed: the page offers what fits, the end moves, and there is one access', async () => {
    const { stage } = shared;
    const { id, grant, number } = await activeAccess(stage, { accountId: DEVELOPMENT });
    expect((await people.lena.get('/')).body).toContain(`href="/requests/${id}/extension"`);
    const page = (await people.lena.get(`/requests/${id}/extension`)).body;
    expect(page).toContain('Nobody: you get it at once');
    expect([...page.matchAll(/name="durationMinutes" value="(\d+)"/g)].map(([, minutes]) => minutes)).toEqual([
      '15',
      '30',
      '60',
      '120',
    ]);
    const answer = await people.lena.post(`/requests/${id}/extension`, form());
    expect(answer.statusCode).toBe(303);
    const address = String(answer.headers.location);
    expect(await longerBy(grant)).toBe(60);
    const extension = (await people.lena.get(address)).body;
    expect(extension).toContain('data-status="active"');
    expect(extension).toContain(`It extends <a href="/requests/${id}">${number}</a>`);
    const original = (await people.lena.get(`/requests/${id}`)).body;
    expect(original).toMatch(/R-\d+<\/a> 1 h more, approved/);
    expect(original).toMatch(/Access extended <span class="by">by [^<]+<\/span>[\s\S]*?Without a gap, until /);
    expect(original).toMatch(/R-\d+, 1 h more: submitted/);
    const { rows } = await stage.context.db.pool.query('select kind, request_id from audit_events where kind = $1', [
      'grant.extended',
    ]);
    expect(rows).toEqual([{ kind: 'grant.extended', request_id: id }]);
    // One card on the home page, and the extension itself leads to the same grant.
    expect((await listMineAlive(prisma(), LENA)).map(({ requestId }) => requestId)).toEqual([id]);
    expect((await people.lena.get(`${address}/extension`)).body).toContain(`Extend ${number}`);
  });

  it('waits for the same approvers where approval is needed, and an approver can give less', async () => {
    const { stage } = shared;
    const { id, grant, number } = await activeAccess(stage);
    const answer = await people.lena.post(`/requests/${id}/extension`, form());
    const address = String(answer.headers.location);
    const made = await stage.find(address.split('/').at(-1) ?? '');
    expect(made).toMatchObject({ status: 'pending', ticket: 'CHG-7', extendsGrantId: grant.id, durationMinutes: 60 });
    expect(made.expiresAt).toEqual(grant.closesAt);
    expect((await people.lena.get('/')).body).toContain('You asked for more time');
    expect((await people.lena.get(`/requests/${id}`)).body).toMatch(/You asked for 1 h more: <a href="[^"]+">R-\d+</);

    expect((await people.priya.get('/approvals')).body).toMatch(/1 h more<\/span>, until .* instead of /);
    const page = (await people.priya.get(address)).body;
    expect(page).toMatch(
      /asks for <strong>1 h more<\/strong> of <strong>PowerUser<\/strong> in <strong>payments-staging/,
    );
    expect(page).toContain('3 h in all');
    expect(page).not.toContain('already has access to payments-staging');
    const mail = await prisma().outboxMessage.findFirstOrThrow({
      where: { kind: 'approval-needed', messageId: { startsWith: made.id } },
    });
    const letter = composeLetter(
      'approval-needed',
      mail.data as unknown as MailContent,
      new URL('http://localhost'),
      'UTC',
    );
    expect(letter.subject).toContain('asks for 1 h more of PowerUser in payments-staging');
    expect(letter.facts).toContainEqual({ label: 'Extends', value: number });

    const less = { ...yes(made.id), version: '1', durationMinutes: '30' };
    expect((await people.priya.post(`${address}/approval`, less)).statusCode).toBe(303);
    expect(await longerBy(grant)).toBe(30);
    expect(await prisma().extension.findMany()).toMatchObject([{ grantId: grant.id, requestId: made.id }]);
    expect((await people.lena.get(address)).body).toMatch(/It moved the end of R-\d+ from .* to /);
    const approved = await prisma().outboxMessage.findFirstOrThrow({
      where: { kind: 'request-approved', messageId: { startsWith: made.id } },
    });
    const told = composeLetter(
      'request-approved',
      approved.data as unknown as MailContent,
      new URL('http://localhost'),
      'UTC',
    );
    expect(told.lead).toMatch(/approved 30 min more of PowerUser in payments-staging for you; you asked for 1 h\.$/);
    expect(told.facts.map(({ label }) => label)).toEqual(expect.arrayContaining(['Old end', 'New end']));
  });

  it('L11 double submit: the same form sent twenty times at once moves the end once', async () => {
    const { stage } = shared;
    const { id, grant } = await activeAccess(stage, { accountId: DEVELOPMENT });
    const formKey = randomUUID();
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(id, 60, formKey)));
    expect(new Set(all.map((each) => each.id)).size).toBe(1);
    expect(await longerBy(grant)).toBe(60);
    expect(await prisma().extension.count()).toBe(1);
  });

  it('counts the whole time: what is too long in all is refused with what is left, and with nothing left a new request is offered', async () => {
    const { stage } = shared;
    const { id, grant } = await activeAccess(stage, { accountId: DEVELOPMENT });
    const tooLong = await people.lena.post(`/requests/${id}/extension`, form({ customMinutes: '121' }));
    expect(tooLong.statusCode).toBe(422);
    expect(tooLong.body).toContain('In all, this access may last up to 4 h. Choose at most 2 h more.');
    expect(tooLong.body).toContain(WHY);
    await ask(id, 120);
    const full = await people.lena.get(`/requests/${id}/extension`);
    expect(full.statusCode).toBe(200);
    expect(full.body).toContain('lasts as long as it may already: 4 h in all');
    expect(full.body).toContain(`/requests/new?accountId=${DEVELOPMENT}`);
    expect((await people.lena.post(`/requests/${id}/extension`, form({ durationMinutes: '15' }))).statusCode).toBe(409);
    expect(await longerBy(grant)).toBe(120);
  });

  it('is limited by guardrails for the whole time', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage, { accountId: DEVELOPMENT });
    await stage.guardrail(150);
    await expect(ask(id, 31)).rejects.toMatchObject({ status: 422 });
    expect((await ask(id, 30)).status).toBe('approved');
  });

  it('needs approval where the whole time does, and then rests on that approval', async () => {
    const { stage } = shared;
    const { id, grant } = await activeAccess(stage, { accountId: DEVELOPMENT });
    expect(grant.basis).toBe('self_serve');
    await stage.longerWithApproval(DEVELOPMENT, 480);
    const extension = await ask(id, 180);
    expect(extension).toMatchObject({ status: 'pending', approvalNeeded: true });
    await approveRequest(stage.context, yes(extension.id), priya);
    const after = await grantOf(grant);
    expect(after).toMatchObject({ basis: 'approval', durationMinutes: 300 });
    expect(await verifyRights(stage.context, { ...grant, ...after } as Grant)).toEqual({ allowed: true });
  });

  it('says what is wrong with the form, and keeps what was typed', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage);
    const answer = await people.lena.post(
      `/requests/${id}/extension`,
      form({ durationMinutes: '', comment: 'Too few' }),
    );
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('Too few');
    expect(answer.body.match(/class="error"/g)).toHaveLength(2);
  });

  it('is for the requester alone: an approver gets 403, a stranger 404', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage);
    expect((await people.priya.get(`/requests/${id}/extension`)).statusCode).toBe(403);
    expect((await people.priya.post(`/requests/${id}/extension`, form())).statusCode).toBe(403);
    expect((await people.zoe.get(`/requests/${id}/extension`)).statusCode).toBe(404);
    expect((await people.zoe.post(`/requests/${id}/extension`, form())).statusCode).toBe(404);
  });

  it('waits one at a time: a second one is refused with a link to the first', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage);
    const both = await Promise.allSettled([ask(id, 30), ask(id, 60)]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const waiting = await prisma().request.findFirstOrThrow({ where: { status: 'pending' } });
    const answer = await people.lena.post(`/requests/${id}/extension`, form());
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain(`href="/requests/${waiting.id}"`);
  });
});

describe('an extension that comes too late', () => {
  it('is refused with 409 once the end has come, and a new request is offered', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage, { durationMinutes: 15 });
    await stage.database.advance({ minutes: 15 });
    const answer = await people.lena.post(`/requests/${id}/extension`, form());
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain('can no longer be extended');
    expect(answer.body).toMatch(
      /<a class="button button-primary" href="\/requests\/new\?[^"]*ticket=CHG-7">Create a new request/,
    );
  });

  it('is not approved after the access was ended, and is closed with the reason, which the requester hears', async () => {
    const { stage } = shared;
    const { id, grant } = await activeAccess(stage);
    const extension = await ask(id);
    await people.lena.post(`/requests/${id}/revocation`, { comment: '' });
    await expect(approveRequest(stage.context, yes(extension.id), priya)).rejects.toMatchObject({
      status: 409,
      code: 'grant-over',
    });
    expect(await longerBy(grant)).toBe(0);
    expect(await expireDueRequests(stage.context)).toBe(1);
    expect(await stage.find(extension.id)).toMatchObject({
      status: 'expired',
      closeComment: 'The access ended before anybody decided.',
    });
    expect(await stage.mails()).toContain('request-expired to Lena Fischer');
    expect((await people.lena.get(`/requests/${extension.id}`)).body).toMatch(/The access of R-\d+ is over/);
  });

  it('expires with the window at the latest', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage, { durationMinutes: 15 });
    const extension = await ask(id);
    await stage.database.advance({ minutes: 15 });
    await expect(approveRequest(stage.context, yes(extension.id), priya)).rejects.toMatchObject({ status: 409 });
    expect(await expireDueRequests(stage.context)).toBe(1);
  });

  it('can be asked again after a no, and says that nothing changed', async () => {
    const { stage } = shared;
    const { id, grant } = await activeAccess(stage);
    const extension = await ask(id);
    await rejectRequest(stage.context, yes(extension.id), priya);
    const page = (await people.lena.get(`/requests/${extension.id}`)).body;
    expect(page).toMatch(/said no\. R-\d+ ends at .* as before\./);
    expect(page).toContain('Ask for more time again');
    expect(await longerBy(grant)).toBe(0);
    expect((await ask(id)).status).toBe('pending');
  });
});

describe('an extended end', () => {
  it('is told of again before it comes', async () => {
    const { stage } = shared;
    const { converger } = stage.context;
    const { id, grant } = await activeAccess(stage, { accountId: DEVELOPMENT, durationMinutes: 30 });
    const warnings = async () => (await stage.mails()).filter((mail) => mail.startsWith('access-ending-soon')).length;
    await stage.database.advance({ minutes: 20 });
    await converger.converge(grant.assignmentId);
    expect(await warnings()).toBe(1);
    await ask(id, 60);
    await converger.converge(grant.assignmentId);
    expect(await warnings()).toBe(1);
    await stage.database.advance({ minutes: 60 });
    await converger.converge(grant.assignmentId);
    expect(await warnings()).toBe(2);
  });

  it('is moved or not, whoever else acts on the request at the same moment, and nobody waits for each other for good', async () => {
    const { stage } = shared;
    const { context } = stage;
    for (let round = 0; round < 10; round++) {
      const { id, grant } = await activeAccess(stage);
      const extension = await ask(id);
      const [approval, ...others] = await Promise.allSettled([
        approveRequest(context, yes(extension.id), priya),
        revokeAccess(context, { requestId: id, comment: 'Stop.', asAdmin: false }, tomas),
        ask(id, 30),
        cancelRequest(context, { requestId: extension.id, comment: '' }, lena),
        expireDueRequests(context),
        context.converger.converge(grant.assignmentId),
      ]);
      for (const each of [approval, ...others]) {
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ status: 409 });
      }
      const moved = await prisma().extension.count({ where: { requestId: extension.id } });
      expect(moved).toBe(approval.status === 'fulfilled' ? 1 : 0);
      expect(await longerBy(grant)).toBe(moved * 60);
      for (let turn = 0; (await grantOf(grant)).status !== 'revoked' && turn < 50; turn++) {
        await context.converger.converge(grant.assignmentId);
      }
      await expireDueRequests(context);
      expect(await prisma().request.count({ where: { status: 'pending' } })).toBe(0);
    }
  });
});

describe('rights of an extension', () => {
  it('are read at the approval: who left the group or was disabled gets no more time', async () => {
    const { stage } = shared;
    const { id, grant } = await activeAccess(stage);
    const extension = await ask(id);
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA);
    await expect(approveRequest(stage.context, yes(extension.id), priya)).rejects.toMatchObject({
      status: 409,
      code: 'not-eligible',
    });
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.add(LENA);
    stage.sandbox.organization.users.find((user) => user.id === LENA)!.status = 'DISABLED';
    await expect(approveRequest(stage.context, yes(extension.id), priya)).rejects.toMatchObject({
      code: 'requester-gone',
    });
    expect(await longerBy(grant)).toBe(0);
  });

  it('are read when it is asked for, and a refusal is on record', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage);
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA);
    await expect(ask(id)).rejects.toMatchObject({ status: 403, code: 'not-eligible' });
    expect(await stage.kinds()).toContain('request.refused');
  });

  it('are judged for the whole time at the approval too', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage);
    const extension = await ask(id, 120);
    await stage.eligibilityBecomes({ maxDurationMinutes: 180 });
    await expect(approveRequest(stage.context, yes(extension.id), priya)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('approve at most 1 h more'),
    });
    const less = { ...yes(extension.id), durationMinutes: 60 };
    expect((await approveRequest(stage.context, less, priya)).status).toBe('approved');
  });

  it('are not enough for two who approve at once: the end moves once', async () => {
    const { stage } = shared;
    for (let round = 0; round < 5; round++) {
      const { id, grant } = await activeAccess(stage);
      const extension = await ask(id);
      const both = await Promise.allSettled([
        approveRequest(stage.context, yes(extension.id), priya),
        approveRequest(stage.context, yes(extension.id), tomas),
      ]);
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await longerBy(grant)).toBe(60);
    }
  });
});

describe('what is seen of an extension', () => {
  it('has the status of the access that it made longer, in lists, in the log and when that ends', async () => {
    const { stage } = shared;
    const { id, grant, number } = await activeAccess(stage);
    const extension = await ask(id);
    expect((await people.priya.get(`/requests/${extension.id}`)).body).toContain('Effective end: ');
    await approveRequest(stage.context, yes(extension.id), priya);
    const statuses = async () => (await listAll(prisma(), {})).rows.map((row) => [row.status, row.durationMinutes]);
    expect(await statuses()).toEqual([
      ['active', 60],
      ['active', 120],
    ]);
    expect((await people.auditor.get('/audit/approvals')).body).toContain(`extends ${number}`);
    const csv = (await people.auditor.get('/audit/approvals.csv')).body.trim().split('\n');
    expect(csv).toHaveLength(3);
    expect(csv.slice(1).every((line) => line.includes('active'))).toBe(true);
    expect(csv[1]).toContain(`"${number}","3600"`);
    expect((await people.auditor.get('/audit/access.csv')).body.trim().split('\n')).toHaveLength(2);

    // Revoked on the extension's page, it is the access that goes.
    const asks = (await people.priya.get(`/requests/${extension.id}/revocation`)).body;
    expect(asks).toContain(`This ends ${number} altogether`);
    const gone = await people.priya.post(`/requests/${extension.id}/revocation`, { comment: 'Enough.' });
    expect(gone.statusCode).toBe(303);
    expect(await grantOf(grant)).toMatchObject({ status: 'ending', endCause: 'approver' });
    await stage.context.converger.converge(grant.assignmentId);
    expect(new Set((await statuses()).map(([status]) => status))).toEqual(new Set(['revoked']));
    expect((await people.lena.get(`/requests/${extension.id}`)).body).toContain('data-status="revoked"');
  });

  it('hides the words from administrators as those of any request', async () => {
    const { stage } = shared;
    const { id } = await activeAccess(stage);
    const extension = await ask(id);
    const page = (await people.admin.get(`/requests/${extension.id}`)).body;
    expect(page).toContain('It extends');
    expect(page).not.toContain(WHY);
  });
});
