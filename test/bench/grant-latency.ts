import { randomUUID } from 'node:crypto';
import { DescribeUserCommand, IdentitystoreClient } from '@aws-sdk/client-identitystore';
import pg from 'pg';
import { createDb } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { createQueue } from '../../src/platform/queue.ts';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import { overHttp, signIn, TestClient } from '../support/client.ts';
import { startPortalProcess, untilReady } from '../support/process.ts';
import { percentile, type Stage, setStage } from './stage.ts';

const APPROVALS = 300;
const EVERY_MS = 500;
const EMPTY_JOB = 'bench-empty';

/**
 * From the approver's POST to the arrival of CreateAccountAssignment at the sandbox: 300 approvals, two a second, each
 * for another account. The floor, measured between them: an empty pg-boss job woken by LISTEN/NOTIFY, followed by as
 * many calls to the sandbox as an approval makes before its create.
 */
export async function grantLatency(): Promise<string> {
  const organization = generateOrganization({
    seed: 1,
    accounts: APPROVALS + 20,
    permissionSets: 3,
    users: 20,
    groups: 5,
  });
  const [requester, approver] = organization.users.filter((user) => user.status === 'ENABLED');
  const adminGroup = organization.groups[0];
  const [permissionSet] = organization.permissionSets;
  if (!requester || !approver || !adminGroup || !permissionSet) throw new Error('the organization is too small');
  const accounts = organization.accounts.filter(
    (account) => account.state === 'ACTIVE' && account.id !== organization.managementAccountId,
  );

  await using stage = await setStage({ organization, delayMs: 0 });
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
  await using portal = await startPortalProcess({ ...stage.environment, ADMIN_GROUPS: adminGroup.id });
  await untilReady(portal);
  await untilCopied(pool);
  await addPolicies(pool, requester.id, approver.id, permissionSet.arn, organization.root.id);
  const requests = await addRequests(pool, requester, approver.id, permissionSet, accounts.slice(0, APPROVALS));
  const client = await signIn(new TestClient(overHttp(stage.baseUrl)), approver.userName);
  await client.csrf();

  await using floor = await floorOf(stage, approver.id, organization.identityStoreId);
  // Both sides warm up: connections, prepared statements, compiled code.
  await floor.once(2);

  const calls = callsBeforeCreate();
  const latencies: number[] = [];
  const floors: number[] = [];
  let nextAt = performance.now();
  for (const { id, accountId } of requests) {
    await sleepUntil(nextAt);
    nextAt += EVERY_MS;
    const seen = stage.sandbox.calls.list().length;
    const arrival = arrivalOf(stage, accountId);
    const posted = performance.now();
    const answer = await client.post(`/requests/${id}/approval`, { comment: 'for the benchmark', version: '1' });
    if (answer.statusCode !== 303) throw new Error(`approving gave ${answer.statusCode}: ${answer.body.slice(0, 400)}`);
    latencies.push((await arrival) - posted);
    calls.add(
      stage.sandbox.calls
        .list()
        .slice(seen)
        .filter((call) => call.at >= posted),
      accountId,
    );
    // What the portal still does for this one must not disturb the floor.
    await sleepUntil(Math.min(nextAt - 150, performance.now() + 200));
    floors.push(await floor.once(calls.usual()));
  }
  await pool.end();

  const [p50, p95, floorP50, floorP95] = [
    percentile(latencies, 0.5),
    percentile(latencies, 0.95),
    percentile(floors, 0.5),
    percentile(floors, 0.95),
  ];
  console.table({
    'POST to CreateAccountAssignment': {
      n: latencies.length,
      p50_ms: round(p50),
      p95_ms: round(p95),
      max_ms: round(Math.max(...latencies)),
    },
    [`floor: empty job + ${calls.usual()} calls`]: {
      n: floors.length,
      p50_ms: round(floorP50),
      p95_ms: round(floorP95),
      max_ms: round(Math.max(...floors)),
    },
  });
  return `grant-latency p50_ms=${round(p50)} p95_ms=${round(p95)} floor_p95_ms=${round(floorP95)} ratio=${(p95 / floorP95).toFixed(2)}`;
}

const round = (ms: number) => Math.round(ms * 10) / 10;

function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
}

async function arrivalOf({ sandbox }: Stage, accountId: string): Promise<number> {
  const call = await sandbox.calls.waitFor(
    'CreateAccountAssignment',
    (each) => each.input.TargetId === accountId,
    30_000,
  );
  return call.at;
}

