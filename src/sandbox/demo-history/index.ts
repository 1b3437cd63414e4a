import { randomUUID } from 'node:crypto';
import { CreateAccountAssignmentCommand } from '@aws-sdk/client-sso-admin';
import pg from 'pg';
import { createAws } from '../../platform/aws.ts';
import { migrate } from '../../platform/migrate.ts';
import { compile } from '../../policy/index.ts';
import { DEMO_INSTANCE_ARN } from '../demo-organization.ts';
import type { Sandbox } from '../index.ts';
import { tellActivity } from './activity-rows.ts';
import { assignmentRow, finalState } from './assignment-rows.ts';
import { demoFaults, stuckAssignment } from './faults.ts';
import { type ToldGrant, tellGrant } from './grant-rows.ts';
import { policyRows } from './policy-rows.ts';
import { type ToldRequest, tellRequest } from './request-rows.ts';
import { insertRows } from './rows.ts';
import { earlierStories } from './stories-earlier.ts';
import { latelyStories } from './stories-lately.ts';
import { storiesOfToday } from './stories-today.ts';
import { waitingStories } from './stories-waiting.ts';

/**
 * Gives the demo's portal policies and two months of history, and the sandbox the access that is open in it. To be
 * called at each start, before the portal's. A database that is in use already is left as it is; only what the
 * sandbox does wrong on purpose is set anew.
 */
