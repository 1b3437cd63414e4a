import { beforeAll, describe, expect, it } from 'vitest';
import { approveRequest } from '../../src/request/index.ts';
import { rerouteRequests } from '../../src/request/reroute-requests.ts';
import { stuckRequests } from '../../src/request/stuck.ts';
import { DEMO_PEOPLE, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { fields, LENA, PRIYA, priya, STAGING, TOMAS, useStage } from './stage.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'tomas' | 'admin' | 'auditor', TestClient>;

beforeAll(async () => {
  const { signIn } = shared.stage;
  people.lena = await signIn(DEMO_PEOPLE.requester);
  people.tomas = await signIn(DEMO_PEOPLE.secondApprover);
  people.admin = await signIn(DEMO_PEOPLE.admin);
  people.auditor = await signIn(DEMO_PEOPLE.auditor);
});

const LEADS = demoGroupId('Payments Leads');
const prisma = () => shared.stage.context.db.prisma;
const why = async () => (await stuckRequests(prisma())).map((each) => each.why);
const user = (id: string) => shared.stage.sandbox.organization.users.find((each) => each.id === id)!;

/** What happens while a group does not exist at Identity Center; it is there again afterwards. */
async function withoutGroup(id: string, then: () => Promise<void>): Promise<void> {
  const { organization } = shared.stage.sandbox;
  const { groups } = organization;
  const members = organization.memberships.get(id);
  organization.groups = groups.filter((group) => group.id !== id);
  organization.memberships.delete(id);
  try {
    await shared.stage.sync();
    await then();
  } finally {
    organization.groups = groups;
    if (members) organization.memberships.set(id, members);
    await shared.stage.sync();
  }
}

describe('a request that nobody can decide', () => {
  it('says so where the group that approves was deleted, what to do, and that it expires; nothing breaks in any list', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    expect(await why()).toEqual([]);
    await withoutGroup(LEADS, async () => {
      expect(await rerouteRequests(stage.context)).toBe(0);
      const gone = /Nobody can decide this now: the group Payments Leads[^:]* that approves here no longer exists\. /;
      const page = (await people.lena.get(`/requests/${id}`)).body;
      expect(page).toMatch(gone);
      expect(page).toMatch(/An administrator can change the policy; you can cancel it, or it expires at \d{4}-/);
      expect(page).toContain('Cancel request');
      const seen = (await people.admin.get(`/requests/${id}`)).body;
      expect(seen).toMatch(gone);
      expect(seen).toContain('Lena Fischer can cancel it');
      expect(seen).toContain('href="/admin/approval-policies"');
      const home = (await people.admin.get('/')).body;
      expect(home).toContain('Requests that nobody can decide');
      expect(home).toContain(`href="/requests/${id}"`);
      expect((await people.lena.get('/')).body).not.toContain('Requests that nobody can decide');
      for (const [client, address] of [
        [people.tomas, '/'],
        [people.lena, '/requests'],
        [people.lena, '/'],
        [people.auditor, '/audit/approvals'],
        [people.auditor, `/requests/${id}`],
      ] as const) {
        expect((await client.get(address)).statusCode, address).toBe(200);
      }
      const refused = await people.lena.post('/requests', fields({ durationMinutes: '30' }));
      expect(refused.statusCode).toBe(422);
      expect(refused.body).toContain('Named as approvers, but no longer there: Payments Leads');
      expect((await people.lena.post(`/requests/${id}/cancellation`, { comment: '' })).statusCode).toBe(303);
    });
  });

  it('tells an open page that it came to that', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    const { body } = await people.lena.get(`/requests/${id}`);
    const live = /hx-get="([^"]+\/state\?v=[^"]+)"/.exec(body)?.[1] ?? '';
    await stage.context.db.pool.query('delete from memberships where group_id = $1', [LEADS]);
    const answer = await people.lena.get(live, { 'hx-request': 'true' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('Nobody can decide this now');
  });

  it('says so where everyone who approves is disabled, or decided already, and counts nobody twice', async () => {
    const { stage } = shared;
    await stage.needApprovals(2);
    const { id } = await stage.submit();
    await approveRequest(stage.context, { requestId: id, version: 1, comment: 'Yes.' }, priya);
    expect(await why()).toEqual([]);
    user(TOMAS).status = 'DISABLED';
    await stage.sync();
    expect(await why()).toEqual([
      'Nobody can decide this now: whoever approves here is disabled, has left the group, or has decided already.',
    ]);
    user(TOMAS).status = 'ENABLED';
    await stage.sync();
    expect(await why()).toEqual([]);
  });

  it('says so where no policy covers it any more, or too few people are left', async () => {
    const { stage } = shared;
    await stage.submit();
    await stage.needApprovals(3);
    await rerouteRequests(stage.context);
    expect(await why()).toEqual([
      'This cannot be approved now: it still needs 3 approvals, and too few people could give them.',
    ]);
    await stage.withoutApprovalPolicy();
    await rerouteRequests(stage.context);
    expect(await why()).toEqual([
      'Nobody can decide this now: no approval policy covers PowerUser in payments-staging any more.',
    ]);
  });

  it('is not called so because its requester is among the approvers, and is where they are the only one', async () => {
    const { stage } = shared;
    await stage.submit({}, priya);
    expect(await why()).toEqual([]);
    await stage.approvalBecomes({ steps: [{ approvers: [`USER:${LENA}`], approvalsNeeded: 1 }] });
    await stage.submit({}, priya);
    await stage.approvalBecomes({ steps: [{ approvers: [`USER:${PRIYA}`], approvalsNeeded: 1 }] });
    await rerouteRequests(stage.context);
    expect(await why()).toHaveLength(2);
  });

  it('says so to administrators where AWS suspended the account', async () => {
    const { stage } = shared;
    await stage.submit();
    await stage.context.db.pool.query(`update accounts set state = 'SUSPENDED' where id = $1`, [STAGING]);
    expect(await why()).toEqual(['AWS suspended the account payments-staging, or it was closed: nobody can use it.']);
    expect((await people.admin.get('/')).body).toContain('AWS suspended the account payments-staging');
  });
});