/** How many AWS calls one approval makes up to and with its create. */
function callsBeforeCreate() {
  const counts: number[] = [];
  return {
    add(calls: { operation: string; input: Record<string, unknown> }[], accountId: string) {
      const create = calls.findIndex(
        (call) => call.operation === 'CreateAccountAssignment' && call.input.TargetId === accountId,
      );
      if (create >= 0) counts.push(create + 1);
    },
    usual: () => percentile(counts, 0.5),
  };
}

/** The least that a queue in Postgres and calls to AWS cost, with the same libraries. */
async function floorOf(stage: Stage, userId: string, identityStoreId: string) {
  const log = createLog('silent');
  const db = createDb(stage.databaseUrl, log, 2);
  const queue = createQueue(stage.databaseUrl, log);
  await queue.start([{ name: EMPTY_JOB, notify: true, retryLimit: 0 }]);
  let woken = () => {};
  await queue.work(EMPTY_JOB, {}, async () => woken());
  const {
    AWS_REGION = '',
    AWS_ENDPOINT_URL = '',
    AWS_ACCESS_KEY_ID = '',
    AWS_SECRET_ACCESS_KEY = '',
  } = stage.environment;
  const aws = new IdentitystoreClient({
    region: AWS_REGION,
    endpoint: AWS_ENDPOINT_URL,
    maxAttempts: 1,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  return {
    async once(calls: number): Promise<number> {
      const began = performance.now();
      const worked = new Promise<void>((resolve) => {
        woken = resolve;
      });
      await db.tx((tx) => queue.send(tx, EMPTY_JOB, {}));
      await worked;
      for (let call = 0; call < calls; call += 1) {
        await aws.send(new DescribeUserCommand({ IdentityStoreId: identityStoreId, UserId: userId })).catch(() => {});
      }
      return performance.now() - began;
    },
    async [Symbol.asyncDispose]() {
      await queue.stop();
      await db.close();
      aws.destroy();
    },
  };
}

async function untilCopied(pool: pg.Pool): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { rows } = await pool.query<{ copied: number }>(
      'select count(*)::int as copied from directory_syncs where succeeded_at is not null',
    );
    if ((rows[0]?.copied ?? 0) >= 5) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the directory was not copied within a minute');
}

async function addPolicies(
  pool: pg.Pool,
  requesterId: string,
  approverId: string,
  arn: string,
  rootId: string,
): Promise<void> {
  const by = [approverId, 'Benchmark'];
  await pool.query(
    `insert into eligibility_policies (name, principals, targets, include_nested_ous, permission_sets, max_duration_minutes, updated_by_id, updated_by_name)
     values ('Benchmark', array[$1], array[$2], true, array[$3], 480, $4, $5)`,
    [`USER:${requesterId}`, `OU:${rootId}`, arn, ...by],
  );
  await pool.query(
    `insert into approval_policies (name, targets, include_nested_ous, steps, updated_by_id, updated_by_name)
     values ('Benchmark', array[$1], true, $2, $3, $4)`,
    [`OU:${rootId}`, JSON.stringify([{ approvers: [`USER:${approverId}`], approvalsNeeded: 1 }]), ...by],
  );
}

async function addRequests(
  pool: pg.Pool,
  requester: { id: string; userName: string; displayName: string; email: string },
  approverId: string,
  permissionSet: { arn: string; name: string },
  accounts: { id: string; name: string }[],
): Promise<{ id: string; accountId: string }[]> {
  const requests: { id: string; accountId: string }[] = [];
  for (const account of accounts) {
    const id = randomUUID();
    await pool.query(
      `insert into requests (id, status, form_key, requester_id, requester_name, requester_user_name, requester_email, account_id,
         account_name, ou_path, permission_set_arn, permission_set_name, session_seconds, duration_minutes, justification,
         approval_needed, steps, policies, expires_at)
       values ($1, 'pending', gen_random_uuid(), $2, $3, $4, $5, $6, $7, 'Root', $8, $9, 3600, 60, 'for the benchmark', true, $10, '[]',
         app_now() + interval '1 day')`,
      [
        id,
        requester.id,
        requester.displayName,
        requester.userName,
        requester.email,
        account.id,
        account.name,
        permissionSet.arn,
        permissionSet.name,
        JSON.stringify([{ approvers: [`USER:${approverId}`], approvalsNeeded: 1 }]),
      ],
    );
    requests.push({ id, accountId: account.id });
  }
  return requests;
}
