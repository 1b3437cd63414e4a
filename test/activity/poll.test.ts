import { expect, test } from 'vitest';
import { createCloudTrailSource } from '../../src/activity/cloudtrail.ts';
import { activitySection } from '../../src/activity/index.ts';
import { pollActivity } from '../../src/activity/poll.ts';
import {
  DEMO_ACCOUNTS,
  DEMO_PERMISSION_SETS,
  demoOrganization,
  demoUserId,
} from '../../src/sandbox/demo-organization.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { consoleActs } from '../../src/sandbox/portal/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { createTestPlatform } from '../support/platform.ts';

const ANY_ACT = consoleActs[0]!.id;
const EVERYTHING = { changesOnly: false, deniedOnly: false };
const ACTIVITY = { ACTIVITY_ROLE_NAME: 'LatchkeyActivity', ACTIVITY_REGIONS: 'eu-west-1' };
const ACCOUNT = DEMO_ACCOUNTS['payments-prod']!;
const ARN = DEMO_PERMISSION_SETS.PowerUser!;

/** A request with one grant that is active since `minutesAgo`; ended `endedMinutesAgo` if given. */
async function activeGrant(database: TestDatabase, minutesAgo: number, endedMinutesAgo?: number) {
  const { rows } = await database.db.pool.query<{ id: string; request_id: string }>(
    `with asked as (
       insert into requests (status, form_key, requester_id, requester_name, requester_user_name, account_id, account_name, ou_path,
         permission_set_arn, permission_set_name, session_seconds, duration_minutes, justification, approval_needed, steps, policies,
         expires_at, closed_at)
       values ('approved', gen_random_uuid(), $1, 'Lena Fischer', 'lena.fischer', $2, 'payments-prod', 'Root', $3, 'PowerUser', 3600, 240,
         'to look into it', false, '[]', '[]', app_now(), app_now()) returning id
     ), tuple as (
       insert into assignments (instance_arn, principal_id, target_id, permission_set_arn) values ('i', $1, $2, $3) returning id
     )
     insert into grants (assignment_id, request_id, basis, status, user_id, account_id, permission_set_arn, user_display_name, user_name,
       account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, closes_at, latest_end, activated_at,
       end_due_at, end_cause, ended_at)
     select tuple.id, asked.id, 'self_serve', case when $5::int is null then 'active' else 'ended' end, $1, $2, $3, 'Lena Fischer',
       'lena.fischer', 'payments-prod', 'Root', 'PowerUser', 3600, 240, app_now() - make_interval(mins => $4), app_now() + interval '3 hours',
       app_now() + interval '4 hours', app_now() - make_interval(mins => $4), app_now() - make_interval(mins => $5),
       case when $5::int is null then null else 'time' end, app_now() - make_interval(mins => $5)
     from asked, tuple returning id, request_id`,
    [demoUserId('lena.fischer'), ACCOUNT, ARN, minutesAgo, endedMinutesAgo ?? null],
  );
  return { grantId: rows[0]!.id, requestId: rows[0]!.request_id };
}

/** The person opens the role in the sandbox and does something there. */
function use(sandbox: Sandbox, userName: string, act: string) {
  const { organization, sessions } = sandbox;
  const session = sessions.open(
    organization.users.find((user) => user.userName === userName)!,
    organization.accounts.find((account) => account.id === ACCOUNT)!,
    organization.permissionSets.find((set) => set.arn === ARN)!,
  );
  const record = sessions.act(session, act);
  if (!record) throw new Error(`no such act: ${act}`);
  return record;
}

async function setUp(more: Record<string, string> = ACTIVITY) {
  const database = await createTestDatabase();
  const sandbox = await startSandbox({ organization: demoOrganization(), delayMs: 0 });
  const platform = createTestPlatform(database, sandbox, more);
  const source = createCloudTrailSource(platform, 'LatchkeyActivity');
  return {
    database,
    sandbox,
    platform,
    poll: () => pollActivity(platform, source, 'aws', ['eu-west-1']),
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      await sandbox.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

test('what the person did with the access is stored once, and what others did there is not', async () => {
  await using it = await setUp();
  const { requestId } = await activeGrant(it.database, 1);
  const first = use(it.sandbox, 'lena.fischer', ANY_ACT);
  use(it.sandbox, 'Marcus.Webb', ANY_ACT);
  await it.poll();
  await it.database.advance({ minutes: 2 });
  await it.poll();

  const section = await activitySection(it.platform, requestId, EVERYTHING);
  expect(section.events.map((event) => event.eventId)).toEqual([first.eventID]);
  expect(section.total).toBe(1);
  expect(section.readUntil).not.toBeNull();
});

test('changes and denials can be picked out', async () => {
  await using it = await setUp();
  const { requestId } = await activeGrant(it.database, 1);
  const records = consoleActs.map((act) => use(it.sandbox, 'lena.fischer', act.id));
  await it.poll();
  const changes = await activitySection(it.platform, requestId, { changesOnly: true, deniedOnly: false });
  expect(changes.total).toBe(records.filter((record) => record.readOnly === false).length);
  const denied = await activitySection(it.platform, requestId, { changesOnly: false, deniedOnly: true });
  expect(denied.total).toBe(records.filter((record) => record.errorCode !== undefined).length);
  expect(denied.total).toBeGreaterThan(0);
});

test('an account that cannot be read says so, and is read when it can', async () => {
  await using it = await setUp();
  const { requestId } = await activeGrant(it.database, 1);
  use(it.sandbox, 'lena.fischer', ANY_ACT);
  it.sandbox.faults.outage = true;
  await it.poll();
  const failed = await activitySection(it.platform, requestId, EVERYTHING);
  expect(failed.total).toBe(0);
  expect(failed.problems).toHaveLength(1);

  it.sandbox.faults.outage = false;
  await it.database.advance({ minutes: 10 });
  await it.poll();
  const read = await activitySection(it.platform, requestId, EVERYTHING);
  expect(read.total).toBe(1);
  expect(read.problems).toHaveLength(0);
});

test('reading stops when no session of the grant can write any more and delivery is over', async () => {
  await using it = await setUp();
  await activeGrant(it.database, 300, 120);
  await it.poll();
  const { rows } = await it.database.db.pool.query(
    'select next_at, read_until is not null as read, last_error from activity_cursors',
  );
  expect(rows).toEqual([{ next_at: null, read: true, last_error: null }]);
});

test('reading goes on after the end while a session that began before it may live', async () => {
  await using it = await setUp();
  await activeGrant(it.database, 90, 30);
  await it.poll();
  const { rows } = await it.database.db.pool.query('select next_at > app_now() as later from activity_cursors');
  expect(rows).toEqual([{ later: true }]);
});
