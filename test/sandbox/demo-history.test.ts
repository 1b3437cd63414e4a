import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContext } from '../../src/context.ts';
import { type GrantFacts, seenStatus } from '../../src/request/status.ts';
import type { SeenStatus } from '../../src/request/types.ts';
import { seedDemo } from '../../src/sandbox/demo-history/index.ts';
import { DEMO_PEOPLE, demoOrganization, demoUserId } from '../../src/sandbox/demo-organization.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { startWorker } from '../../src/worker.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { sandboxAws, testConfig } from '../support/platform.ts';

const TABLES = [
  'settings',
  'eligibility_policies',
  'approval_policies',
  'policy_versions',
  'requests',
  'decisions',
  'assignments',
  'assignment_operations',
  'grants',
  'audit_events',
  'activity_events',
  'activity_matches',
  'activity_cursors',
];
const STATUSES: SeenStatus[] = [
  'pending',
  'rejected',
  'cancelled',
  'expired',
  'scheduled',
  'activating',
  'active',
  'ending',
  'ended',
  'revoked',
  'failed',
];

let database: TestDatabase;
let sandbox: Sandbox;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({
    organization: demoOrganization(),
    delayMs: 0,
    callsPerSecond: Number.POSITIVE_INFINITY,
  });
  await seedDemo({ databaseUrl: database.url, sandbox });
});
afterAll(async () => {
  await sandbox.close();
  await database[Symbol.asyncDispose]();
});

async function query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.db.pool.query<Row>(sql, values)).rows;
}

/** What people see of each request, by its number; overdue ones with a mark. */
async function statuses(): Promise<Map<number, string>> {
  const rows = await query<{ number: string; status: 'pending'; now: Date; grants: GrantFacts[] }>(
    `select r.number, r.status, app_now() as now, coalesce(jsonb_agg(jsonb_build_object('status', g.status,
       'closesAt', g.closes_at, 'endDueAt', g.end_due_at)) filter (where g.id is not null), '[]') as grants
     from requests r left join grants g on g.request_id = r.id group by r.number, r.status order by r.number`,
  );
  const date = (at: unknown) => (typeof at === 'string' ? new Date(at) : null);
  return new Map(
    rows.map(({ number, status, now, grants }) => {
      const facts = grants.map((each) => ({
        ...each,
        closesAt: date(each.closesAt),
        endDueAt: date(each.endDueAt),
      }));
      const seen = seenStatus({ status }, facts, now);
      return [Number(number), seen.overdue ? `${seen.status}, overdue` : seen.status];
    }),
  );
}

