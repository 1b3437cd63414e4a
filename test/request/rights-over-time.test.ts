import { afterEach, describe, expect, it } from 'vitest';
import { type Grant, grantsOfRequest } from '../../src/access/index.ts';
import { createRecurring } from '../../src/platform/recurring.ts';
import { approveRequest, expireDueRequests } from '../../src/request/index.ts';
import { DEMO_PEOPLE, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { changeAccount, deletePermissionSet, deleteUser } from '../../src/sandbox/organization-changes.ts';
import { recurringTasks } from '../../src/worker.ts';
import { look, present, reaches, running, story, watch } from './running.ts';
import { LENA, POWER, priya, STAGING, type Stage, useStage } from './stage.ts';

const shared = useStage();
let putBack: (() => Promise<void>) | null = null;

/** Changes the organization, and puts it back after the test; `copied`: the copy of the directory knows. */
async function change(stage: Stage, what: (stage: Stage) => unknown, copied = false): Promise<void> {
  const { organization } = stage.sandbox;
  const { pool } = stage.context.db;
  const users = [...organization.users];
  const accounts = organization.accounts.map((each) => ({ ...each }));
  const permissionSets = [...organization.permissionSets];
  await what(stage);
  const gone =
    accounts.length > organization.accounts.length || permissionSets.length > organization.permissionSets.length;
  putBack = async () => {
    organization.users.splice(0, Number.POSITIVE_INFINITY, ...users);
    organization.accounts.splice(0, Number.POSITIVE_INFINITY, ...accounts);
    organization.permissionSets.splice(0, Number.POSITIVE_INFINITY, ...permissionSets);
    if (gone) await stage.sync();
  };
  if (!copied) return;
  if (gone) await stage.sync();
  const account = organization.accounts.find(({ id }) => id === STAGING);
  // As the copy does, in no time.
  await pool.query('update accounts set state = $2 where id = $1', [STAGING, account?.state ?? 'ACTIVE']);
}

afterEach(async () => {
  await putBack?.();
  putBack = null;
});

const now = async ({ context }: Stage) =>
  (await context.db.pool.query<{ now: Date }>('select app_now() as now')).rows[0]!.now.getTime();

describe('L12 a person who is elevated', () => {
  const fates = [
    {
      title: 'is disabled',
      cause: 'user_disabled',
      sessions: 'user-disabled',
      befall: ({ sandbox }: Stage) => {
        sandbox.organization.users.find(({ id }) => id === LENA)!.status = 'DISABLED';
      },
    },
    {
      title: 'is deleted',
      cause: 'user_deleted',
      sessions: 'user-deleted',
      befall: ({ sandbox }: Stage) => deleteUser(sandbox, LENA),
    },
    {
      title: 'leaves the group',
      cause: 'rights_lost',
      sessions: null,
      befall: ({ sandbox }: Stage) =>
        sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA),
    },
  ];

  it.each(fates)('$title: the access is gone within five minutes, and the cause is on record', async (fate) => {
    const { stage } = shared;
    const client = await stage.signIn(DEMO_PEOPLE.requester);
    const grant = await running(stage);
    await stage.context.db.pool.query('truncate recurring_tasks');
    const process = createRecurring(stage.context, recurringTasks(stage.context));
    await process.tick();
    const from = await now(stage);
    await change(stage, fate.befall);
    // The worst case: the watch was just there, and comes again when it is due.
    while ((await look(stage, grant)).status === 'active' && (await now(stage)) - from < 300_000) {
      await stage.database.advance({ seconds: 5 });
      await process.tick();
    }
    const ended = await reaches(stage, grant, 'revoked');
    expect(present(stage, grant)).toBe(false);
    expect((await now(stage)) - from).toBeLessThan(300_000);
    expect(ended.endCause).toBe(fate.cause);
    expect((await story(stage, grant))[0]).toContain(`grant.ending system ${fate.cause}`);
    expect(await stage.mails()).toContainEqual(expect.stringMatching(/^access-revoked to Lena/));
    // W05 disabled user: all of their sessions die too.
    const { statusCode } = await client.get('/requests');
    expect(statusCode).toBe(fate.sessions === null ? 200 : 302);
    const sessionsEnded = await stage.context.db.prisma.auditEvent.findMany({ where: { kind: 'session.ended' } });
    expect(sessionsEnded.map(({ after }) => (after as { cause: string }).cause)).toEqual(
      fate.sessions === null ? [] : [fate.sessions],
    );
    await process.stop();
  });
});

const targets = [
  {
    title: 'the permission set is deleted',
    why: /does not have the permission set PowerUser any more/,
    go: ({ sandbox }: Stage) => deletePermissionSet(sandbox, POWER),
  },
  {
    title: 'the account leaves the organization',
    why: /payments-staging is no longer in the organization/,
    go: ({ sandbox }: Stage) => changeAccount(sandbox, STAGING, 'LEFT'),
  },
];
const suspensions = (['SUSPENDED', 'CLOSED'] as const).map((state) => ({
  title: `the account is ${state}`,
  go: ({ sandbox }: Stage) => changeAccount(sandbox, STAGING, state),
}));

