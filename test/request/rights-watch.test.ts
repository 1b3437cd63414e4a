import { describe, expect, it } from 'vitest';
import { createRecurring } from '../../src/platform/recurring.ts';
import { watchRights } from '../../src/request/index.ts';
import { DEMO_UNITS, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { recurringTasks } from '../../src/worker.ts';
import { look, present, reaches, running, selfServed, story, watch } from './running.ts';
import { LENA, priya, READ, STAGING, type Stage, useStage } from './stage.ts';

const shared = useStage();
const ENGINEERS = demoGroupId('Payments Engineers');
const [ELSEWHERE = ''] = Object.values(DEMO_UNITS);
const leave = ({ sandbox }: Stage) => sandbox.organization.memberships.get(ENGINEERS)!.delete(LENA);
const join = ({ sandbox }: Stage) => sandbox.organization.memberships.get(ENGINEERS)!.add(LENA);

/** Where payments-staging was before any test moved it. */
async function parentOf({ context }: Stage): Promise<string> {
  const { rows } = await context.db.pool.query<{ parent_id: string }>(
    'select parent_id from original_accounts where id = $1',
    [STAGING],
  );
  return rows[0]!.parent_id;
}

async function toldAt({ context }: Stage, { id }: { id: string }): Promise<Date | null> {
  return (await context.db.prisma.grant.findUniqueOrThrow({ where: { id } })).rightsLostToldAt;
}

const alarms = async (stage: Stage) => (await stage.mails()).filter((each) => each.startsWith('alarm'));

/** What can happen to Lena's right while she has the access. */
const losses: {
  title: string;
  why: RegExp;
  lose: (stage: Stage) => Promise<unknown>;
  mend: (stage: Stage) => unknown;
}[] = [
  {
    title: 'the requester leaves the group',
    why: /Lena .* is no longer among those whom the policies let have PowerUser in payments-staging/,
    lose: async (stage) => leave(stage),
    mend: join,
  },
  {
    title: 'the policy is tightened to another role',
    why: /The policies no longer allow PowerUser in payments-staging/,
    lose: (stage) => stage.eligibilityBecomes({ permissionSets: [READ] }),
    mend: (stage) => stage.eligibilityBecomes({}),
  },
  {
    title: 'the policy is disabled',
    why: /The policies no longer allow/,
    lose: (stage) => stage.eligibilityBecomes({ enabled: false }),
    mend: (stage) => stage.eligibilityBecomes({}),
  },
  {
    title: 'the policy has ended',
    why: /The policies no longer allow/,
    lose: (stage) => stage.eligibilityBecomes({ endsAt: new Date('2020-01-01T00:00:00Z') }),
    mend: (stage) => stage.eligibilityBecomes({}),
  },
  {
    title: 'the account moves to another OU',
    why: /The policies no longer allow/,
    lose: async (stage) => {
      await stage.eligibilityBecomes({ targets: [`OU:${await parentOf(stage)}`] });
      await stage.context.db.pool.query('update accounts set parent_id = $2, ancestor_ids = array[$2] where id = $1', [
        STAGING,
        ELSEWHERE,
      ]);
    },
    mend: (stage) => stage.eligibilityBecomes({}),
  },
];

describe('A09 eligibility lost while the access is active', () => {
  it.each(losses)('$title: it is taken away, with the reason on record and in a mail', async ({ why, lose }) => {
    const { stage } = shared;
    const grant = await running(stage);
    expect(await watch(stage, 'watch-rights')).toEqual({ judged: 1, revoked: 0, told: 0 });
    await lose(stage);
    expect(await watch(stage, 'watch-rights')).toEqual({ judged: 1, revoked: 1, told: 0 });
    const ended = await reaches(stage, grant, 'revoked');
    expect(present(stage, grant)).toBe(false);
    expect(ended).toMatchObject({ endCause: 'rights_lost', endComment: expect.stringMatching(why) });
    expect((await story(stage, grant))[0]).toMatch(new RegExp(`^grant.ending system rights_lost .*${why.source}`));
    const mail = await stage.context.db.prisma.outboxMessage.findFirstOrThrow({ where: { kind: 'access-revoked' } });
    expect(JSON.stringify(mail.data)).toMatch(why);
    expect(await watch(stage, 'watch-rights')).toEqual({ judged: 0, revoked: 0, told: 0 });
  });

  it.each(losses)('$title, and the setting says to tell: administrators get one mail and it runs on', async (each) => {
    const { stage } = shared;
    await stage.settings({ onEligibilityLost: 'tell' });
    const grant = await running(stage);
    await each.lose(stage);
    expect(await watch(stage, 'watch-rights')).toEqual({ judged: 1, revoked: 0, told: 1 });
    expect(await watch(stage, 'watch-rights')).toEqual({ judged: 1, revoked: 0, told: 0 });
    expect((await look(stage, grant)).status).toBe('active');
    expect(present(stage, grant)).toBe(true);
    expect(await toldAt(stage, grant)).not.toBeNull();
    const told = await alarms(stage);
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told).size).toBe(told.length);

    await each.mend(stage);
    await watch(stage, 'watch-rights');
    expect(await toldAt(stage, grant)).toBeNull();
    expect((await story(stage, grant)).map((line) => line.split(' ')[0])).toEqual([
      'grant.rights-lost',
      'grant.rights-back',
    ]);
    // Stricter from now on: what is still lost then goes.
    await each.lose(stage);
    await stage.settings({ onEligibilityLost: 'revoke' });
    await watch(stage, 'watch-rights');
    await reaches(stage, grant, 'revoked');
  });
});

