import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { openGrant } from '../../src/access/index.ts';
import { systemActor } from '../../src/audit/index.ts';
import { createDb } from '../../src/platform/db.ts';
import type { Platform } from '../../src/platform/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { createQueue } from '../../src/platform/queue.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import type { Scene } from './access-scene.ts';

/** A grant to be written as the engine would have left it. */
export interface Written {
  userId: string;
  userName: string;
  userDisplayName: string;
  accountId: string;
  accountName: string;
  permissionSetArn: string;
  permissionSetName: string;
}

/** So many different assignments: of the n-th account, for one person after the other. */
export function assignmentsOf({ users, accounts, permissionSets }: Scene, count: number, from = 0): Written[] {
  return Array.from({ length: count }, (_, index) => {
    const nth = from + index;
    const user = users[nth % users.length];
    const account = accounts[nth % accounts.length];
    const permissionSet = permissionSets[Math.floor(nth / accounts.length) % permissionSets.length];
    if (!user || !account || !permissionSet) throw new Error('the organization is too small');
    return {
      userId: user.id,
      userName: user.userName,
      userDisplayName: user.displayName,
      accountId: account.id,
      accountName: account.name,
      permissionSetArn: permissionSet.arn,
      permissionSetName: permissionSet.name,
    };
  });
}

/** Grants that are active at AWS and in the database, each with its end; their alarms are apart. */
export async function writeActive(
  { sandbox, pool }: { sandbox: Sandbox; pool: pg.Pool },
  grants: (Written & { closesAt: Date })[],
): Promise<void> {
  for (const { accountId, permissionSetArn, userId } of grants) {
    sandbox.assignments.add({ accountId, permissionSetArn, principalType: 'USER', principalId: userId });
  }
  await pool.query(
    `insert into assignments (instance_arn, principal_id, target_id, permission_set_arn, ownership, observed, observed_at,
       absent_seen_at, must_be_gone_by, next_at)
     select instance_arn, "userId", "accountId", "permissionSetArn", 'ours', 'present', now() - interval '29 minutes',
       now() - interval '31 minutes', "closesAt" + interval '15 minutes',
       case when "closesAt" > now() + interval '15 minutes' then "closesAt" - interval '15 minutes' else "closesAt" end
     from instance_binding, ${RECORDS}`,
    [JSON.stringify(grants)],
  );
  await pool.query(
    `insert into assignment_operations (assignment_id, kind, fence, intended_at, absent_seen_at, effective_until, outcome,
       aws_request_id, asked_at, finished_at)
     select id, 'create', 1, now() - interval '30 minutes', absent_seen_at, now() - interval '15 minutes', 'succeeded',
       gen_random_uuid(), now() - interval '30 minutes', now() - interval '30 minutes'
     from assignments where absent_seen_at is not null`,
  );
  await pool.query(
    `insert into grants (${COMMON}, status, opens_at, activated_at, closes_at, latest_end, duration_minutes, announced,
       ending_soon_told_at)
     select ${COMMON_VALUES}, 'active', now() - interval '30 minutes', now() - interval '30 minutes', "closesAt",
       "closesAt" + interval '15 minutes', ceil(extract(epoch from "closesAt" - now()) / 60) + 30, 'active',
       case when "closesAt" <= now() + interval '15 minutes' then now() end
     from ${RECORDS} join assignments a
       on (a.principal_id, a.target_id, a.permission_set_arn) = ("userId", "accountId", "permissionSetArn")`,
    [JSON.stringify(grants)],
  );
}

/** Grants that open on a later day. */
export async function writeFuture(scene: Scene, grants: (Written & { opensAt: Date })[]): Promise<void> {
  await scene.pool.query(
    `insert into assignments (instance_arn, principal_id, target_id, permission_set_arn, must_be_gone_by, next_at)
     select instance_arn, "userId", "accountId", "permissionSetArn", "opensAt" + interval '75 minutes', "opensAt"
     from instance_binding, ${RECORDS}`,
    [JSON.stringify(grants)],
  );
  await scene.pool.query(
    `insert into grants (${COMMON}, status, opens_at, latest_end, duration_minutes, announced)
     select ${COMMON_VALUES}, 'scheduled', "opensAt", "opensAt" + interval '75 minutes', 60, 'scheduled'
     from ${RECORDS} join assignments a
       on (a.principal_id, a.target_id, a.permission_set_arn) = ("userId", "accountId", "permissionSetArn")`,
    [JSON.stringify(grants)],
  );
  await setAlarms(scene, 'give');
}

const RECORDS = `jsonb_to_recordset($1::jsonb) as given("userId" text, "userName" text, "userDisplayName" text, "accountId" text,
  "accountName" text, "permissionSetArn" text, "permissionSetName" text, "closesAt" timestamptz, "opensAt" timestamptz)`;
const COMMON = `assignment_id, basis, user_id, account_id, permission_set_arn, user_display_name, user_name, account_name, ou_path,
  permission_set_name, session_seconds`;
const COMMON_VALUES = `a.id, 'self_serve', "userId", "accountId", "permissionSetArn", "userDisplayName", "userName", "accountName",
  'Root', "permissionSetName", 3600`;

/** The queue's jobs as the engine leaves them: one for each assignment, deferred to its time. */
export async function setAlarms({ stage, pool }: Scene, purpose: 'give' | 'take'): Promise<void> {
  const { rows } = await pool.query<{ id: string; owner: string; at: Date }>(
    'select id, principal_id as owner, next_at as at from assignments where next_at is not null',
  );
  const boss = new PgBoss({ connectionString: stage.databaseUrl, schema: 'pgboss', supervise: false, schedule: false });
  await boss.start();
  await boss.insert(
    'access',
    rows.map(({ id, owner, at }) => ({
      data: { assignmentId: id, purpose, owner },
      singletonKey: `${purpose}/${id}@${at.toISOString()}`,
      startAfter: at,
    })),
  );
  await boss.stop({ graceful: false });
  await pool.query('vacuum analyze');
}

/** Opens grants as a decision does, by the portal's own command. */
export async function createOpener({
  stage,
}: Scene): Promise<AsyncDisposable & { open(grant: Written): Promise<string> }> {
  const log = createLog('silent');
  const db = createDb(stage.databaseUrl, log, 20);
  const queue = createQueue(stage.databaseUrl, log);
  await queue.start([]);
  // Opening a grant writes rows and a job; it needs nothing else of a process.
  const platform = { db, queue, log } as Platform;
  return {
    async open(written) {
      const more = { ouPath: 'Root', sessionSeconds: 3600, durationMinutes: 60, startsAt: null, requestId: null };
      const grant = await db.tx((tx) =>
        openGrant(platform, tx, { ...written, ...more, basis: 'approval' }, systemActor('benchmark')),
      );
      return grant.id;
    },
    async [Symbol.asyncDispose]() {
      await queue.stop();
      await db.close();
    },
  };
}
