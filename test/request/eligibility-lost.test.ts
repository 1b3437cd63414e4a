import { describe, expect, it } from 'vitest';
import { grantsOfRequest } from '../../src/access/index.ts';
import { approveRequest, rejectRequest, verifyRights } from '../../src/request/index.ts';
import { DEMO_UNITS, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { DEVELOPMENT, LENA, POWER, priya, READ, STAGING, type Stage, tomas, useStage } from './stage.ts';

const shared = useStage();
const yes = (requestId: string, version = 1) => ({ requestId, version, comment: 'Yes.' });
const [ELSEWHERE = ''] = Object.values(DEMO_UNITS);

async function parentOf(stage: Stage): Promise<string> {
  const { rows } = await stage.context.db.pool.query<{ parent_id: string }>(
    'select parent_id from accounts where id = $1',
    [STAGING],
  );
  return rows[0]!.parent_id;
}

/** What can happen to Lena's right between two steps, and what is said of it. */
const losses: { title: string; reason: RegExp; lose: (stage: Stage) => Promise<unknown> }[] = [
  {
    title: 'the requester leaves the group',
    reason: /No policy lets/,
    lose: async ({ sandbox }) => sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA),
  },
  {
    title: 'the requester is disabled',
    reason: /is disabled in Identity Center/,
    lose: async ({ sandbox }) => {
      sandbox.organization.users.find(({ id }) => id === LENA)!.status = 'DISABLED';
    },
  },
  {
    title: 'the policy no longer has the role',
    reason: /No policy lets/,
    lose: (stage) => stage.eligibilityBecomes({ permissionSets: [READ] }),
  },
  {
    title: 'the policy excludes the account',
    reason: /No policy lets/,
    lose: async (stage) =>
      stage.eligibilityBecomes({ targets: [`OU:${await parentOf(stage)}`], exclusions: [`ACCOUNT:${STAGING}`] }),
  },
  {
    title: 'the policy is disabled',
    reason: /No policy lets/,
    lose: (stage) => stage.eligibilityBecomes({ enabled: false }),
  },
  {
    title: 'the policy has ended',
    reason: /No policy lets/,
    lose: (stage) => stage.eligibilityBecomes({ endsAt: new Date('2020-01-01T00:00:00Z') }),
  },
  {
    title: 'the policy is tightened to less time',
    reason: /up to 1 h/,
    lose: (stage) => stage.eligibilityBecomes({ maxDurationMinutes: 60 }),
  },
  { title: 'a guardrail limits the time', reason: /up to 45 min/, lose: (stage) => stage.guardrail(45) },
  {
    title: 'the account moves to another OU',
    reason: /No policy lets/,
    lose: async (stage) => {
      await stage.eligibilityBecomes({ targets: [`OU:${await parentOf(stage)}`] });
      const move = 'update accounts set parent_id = $2, ancestor_ids = array[$2] where id = $1';
      await stage.context.db.pool.query(move, [STAGING, ELSEWHERE]);
    },
  },
  {
    title: 'the account is suspended',
    reason: /payments-staging \(\d{12}\) is suspended by AWS/,
    lose: ({ context }) => context.db.pool.query(`update accounts set state = 'SUSPENDED' where id = $1`, [STAGING]),
  },
  {
    title: 'the role reaches the management account',
    reason: /PowerUser is also provisioned to the management account/,
    lose: ({ context }) =>
      context.db.pool.query('update permission_sets set in_management_account = true where arn = $1', [POWER]),
  },
];

