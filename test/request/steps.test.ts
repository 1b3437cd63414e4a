import { beforeAll, describe, expect, it } from 'vitest';
import { composeLetter, type MailContent } from '../../src/notify/compose.ts';
import { approveRequest, rejectRequest } from '../../src/request/index.ts';
import { countWaiting, listAll, listWaiting } from '../../src/request/queries.ts';
import { DEMO_PEOPLE, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { DARIO, dario, fields, PRIYA, priya, TOMAS, tomas, useStage, ZOE, zoe } from './stage.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'priya' | 'tomas' | 'zoe' | 'auditor', TestClient>;

beforeAll(async () => {
  const { signIn } = shared.stage;
  people.lena = await signIn(DEMO_PEOPLE.requester);
  people.priya = await signIn(DEMO_PEOPLE.approver);
  people.tomas = await signIn(DEMO_PEOPLE.secondApprover);
  people.zoe = await signIn('zoë.lindqvist');
  people.auditor = await signIn(DEMO_PEOPLE.auditor);
});

const LEADS = `GROUP:${demoGroupId('Payments Leads')}`;
const three = [PRIYA, TOMAS, ZOE].map((id) => `USER:${id}`).sort();
const leadsThenZoe = {
  steps: [
    { approvers: [LEADS], approvalsNeeded: 1 },
    { approvers: [`USER:${ZOE}`], approvalsNeeded: 1 },
  ],
};
const yes = (requestId: string, version: number) => ({ requestId, version, comment: 'Yes.' });
const approve = (id: string, version: number, actor = priya) =>
  approveRequest(shared.stage.context, yes(id, version), actor);

describe('A08 quorum', () => {
  it('the same person counts once, however often they approve', async () => {
    const { stage } = shared;
    await stage.needApprovals(2);
    const { id } = await stage.submit();
    await approve(id, 1);
    for (const version of [1, 2]) {
      await expect(approve(id, version)).rejects.toMatchObject({ status: 409, code: 'decided-before' });
    }
    expect((await stage.find(id)).status).toBe('pending');
    expect(await stage.count('decisions')).toBe(1);
  });

  it('the same person counts once also where two steps name them', async () => {
    const { stage } = shared;
    const step = { approvers: [LEADS], approvalsNeeded: 1 };
    await stage.approvalBecomes({ steps: [step, step] });
    const { id } = await stage.submit();
    await approve(id, 1);
    await expect(approve(id, 2)).rejects.toMatchObject({ status: 409, code: 'decided-before' });
    expect((await approve(id, 2, tomas)).status).toBe('approved');
  });

  it('of two approvals that are needed, one yes and one no are a no, and a third yes comes too late', async () => {
    const { stage } = shared;
    await stage.approvalBecomes({ steps: [{ approvers: three, approvalsNeeded: 2 }] });
    const { id } = await stage.submit();
    await approve(id, 1);
    await rejectRequest(stage.context, yes(id, 2), tomas);
    await expect(approve(id, 3, zoe)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('was rejected by tomas.novak'),
    });
    expect(await stage.find(id)).toMatchObject({ status: 'rejected', version: 3 });
    expect(await stage.count('grants')).toBe(0);
  });

  it('two who both give the last missing approval at the same moment, each on another node, make one grant', async () => {
    const { stage } = shared;
    await using other = await stage.replica();
    await stage.approvalBecomes({ steps: [{ approvers: three, approvalsNeeded: 2 }] });
    for (let round = 1; round <= 10; round++) {
      const { id } = await stage.submit();
      await approve(id, 1);
      const both = await Promise.allSettled([
        approveRequest(stage.context, yes(id, 2), tomas),
        approveRequest(other.context, yes(id, 2), zoe),
      ]);
      expect(both.flatMap((each) => (each.status === 'rejected' ? [each.reason.status] : []))).toEqual([409]);
      expect(await stage.count('grants')).toBe(round);
    }
  });
});