describe('L13 target gone', () => {
  it.each(targets)(
    '$title while a request is pending: it is closed with the reason, and the requester is told',
    async ({ go, why }) => {
      const { stage } = shared;
      const { id } = await stage.submit();
      await change(stage, go);
      // The copy is behind: approving finds out, and nothing is closed on what the copy says alone.
      expect(await watch(stage, 'watch-targets')).toBe(0);
      await stage.sync();
      expect(await watch(stage, 'watch-targets')).toBe(1);
      expect(await stage.find(id)).toMatchObject({ status: 'expired', closeComment: expect.stringMatching(why) });
      const mail = await stage.context.db.prisma.outboxMessage.findFirstOrThrow({ where: { kind: 'request-expired' } });
      expect(JSON.stringify(mail.data)).toMatch(why);
      expect(await watch(stage, 'watch-targets')).toBe(0);
      const page = await (await stage.signIn(DEMO_PEOPLE.requester)).get(`/requests/${id}`);
      expect(page.body).toMatch(why);
    },
  );

  it.each(suspensions.slice(0, 1))(
    '$title while a request is pending: nobody can approve it, and it expires in its time',
    async ({ go }) => {
      const { stage } = shared;
      const { id, version } = await stage.submit();
      await change(stage, go, true);
      expect(await watch(stage, 'watch-targets')).toBe(0);
      const page = await (await stage.signIn(DEMO_PEOPLE.requester)).get(`/requests/${id}`);
      expect(page.body).toContain('nobody can approve it');
      const approving = approveRequest(stage.context, { requestId: id, version, comment: 'Yes.' }, priya);
      await expect(approving).rejects.toMatchObject({
        status: 409,
        message: expect.stringMatching(/is (suspended|closed)/),
      });
      await stage.database.advance({ hours: 3, minutes: 1 });
      await expireDueRequests(stage.context);
      expect((await stage.find(id)).status).toBe('expired');
    },
  );

  it.each([...targets, ...suspensions.slice(0, 1)])(
    '$title while access is scheduled: it fails in plain words when it would open',
    async ({ go }) => {
      const { stage } = shared;
      const at = new Date((await now(stage)) + 3_600_000);
      const { id, version } = await stage.submit({ startsAt: at });
      await approveRequest(stage.context, { requestId: id, version, comment: 'Yes.' }, priya);
      const [grant] = await grantsOfRequest(stage.context.db.prisma, id);
      await change(stage, go, true);
      await watch(stage, 'watch-targets');
      await stage.database.advance({ hours: 1, minutes: 1 });
      const failed = await reaches(stage, grant!, 'failed');
      expect(failed.failure).toMatch(
        /does not have the permission set PowerUser|no longer in the organization|suspended|no longer exists|closed/,
      );
      expect(await stage.mails()).toContainEqual(expect.stringMatching(/^access-failed to Lena/));
    },
  );

  it.each(targets)(
    '$title while access is active: it ends as gone, with the cause on record and no error that stays',
    async ({ go, why }) => {
      const { stage } = shared;
      const admin = await stage.signIn(DEMO_PEOPLE.admin);
      const grant = await running(stage);
      await change(stage, go, true);
      expect(await watch(stage, 'watch-targets')).toBe(1);
      const ended = await reaches(stage, grant, 'revoked');
      expect(ended).toMatchObject({ endCause: 'target_gone', gone: true, endComment: expect.stringMatching(why) });
      const page = await admin.get(`/requests/${grant.requestId}`);
      expect(page.body).toMatch(why);
      expect(page.body).toContain('nothing was left to take away');
      await restful(stage, grant);
    },
  );

  it.each(suspensions)(
    '$title while access is active: it is taken away as soon as AWS lets us, and the page says why it takes so long',
    async ({ go }) => {
      const { stage } = shared;
      const lena = await stage.signIn(DEMO_PEOPLE.requester);
      const grant = await running(stage);
      await change(stage, go, true);
      expect(await watch(stage, 'watch-targets')).toBe(1);
      await stage.context.converger.converge(grant.assignmentId);
      const page = await lena.get(`/requests/${grant.requestId}`);
      expect(page.body).toContain('AWS refuses changes in a suspended account');
      stage.sandbox.calls.clear();
      for (let turn = 0; turn < 14; turn++) {
        await stage.context.converger.converge(grant.assignmentId);
        await stage.database.advance({ minutes: 2 });
      }
      expect((await look(stage, grant)).status).toBe('ending');
      expect(present(stage, grant)).toBe(true);
      // The pause between two tries has grown to minutes.
      expect(stage.sandbox.calls.count('DeleteAccountAssignment')).toBeLessThanOrEqual(14);
      changeAccount(stage.sandbox, STAGING, 'ACTIVE');
      for (let minute = 0; minute < 5 && present(stage, grant); minute++) {
        await stage.database.advance({ minutes: 1 });
        await stage.context.converger.converge(grant.assignmentId);
      }
      expect(await reaches(stage, grant, 'revoked')).toMatchObject({ endCause: 'target_gone', gone: false });
      expect(present(stage, grant)).toBe(false);
    },
  );

  it('while AWS does not tell whether an account is there, nothing ends', async () => {
    const { stage } = shared;
    const grant = await running(stage);
    await change(stage, ({ context }) =>
      context.db.pool.query(`update accounts set state = 'SUSPENDED' where id = $1`, [STAGING]),
    );
    stage.sandbox.faults.outageOf = 'organizations';
    try {
      await expect(watch(stage, 'watch-targets')).rejects.toThrow();
    } finally {
      stage.sandbox.faults.outageOf = null;
    }
    expect(await watch(stage, 'watch-targets')).toBe(0);
    expect((await look(stage, grant)).status).toBe('active');
  });
});

/** Nothing is left to do, and after two hours of looking again nothing is. */
async function restful(stage: Stage, { assignmentId }: Grant): Promise<void> {
  for (let tenth = 0; tenth < 8; tenth++) {
    await stage.database.advance({ minutes: 15 });
    await stage.context.converger.converge(assignmentId);
  }
  const row = await stage.context.db.prisma.assignment.findUniqueOrThrow({ where: { id: assignmentId } });
  expect(row).toMatchObject({ ownership: 'unknown', nextAt: null });
}