describe('what does not end running access', () => {
  const harmless: { title: string; change: (stage: Stage) => Promise<unknown> }[] = [
    {
      title: 'a policy that allows less time',
      change: (stage) => stage.eligibilityBecomes({ maxDurationMinutes: 30 }),
    },
    { title: 'a guardrail that allows less time', change: (stage) => stage.guardrail(15) },
    { title: 'a ticket that is wanted now', change: (stage) => stage.eligibilityBecomes({ ticketRequired: true }) },
    { title: 'an approval policy that is gone', change: (stage) => stage.withoutApprovalPolicy() },
    {
      title: 'an approver who left the group, or the company',
      change: async ({ sandbox }) => {
        sandbox.organization.memberships.get(demoGroupId('Payments Leads'))!.delete(priya.id!);
        sandbox.organization.users.find(({ id }) => id === priya.id)!.status = 'DISABLED';
      },
    },
    { title: 'a second approval that is needed now', change: (stage) => stage.needApprovals(2) },
  ];

  it.each(harmless)('$title', async ({ change }) => {
    const { stage } = shared;
    const grant = await running(stage);
    await change(stage);
    expect(await watch(stage, 'watch-rights')).toEqual({ judged: 1, revoked: 0, told: 0 });
    expect((await look(stage, grant)).status).toBe('active');
  });
});

it('what nobody approved ends where a guardrail now wants approval, and what somebody approved stays', async () => {
  const { stage } = shared;
  const free = await selfServed(stage);
  const approved = await running(stage);
  await stage.context.db.pool.query(
    `insert into guardrails (name, never_self_served, updated_by_id, updated_by_name) values ('Approved', true, 'x', 'x')`,
  );
  expect(await watch(stage, 'watch-rights')).toEqual({ judged: 2, revoked: 1, told: 0 });
  expect((await look(stage, free)).endComment).toMatch(/now needs approval, and was given without/);
  expect((await look(stage, approved)).status).toBe('active');
});