describe('the history of the demo', () => {
  test('has every status that people can see, with one overdue revoke', async () => {
    const all = [...(await statuses()).values()];
    expect(all.length).toBeGreaterThanOrEqual(50);
    for (const status of STATUSES) expect(all.map((each) => each.replace(', overdue', ''))).toContain(status);
    expect(all.filter((each) => each.includes('overdue'))).toEqual(['ending, overdue']);
    expect(all.filter((each) => each === 'pending')).toHaveLength(4);
  });

  test('has two overlapping grants of one access, a failed grant that can be tried again, and a stale policy', async () => {
    const overlapping = await query<{ count: number }>(
      `select count(*)::int as count from grants where status = 'active' group by assignment_id having count(*) > 1`,
    );
    expect(overlapping).toEqual([{ count: 2 }]);
    const failed = await query<{ failure: string; inTime: boolean }>(
      `select failure, latest_end > app_now() as "inTime" from grants where status = 'failed'`,
    );
    expect(failed).toEqual([{ failure: expect.stringContaining('AWS says: AWS SSO is unable'), inTime: true }]);

    const groups = new Set(sandbox.organization.groups.map(({ id }) => `GROUP:${id}`));
    const policies = await query<{ name: string; principals: string[] }>(
      'select name, principals from eligibility_policies',
    );
    const stale = policies.filter(({ principals }) =>
      principals.some((each) => each.startsWith('GROUP:') && !groups.has(each)),
    );
    expect(stale.map(({ name }) => name)).toEqual(['Migration squad in the catalog']);
  });

  test('has something for each of the people to sign in as', async () => {
    const requester = demoUserId(DEMO_PEOPLE.requester);
    const own = await query<{ status: string }>(
      `select coalesce(g.status, r.status) as status from requests r left join grants g on g.request_id = r.id
       where r.requester_id = $1`,
      [requester],
    );
    for (const status of ['active', 'pending', 'ended']) expect(own.map((each) => each.status)).toContain(status);

    for (const userName of [DEMO_PEOPLE.approver, DEMO_PEOPLE.secondApprover]) {
      const id = demoUserId(userName);
      const groups = [...sandbox.organization.memberships].filter(([, members]) => members.has(id));
      const refs = [`USER:${id}`, ...groups.map(([group]) => `GROUP:${group}`)];
      const [waiting] = await query<{ waiting: number; decided: number }>(
        `select count(*) filter (where r.status = 'pending' and r.requester_id <> $1 and exists (
             select from jsonb_array_elements(r.steps) step where step -> 'approvers' ?| $2::text[]))::int as waiting,
           (select count(*)::int from decisions where approver_id = $1) as decided
         from requests r`,
        [id, refs],
      );
      expect(waiting?.waiting).toBeGreaterThanOrEqual(2);
      expect(waiting?.decided).toBeGreaterThanOrEqual(5);
    }
  });

  test('is numbered and told in the order in which it happened', async () => {
    const outOfOrder = await query(
      `select from (select number, submitted_at, lag(submitted_at) over (order by number) as before from requests) r
       where submitted_at < before
       union all
       select from (select id, at, lag(at) over (order by id) as before from audit_events) e where at < before`,
    );
    expect(outOfOrder).toEqual([]);
    const untold = await query(
      `select r.number from requests r where not exists (
         select from audit_events e where e.request_id = r.id and e.kind = 'request.submitted'
         and (e.after->>'number')::int = r.number)`,
    );
    expect(untold).toEqual([]);
    const [ahead] = await query<{ count: number }>(
      `select count(*)::int as count from audit_events where at > app_now()`,
    );
    expect(ahead?.count).toBe(0);
  });

  test('agrees with what the sandbox has: what is open is there, besides what stood before', async () => {
    expect(await accessInSandbox()).toEqual(await accessByGrants());
  });

  test('shows what was done with the access, with changes and refusals', async () => {
    const [found] = await query<{ events: number; denied: number; changes: number }>(
      `select count(*)::int as events, count(*) filter (where error <> '')::int as denied,
         count(*) filter (where not read_only)::int as changes from activity_events`,
    );
    expect(found?.events).toBeGreaterThan(40);
    expect(found?.denied).toBeGreaterThan(2);
    expect(found?.changes).toBeGreaterThan(5);
    expect(sandbox.events.list()).toHaveLength(found?.events ?? 0);
  });

  test('is written once: a second start changes nothing', async () => {
    const before = await everything();
    await seedDemo({ databaseUrl: database.url, sandbox });
    expect(await everything()).toEqual(before);
  });

  test('is left as it is by a portal that starts on it', async () => {
    const before = await statuses();
    const seededUntil = (await query<{ id: string }>('select max(id)::text as id from audit_events'))[0]?.id;
    const config = testConfig(database, sandbox, { ACTIVITY_REGIONS: 'eu-west-1,us-east-1' });
    const context = await createContext(config, { aws: sandboxAws(sandbox) });
    const worker = await startWorker(context, true);
    try {
      await expect
        .poll(
          async () =>
            (
              await query<{ done: boolean }>(
                `select (select count(*) from directory_syncs where succeeded_at is not null) = 5
                   and exists (select from assignment_operations o join audit_events e
                     on e.after->>'operationId' = o.id::text where e.id > $1 and o.kind = 'delete' and o.outcome = 'refused')
                   and not exists (select from assignments where next_at <= app_now() - interval '10 seconds') as done`,
                [seededUntil],
              )
            )[0]?.done,
          { timeout: 30_000, interval: 200 },
        )
        .toBe(true);
      // AWS's answer is given up for lost: the engine looks, checks the rights and asks again, and nothing comes of it.
      await database.advance({ minutes: 6 });
      await expect
        .poll(
          async () =>
            (
              await query(
                `select from assignment_operations o join audit_events e on e.after->>'operationId' = o.id::text
                 where e.id > $1 and o.kind = 'create' and o.outcome in ('unknown', 'refused')`,
                [seededUntil],
              )
            ).length,
          { timeout: 30_000, interval: 200 },
        )
        .toBeGreaterThanOrEqual(2);
    } finally {
      await worker.stop();
      await context[Symbol.asyncDispose]();
    }
    expect(await statuses()).toEqual(before);
    expect(await accessInSandbox()).toEqual(await accessByGrants());
  });
});

function everything() {
  return Promise.all(TABLES.map((table) => query(`select to_jsonb(t) as row from ${table} t order by t::text`)));
}

const key = (...parts: string[]) => parts.join(' ');

async function accessInSandbox(): Promise<string[]> {
  const all = sandbox.assignments.list();
  return all.map((each) => key(each.principalId, each.accountId, each.permissionSetArn)).sort();
}

async function accessByGrants(): Promise<string[]> {
  const open = await query<{ user_id: string; account_id: string; permission_set_arn: string }>(
    `select distinct user_id, account_id, permission_set_arn from grants where status in ('active', 'ending')`,
  );
  const standing = sandbox.organization.standingAssignments;
  return [
    ...standing.map((each) => key(each.principalId, each.accountId, each.permissionSetArn)),
    ...open.map((each) => key(each.user_id, each.account_id, each.permission_set_arn)),
  ].sort();
}
