import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import type { Organization } from '../../src/sandbox/organization.ts';
import { overHttp, signIn, TestClient } from '../support/client.ts';
import { startPortalProcess, untilReady } from '../support/process.ts';
import { type Stage, setStage } from './stage.ts';

const SIZE = { seed: 1, accounts: 5_000, permissionSets: 500, users: 50_000, groups: 20_000 };
const NAMED_GROUPS = 1_000;

/** What AWS publishes, and the sandbox enforces: which calls share a limit, calls a second, and how many at once. */
const LIMITS: { api: string; operations: string[]; perSecond: number; burst: number }[] = [
  { api: 'Organizations ListAccounts', operations: ['ListAccounts'], perSecond: 8, burst: 12 },
  {
    api: 'Organizations List…ForParent, together',
    operations: ['ListOrganizationalUnitsForParent', 'ListAccountsForParent', 'ListParents'],
    perSecond: 5,
    burst: 8,
  },
  { api: 'Organizations ListRoots', operations: ['ListRoots'], perSecond: 1, burst: 2 },
  {
    api: 'SSO Admin, all together',
    operations: ['ListPermissionSets', 'DescribePermissionSet', 'ListPermissionSetsProvisionedToAccount'],
    perSecond: 20,
    burst: 20,
  },
  { api: 'Identity Store ListUsers', operations: ['ListUsers'], perSecond: 20, burst: 20 },
  { api: 'Identity Store ListGroups', operations: ['ListGroups'], perSecond: 20, burst: 20 },
  { api: 'Identity Store ListGroupMemberships', operations: ['ListGroupMemberships'], perSecond: 20, burst: 20 },
];

const TABLES = [
  ...['organizational_units', 'accounts', 'permission_sets', 'users', 'groups', 'memberships'],
  ...['directory_changes', 'directory_revision'],
];

/**
 * The first copy of the largest organization at AWS's published limits, against the least time that these limits allow
 * for the calls it needs; then a second copy, in which nothing is new.
 */
export async function sync(): Promise<string> {
  const organization = generateOrganization(SIZE);
  const admin = adminOf(organization);
  await using stage = await setStage({ organization });
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
  // Where the benchmark fails, Postgres stops before the pool does.
  pool.on('error', () => {});
  await addPolicies(pool, organization);

  await using portal = await startPortalProcess({ ...stage.environment, ADMIN_GROUPS: admin.groupId });
  await untilReady(portal);
  // Signing in notes the person's groups, which is no change of the organization: so it comes before the first copy ends.
  const client = await signIn(new TestClient(overHttp(stage.baseUrl)), admin.userName);
  await client.csrf();
  const first = await untilCopied(pool, new Date(0));
  const { rows: least, seconds: limit } = leastTime(stage);
  const throttled = stage.sandbox.calls.list().filter(({ outcome }) => /Throttl|TooMany/.test(outcome)).length;
  console.table(least);
  console.table(first.kinds);

  const written = await rowsWritten(pool);
  const before = new Date();
  const asked = await client.post('/admin/directory/sync', {});
  if (asked.statusCode !== 303) throw new Error(`asking for a copy gave ${asked.statusCode}`);
  const second = await untilCopied(pool, before);
  const rowsWrittenSecond = (await rowsWritten(pool)) - written;
  const rssMb = await peakMb(portal.child.pid ?? 0);
  const counts = await pool.query(
    `select (select count(*) from accounts) as accounts, (select count(*) from organizational_units) as units,
       (select count(*) from permission_sets) as sets, (select count(*) from users) as users,
       (select count(*) from groups) as groups, (select count(*) from memberships) as memberships`,
  );
  await pool.end();
  console.table(counts.rows);
  console.table({ 'throttled by the sandbox': throttled, 'second copy, seconds': second.seconds });
  const ratio = (first.seconds / limit).toFixed(2);
  return `sync seconds=${first.seconds.toFixed(1)} limit_seconds=${limit.toFixed(1)} ratio=${ratio} rows_written_second=${rowsWrittenSecond} rss_mb=${Math.round(rssMb)}`;
}