it('what an administrator adopted or broke the glass for rests on no policy and is left alone', async () => {
  const { stage } = shared;
  const grant = await running(stage);
  leave(stage);
  for (const basis of ['adopted', 'break_glass']) {
    await stage.context.db.pool.query('update grants set basis = $2 where id = $1', [grant.id, basis]);
    expect(await watch(stage, 'watch-rights'), basis).toEqual({ judged: 0, revoked: 0, told: 0 });
  }
});

it('while AWS is away, throttles or forbids, nothing is concluded, and it is tried again', async () => {
  const { stage } = shared;
  const { faults } = stage.sandbox;
  const grant = await running(stage);
  leave(stage);
  faults.outageOf = 'identity-store';
  try {
    await expect(watch(stage, 'watch-rights')).rejects.toThrow();
  } finally {
    faults.outageOf = null;
  }
  faults.breakAfter = { operation: 'DescribeUser', calls: 0 };
  try {
    await expect(watch(stage, 'watch-rights')).rejects.toThrow();
  } finally {
    faults.breakAfter = null;
  }
  expect((await look(stage, grant)).status).toBe('active');
  expect(await watch(stage, 'watch-rights')).toMatchObject({ revoked: 1 });
});

it('a membership that is back when the person is looked at leaves nothing', async () => {
  const { stage } = shared;
  const { context } = stage;
  const grant = await running(stage);
  leave(stage);
  const budget: typeof context.budget = {
    ...context.budget,
    async take(family, priority, signal) {
      // The list of groups has shown that they left; the person is read next.
      if (family === 'identitystore:DescribeUser') join(stage);
      await context.budget.take(family, priority, signal);
    },
  };
  const seen = await watchRights({ ...context, budget });
  expect(stage.sandbox.organization.memberships.get(ENGINEERS)!.has(LENA)).toBe(true);
  expect(seen).toEqual({ judged: 1, revoked: 0, told: 0 });
  expect((await look(stage, grant)).status).toBe('active');
  expect(await story(stage, grant)).toEqual([]);
});

it('of two replicas one takes it away, once', async () => {
  const { stage } = shared;
  const grant = await running(stage);
  leave(stage);
  await stage.context.db.pool.query('truncate recurring_tasks');
  const processes = [1, 2].map(() => createRecurring(stage.context, recurringTasks(stage.context)));
  await Promise.all(processes.map((each) => each.tick()));
  await reaches(stage, grant, 'revoked');
  expect((await story(stage, grant)).filter((line) => line.startsWith('grant.ending'))).toHaveLength(1);

  // A policy that changes is noticed at the next look, whatever time it is.
  join(stage);
  const again = await running(stage);
  expect((await processes[0]!.tick()).filter((name) => name === 'watch-rights')).toEqual([]);
  await stage.eligibilityBecomes({ enabled: false });
  expect(await processes[1]!.tick()).toContain('watch-rights');
  expect((await look(stage, again)).endCause).toBe('rights_lost');
  await Promise.all(processes.map((each) => each.stop()));
});

it('telling waits for nobody who works on the access, and of two who tell at once one does', async () => {
  const { stage } = shared;
  await stage.settings({ onEligibilityLost: 'tell' });
  const grant = await running(stage);
  leave(stage);
  const holder = await stage.context.db.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select from assignments where id = $1 for update', [grant.assignmentId]);
    const both = await Promise.all([watch(stage, 'watch-rights'), watch(stage, 'watch-rights')]);
    expect(both.map((seen) => (seen as { told: number }).told).toSorted()).toEqual([0, 1]);
    // What somebody is just ending is left to them.
    await holder.query('update grants set rights_lost_told_at = null where id = $1', [grant.id]);
    expect(await watch(stage, 'watch-rights')).toMatchObject({ told: 0 });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  const told = await alarms(stage);
  expect(told.length).toBeGreaterThan(0);
  expect(new Set(told).size).toBe(told.length);
  expect((await story(stage, grant)).map((line) => line.split(' ')[0])).toEqual(['grant.rights-lost']);
});