export async function seedDemo({ databaseUrl, sandbox }: { databaseUrl: string; sandbox: Sandbox }): Promise<void> {
  demoFaults(sandbox);
  await migrate(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    if (await isInUse(client)) return;
    const stuckRequestId = await askForStuckAccess(sandbox);
    await client.query('begin');
    await write(client, sandbox, stuckRequestId);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function isInUse(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ used: boolean }>(
    `select exists (select from requests) or exists (select from policy_versions) or exists (select from settings) as used`,
  );
  return rows[0]?.used ?? true;
}

async function write(client: pg.Client, sandbox: Sandbox, stuckRequestId: string): Promise<void> {
  // A second ago: the steps at AWS of what was just approved take some moments, and none of them may lie ahead.
  const { rows } = await client.query<{ now: Date }>(`select app_now() - interval '1 second' as now`);
  const now = rows[0]?.now ?? new Date();
  const told = policyRows(now);
  await insertRows(client, 'settings', told.settings);
  await insertRows(client, 'eligibility_policies', told.eligibility);
  await insertRows(client, 'approval_policies', told.approval);
  await insertRows(client, 'guardrails', told.guardrails);
  await insertRows(client, 'policy_versions', told.versions);

  const policies = compile(told.policies);
  const stories = [...earlierStories(now), ...latelyStories(now), ...waitingStories(now), ...storiesOfToday(now)];
  const requests = stories
    .toSorted((a, b) => a.submittedAt.getTime() - b.submittedAt.getTime())
    .map((story) => tellRequest(story, policies));
  const numbers = await insertRequests(client, requests);

  const byAssignment = tellGrants(requests, now, stuckRequestId);
  const grants = [...byAssignment.values()].flat();
  for (const [id, of] of byAssignment) await insertRows(client, 'assignments', [assignmentRow(id, of)]);
  await insertRows(
    client,
    'grants',
    grants.map(({ row }) => row),
  );
  await insertRows(
    client,
    'assignment_operations',
    grants.flatMap(({ operations }) => operations),
  );
  for (const [id, of] of byAssignment) await setState(client, id, finalState(of, now));
  giveAccess(sandbox, grants);
  await insertActivity(client, sandbox, grants, now);

  const events = [
    ...told.events,
    ...requests.flatMap((request) => request.events(numbers.get(request.row.id) ?? 0)),
    ...grants.flatMap((grant) => grant.events),
  ];
  await insertRows(
    client,
    'audit_events',
    events.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
  );
}

/** The number of each request, by its ID. */
async function insertRequests(client: pg.Client, requests: ToldRequest[]): Promise<Map<string, number>> {
  await insertRows(
    client,
    'requests',
    requests.map(({ row }) => row),
  );
  await insertRows(
    client,
    'decisions',
    requests.flatMap(({ decisions }) => decisions),
  );
  const { rows } = await client.query<{ id: string; number: string }>('select id, number from requests');
  return new Map(rows.map(({ id, number }) => [id, Number(number)]));
}

/** The grants of each assignment, the oldest first, by the assignment's ID. */
function tellGrants(requests: ToldRequest[], now: Date, stuckRequestId: string): Map<string, ToldGrant[]> {
  const ids = new Map<string, string>();
  const byAssignment = new Map<string, ToldGrant[]>();
  for (const request of requests) {
    const tuple = `${request.requester.id} ${request.account.id} ${request.role.arn}`;
    const assignmentId = ids.get(tuple) ?? randomUUID();
    const grant = tellGrant(request, { assignmentId, now, stuckRequestId });
    if (grant === null) continue;
    ids.set(tuple, assignmentId);
    byAssignment.set(assignmentId, [...(byAssignment.get(assignmentId) ?? []), grant]);
  }
  return byAssignment;
}

async function setState(client: pg.Client, id: string, state: ReturnType<typeof finalState>): Promise<void> {
  await client.query(
    `update assignments set ownership = $2, observed = $3, observed_at = $4, absent_since = $5, absent_seen_at = $6,
       must_be_gone_by = $7, next_at = $8, failures = $9, last_error = $10, take_after = $11, cannot_revoke_since = $12
     where id = $1`,
    [
      id,
      state.ownership,
      state.observed,
      state.observedAt,
      state.absentSince,
      state.absentSeenAt,
      state.mustBeGoneBy,
      state.nextAt,
      state.failures,
      state.lastError,
      state.takeAfter,
      state.cannotRevokeSince,
    ],
  );
}

/** What the grants say is there is there. */
function giveAccess(sandbox: Sandbox, grants: ToldGrant[]): void {
  for (const { life, request } of grants) {
    if (life.kind !== 'active' && life.kind !== 'overdue') continue;
    const { account, role, requester } = request;
    const principal = { principalType: 'USER' as const, principalId: requester.id };
    sandbox.assignments.add({ accountId: account.id, permissionSetArn: role.arn, ...principal }, 'api');
  }
}

async function insertActivity(client: pg.Client, sandbox: Sandbox, grants: ToldGrant[], now: Date): Promise<void> {
  const told = grants.map((grant) => tellActivity(grant, sandbox, now));
  for (const record of told.flatMap(({ records }) => records)) sandbox.events.record(record);
  await insertRows(
    client,
    'activity_events',
    told.flatMap(({ events }) => events),
  );
  await insertRows(
    client,
    'activity_matches',
    told.flatMap(({ matches }) => matches),
  );
  await insertRows(
    client,
    'activity_cursors',
    told.flatMap(({ cursors }) => cursors),
  );
}

/** Asks the sandbox for the access that stays on its way, and gives AWS's name of that request. */
async function askForStuckAccess(sandbox: Sandbox): Promise<string> {
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = sandbox.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const aws = createAws(AWS_REGION, { endpoint: sandbox.url, credentials });
  const { accountId, permissionSetArn, principalType, principalId } = stuckAssignment();
  try {
    const { AccountAssignmentCreationStatus: status } = await aws.ssoAdmin.send(
      new CreateAccountAssignmentCommand({
        InstanceArn: DEMO_INSTANCE_ARN,
        TargetType: 'AWS_ACCOUNT',
        TargetId: accountId,
        PermissionSetArn: permissionSetArn,
        PrincipalType: principalType,
        PrincipalId: principalId,
      }),
    );
    if (!status?.RequestId) throw new Error('The sandbox gave no name to a request.');
    return status.RequestId;
  } finally {
    aws.destroy();
  }
}