describe('A09 eligibility lost between the request and the approval', () => {
  it.each(losses)(
    '$title: no approval is taken, with the reason, and no decision is kept',
    async ({ reason, lose }) => {
      const { stage } = shared;
      const { id } = await stage.submit();
      await lose(stage);
      const approved = approveRequest(stage.context, yes(id), priya);
      await expect(approved).rejects.toMatchObject({ status: 409, message: expect.stringMatching(reason) });
      await expect(approved).rejects.toMatchObject({
        message: expect.stringContaining('Reject it, or let it expire at'),
      });
      expect(await stage.count('decisions')).toBe(0);
      expect(await stage.find(id)).toMatchObject({ status: 'pending', version: 1 });
      expect(await stage.kinds()).toEqual(['request.submitted', 'request.decision-refused']);
      expect((await rejectRequest(stage.context, yes(id), priya)).status).toBe('rejected');
    },
  );

  it('also at the last of several approvals, and what was approved before gives nothing', async () => {
    const { stage } = shared;
    await stage.needApprovals(2);
    const { id } = await stage.submit();
    await approveRequest(stage.context, yes(id), priya);
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA);
    await expect(approveRequest(stage.context, yes(id, 2), tomas)).rejects.toMatchObject({ status: 409 });
    expect(await stage.count('grants')).toBe(0);
  });

  it('an approver may give as much as the policies still allow', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.guardrail(45);
    const shorter = { ...yes(id), durationMinutes: 45 };
    expect(await approveRequest(stage.context, shorter, priya)).toMatchObject({ approvedDurationMinutes: 45 });
  });

  it('durations that the form offers bind nobody who approves, before or after the setting', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.settings({ allowedDurationsMinutes: [60] });
    const after = await approveRequest(stage.context, { ...yes(id), durationMinutes: 25 }, priya);
    expect(after.status).toBe('approved');
    const [grant] = await grantsOfRequest(stage.context.db.prisma, id);
    expect(await verifyRights(stage.context, grant!)).toEqual({ allowed: true });
  });
});

describe('A09 eligibility lost between the approval and the grant', () => {
  it.each(losses)('$title: nothing is given, with the reason', async ({ reason, lose }) => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await approveRequest(stage.context, yes(id), priya);
    const [grant] = await grantsOfRequest(stage.context.db.prisma, id);
    expect(await verifyRights(stage.context, grant!)).toEqual({ allowed: true });
    await lose(stage);
    expect(await verifyRights(stage.context, grant!)).toEqual({
      allowed: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('an approver who leaves, or a policy that names others, does not undo what was decided', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await approveRequest(stage.context, yes(id), priya);
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Leads'))!.clear();
    await stage.withoutApprovalPolicy();
    const [grant] = await grantsOfRequest(stage.context.db.prisma, id);
    expect(await verifyRights(stage.context, grant!)).toEqual({ allowed: true });
  });

  it('what came without approval is not given once it needs one', async () => {
    const { stage } = shared;
    const { id } = await stage.submit({ accountId: DEVELOPMENT });
    const [grant] = await grantsOfRequest(stage.context.db.prisma, id);
    await stage.context.db.pool.query(
      `insert into guardrails (name, never_self_served, updated_by_id, updated_by_name) values ('Never', true, 'x', 'x')`,
    );
    expect(await verifyRights(stage.context, grant!)).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('It now needs approval'),
    });
  });
});

describe('A05 directory down: nobody decides while memberships cannot be read', () => {
  it.each(['approver', 'requester'] as const)('of the %s: 503, and nothing is kept', async (who) => {
    const { stage } = shared;
    const { id } = await stage.submit();
    const { faults } = stage.sandbox;
    // The approver is asked about first.
    if (who === 'approver') faults.outageOf = 'identity-store';
    else faults.breakAfter = { operation: 'DescribeUser', calls: 1 };
    try {
      await expect(approveRequest(stage.context, yes(id), priya)).rejects.toMatchObject({ status: 503 });
      if (who === 'approver')
        await expect(rejectRequest(stage.context, yes(id), priya)).rejects.toMatchObject({ status: 503 });
    } finally {
      faults.outageOf = null;
      faults.breakAfter = null;
    }
    expect(await stage.count('decisions')).toBe(0);
    expect(await stage.find(id)).toMatchObject({ status: 'pending', version: 1 });
    expect(await stage.kinds()).toEqual(['request.submitted']);
    expect((await approveRequest(stage.context, yes(id), priya)).status).toBe('approved');
  });

  it('what an approver could say no to, they can, though the requester cannot be read', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    stage.sandbox.faults.breakAfter = { operation: 'DescribeUser', calls: 1 };
    try {
      expect((await rejectRequest(stage.context, yes(id), priya)).status).toBe('rejected');
    } finally {
      stage.sandbox.faults.breakAfter = null;
    }
  });
});