describe('a request with two steps, from the form to the grant', () => {
  async function ask(): Promise<string> {
    await shared.stage.approvalBecomes(leadsThenZoe);
    const answer = await people.lena.post('/requests', fields());
    return String(answer.headers.location);
  }
  const decision = (version: number) => ({ comment: 'Fine.', version: String(version) });
  const idOf = (address: string) => address.split('/').at(-1) ?? '';

  it('is told of on the form step after step', async () => {
    await shared.stage.approvalBecomes(leadsThenZoe);
    const { accountId, permissionSetArn } = fields();
    const query = new URLSearchParams({ accountId: String(accountId), permissionSetArn: String(permissionSetArn) });
    const { body } = await people.lena.get(`/requests/new/verdict?${query}`);
    const said = /<ol class="verdict-steps">.*?<\/ol>/s
      .exec(body)?.[0]
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(said).toMatch(/^ First one of Priya Raman, Tomás Novák.* Then one of Zoë Lindqvist $/);
  });

  it('copies the requirement with the versions of the policies', async () => {
    const address = await ask();
    const request = await shared.stage.find(idOf(address));
    expect(request.steps).toEqual(leadsThenZoe.steps);
    expect(request.policies).toMatchObject([
      { kind: 'eligibility', version: 1 },
      { kind: 'approval', version: 2, name: 'Payments leads decide' },
    ]);
  });

  it('goes one step after the other: mail, lists and buttons are for who decides the step that waits', async () => {
    const { stage } = shared;
    const address = await ask();
    const prisma = stage.context.db.prisma;
    const asked = async () => (await stage.mails()).filter((mail) => mail.startsWith('approval-needed')).sort();
    const waitsFor = (userId: string, groupIds: string[] = []) => countWaiting(prisma, { userId, groupIds });
    expect(await asked()).toEqual(['approval-needed to Priya Raman', 'approval-needed to Tomás Novák']);
    expect([await waitsFor(TOMAS, [demoGroupId('Payments Leads')]), await waitsFor(ZOE)]).toEqual([1, 0]);
    expect((await people.zoe.get('/approvals')).body).toContain('Nothing waits for you');
    const early = await people.zoe.post(`${address}/approval`, decision(1));
    expect([early.statusCode, early.body.includes('waits for the approvers of another step')]).toEqual([403, true]);
    expect((await people.lena.get('/requests')).body).toContain('Step 1 of 2');

    const first = await people.priya.post(`${address}/approval`, decision(1));
    expect(first.statusCode).toBe(303);
    expect((await people.priya.get(address)).body).toContain('it waits for step 2 of 2');
    expect(await asked()).toEqual([
      'approval-needed to Priya Raman',
      'approval-needed to Tomás Novák',
      'approval-needed to Zoë Lindqvist',
    ]);
    const mail = await prisma.outboxMessage.findFirstOrThrow({ where: { toUserId: ZOE } });
    const letter = composeLetter(
      'approval-needed',
      mail.data as unknown as MailContent,
      new URL('http://localhost'),
      'UTC',
    );
    expect(letter.facts).toContainEqual({ label: 'Approval', value: 'Step 2 of 2' });
    expect([await waitsFor(TOMAS, [demoGroupId('Payments Leads')]), await waitsFor(ZOE)]).toEqual([0, 1]);
    expect((await people.zoe.get('/approvals')).body).toContain('Step 2 of 2');
    expect((await people.auditor.get('/audit/approvals')).body).toContain('Step 2 of 2');
    const page = (await people.lena.get(address)).body;
    expect(page).toContain('Step 1 of 2: 1 of 1 approval.');
    expect(page).toMatch(/Step 2 of 2: 0 of 1 approval\.\s+Can decide: Zoë Lindqvist/);
    expect((await people.lena.get('/')).body).toMatch(/<dt>Awaits<\/dt><dd>Zoë Lindqvist/);
    expect((await people.tomas.post(`${address}/approval`, decision(2))).statusCode).toBe(403);

    expect((await people.zoe.post(`${address}/approval`, decision(2))).statusCode).toBe(303);
    expect(await stage.find(idOf(address))).toMatchObject({ status: 'approved', closedById: ZOE });
    expect(await stage.count('grants')).toBe(1);
  });

  it('says in a list the step that the request itself is at', async () => {
    const { stage } = shared;
    await stage.approvalBecomes(leadsThenZoe);
    const { id } = await stage.submit();
    const stepOf = async () => (await listAll(stage.context.db.prisma, {})).rows[0]?.currentStep;
    expect(await stepOf()).toBe(0);
    await approve(id, 1);
    expect(await stepOf()).toBe(1);
    await approve(id, 2, zoe);
    expect(await stepOf()).toBeNull();
  });

  it('is over with one no, at the last step too, and by who decides a later step before it is their turn', async () => {
    const { stage } = shared;
    await stage.approvalBecomes(leadsThenZoe);
    const { id } = await stage.submit();
    await approve(id, 1);
    expect((await rejectRequest(stage.context, yes(id, 2), zoe)).status).toBe('rejected');
    const other = await stage.submit({ durationMinutes: 30 });
    expect((await rejectRequest(stage.context, yes(other.id, 1), zoe)).status).toBe('rejected');
    expect(await stage.count('grants')).toBe(0);
  });

  it('decides several at once, each by its own step', async () => {
    const { stage } = shared;
    await stage.approvalBecomes(leadsThenZoe);
    const requests = [await stage.submit(), await stage.submit({ durationMinutes: 30 })];
    const chosen = requests.map(({ id }) => `${id}:1`);
    const form = { verdict: 'approve', comment: 'Fine.', chosen };
    const { body } = await people.priya.post('/approvals', form);
    expect(body.match(/your approval is recorded; it waits for step 2 of 2/g)).toHaveLength(2);
    const last = await people.zoe.post('/approvals', { ...form, chosen: requests.map(({ id }) => `${id}:2`) });
    expect(last.body.match(/data-result="done"/g)).toHaveLength(2);
    expect(await stage.count('grants')).toBe(2);
  });

  it('tells those who were asked that it is decided or taken back, and nobody whose turn did not come', async () => {
    const { stage } = shared;
    await stage.approvalBecomes(leadsThenZoe);
    const { id } = await stage.submit();
    await rejectRequest(stage.context, yes(id, 1), priya);
    const told = (await stage.mails()).filter((mail) => mail.startsWith('decided-by-another'));
    expect(told).toEqual(['decided-by-another to Tomás Novák']);
  });

  it('is decided by a single person who is named, and by nobody of their groups', async () => {
    const { stage } = shared;
    await stage.approvalBecomes({ steps: [{ approvers: [`USER:${DARIO}`], approvalsNeeded: 1 }] });
    const { id } = await stage.submit();
    await expect(approve(id, 1)).rejects.toMatchObject({ status: 403 });
    expect((await listWaiting(stage.context.db.prisma, { userId: DARIO, groupIds: [] }, {})).rows).toHaveLength(1);
    expect((await approve(id, 1, dario)).status).toBe('approved');
  });
});