/** Some enabled user, and a group of theirs, which makes them an administrator. */
function adminOf({ users, memberships }: Organization): { userName: string; groupId: string } {
  for (const [groupId, members] of memberships) {
    const user = users.find(({ id, status }) => status === 'ENABLED' && members.has(id));
    if (user) return { userName: user.userName, groupId };
  }
  throw new Error('the organization has no group with a member');
}

/** A hundred policies for ten groups each. */
async function addPolicies(pool: pg.Pool, { groups, root, permissionSets }: Organization): Promise<void> {
  const arns = permissionSets.slice(0, 3).map(({ arn }) => arn);
  for (let from = 0; from < NAMED_GROUPS; from += 10) {
    await pool.query(
      `insert into eligibility_policies (name, principals, targets, include_nested_ous, permission_sets, max_duration_minutes, updated_by_id, updated_by_name)
       values ($1, $2, array[$3], true, $4, 480, 'benchmark', 'Benchmark')`,
      [`Policy ${from}`, groups.slice(from, from + 10).map(({ id }) => `GROUP:${id}`), `OU:${root.id}`, arns],
    );
  }
}

/** Waits until all five kinds were copied since then; tells from the start of the first to the end of the last. */
async function untilCopied(pool: pg.Pool, since: Date) {
  const giveUpAt = Date.now() + 15 * 60_000;
  for (;;) {
    const { rows } = await pool.query<{
      kind: string;
      started_at: Date;
      succeeded_at: Date | null;
      error: string | null;
    }>('select kind, started_at, succeeded_at, error, row_count, rows_changed from directory_syncs order by kind');
    const failed = rows.find(({ error }) => error !== null);
    if (failed) throw new Error(`copying ${failed.kind} failed: ${failed.error}`);
    const done = rows.filter(
      ({ started_at, succeeded_at }) => succeeded_at !== null && succeeded_at >= started_at && started_at >= since,
    );
    if (done.length === 5) {
      const from = Math.min(...rows.map(({ started_at }) => started_at.getTime()));
      const to = Math.max(...rows.map(({ succeeded_at }) => succeeded_at?.getTime() ?? 0));
      const kinds = rows.map(({ started_at, succeeded_at, ...rest }) => ({
        ...rest,
        seconds: ((succeeded_at?.getTime() ?? 0) - started_at.getTime()) / 1000,
      }));
      return { seconds: (to - from) / 1000, kinds };
    }
    if (Date.now() > giveUpAt) throw new Error('the directory was not copied within a quarter of an hour');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function leastTime({ sandbox }: Stage) {
  const totals = sandbox.calls.totals();
  const rows = LIMITS.map(({ api, operations, perSecond, burst }) => {
    const calls = [...totals].reduce(
      (sum, [operation, count]) => (operations.includes(operation) ? sum + count : sum),
      0,
    );
    return {
      api,
      calls,
      'calls a second': perSecond,
      burst,
      'least seconds': Math.max(0, (calls - burst) / perSecond),
    };
  });
  return { rows, seconds: Math.max(...rows.map((row) => row['least seconds'])) };
}

/** Rows inserted, updated and deleted so far in the tables of the directory. */
async function rowsWritten(pool: pg.Pool): Promise<number> {
  // PostgreSQL, PGSTAT_IDLE_INTERVAL: a connection may keep its counts to itself until it was idle for ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const { rows } = await pool.query<{ written: string }>(
    'select sum(n_tup_ins + n_tup_upd + n_tup_del) as written from pg_stat_user_tables where relname = any($1)',
    [TABLES],
  );
  return Number(rows[0]?.written ?? Number.NaN);
}

/** The most resident memory that the process ever had, as Linux tells it. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
