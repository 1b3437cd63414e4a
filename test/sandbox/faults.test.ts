import { ListUsersCommand } from '@aws-sdk/client-identitystore';
import {
  CreateAccountAssignmentCommand,
  DeleteAccountAssignmentCommand,
  ListInstancesCommand,
  type SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { DEMO_ACCOUNTS } from '../../src/sandbox/demo-organization.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { assignment, clientsOf, finalStatus, listed, sandboxForTest, writeInput } from './aws.ts';

async function created(sandbox: Sandbox, client: SSOAdminClient, changes = {}) {
  const answer = await client.send(new CreateAccountAssignmentCommand(writeInput(sandbox, changes)));
  return answer.AccountAssignmentCreationStatus!;
}

test('more calls a second than allowed are throttled, all SSO Admin operations together', async () => {
  const sandbox = await sandboxForTest({ callsPerSecond: 5 });
  const { ssoAdmin } = clientsOf(sandbox);
  const burst = Array.from({ length: 30 }, () => ssoAdmin.send(new ListInstancesCommand({})));
  const answers = await Promise.allSettled(burst);
  const names = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.name] : []));
  expect(new Set(names)).toEqual(new Set(['ThrottlingException']));
  expect(names.length).toBeLessThanOrEqual(25);
});

test('a throttled share of one refuses every call in the way of its service', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin, identityStore, sts } = clientsOf(sandbox);
  sandbox.faults.throttleShare = 1;
  const { identityStoreId: IdentityStoreId } = sandbox.organization;
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(identityStore.send(new ListUsersCommand({ IdentityStoreId }))).rejects.toMatchObject({
    name: 'ThrottlingException',
    RetryAfterSeconds: 1,
  });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'Throttling' });
});

test('an outage answers 503 everywhere, or in one service only', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin, sts } = clientsOf(sandbox);
  const away = { $metadata: { httpStatusCode: 503 } };
  sandbox.faults.outage = true;
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject(away);
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject(away);
  sandbox.faults.outage = false;
  sandbox.faults.outageOf = 'sso-admin';
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject(away);
  await sts.send(new GetCallerIdentityCommand({}));
});

test('server errors and conflicts come as often as wanted', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  sandbox.faults.conflictShare = 1;
  await expect(created(sandbox, ssoAdmin)).rejects.toMatchObject({ name: 'ConflictException' });
  await ssoAdmin.send(new ListInstancesCommand({}));
  sandbox.faults.serverErrorShare = 1;
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 500 },
  });
});

test('the next write fails with the reason given, and the one after it does not', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  sandbox.faults.failNext = ['Received a 403 status error'];
  const first = await created(sandbox, ssoAdmin);
  expect(await finalStatus(sandbox, ssoAdmin, 'create', first.RequestId!)).toMatchObject({
    Status: 'FAILED',
    FailureReason: 'Received a 403 status error',
  });
  expect(sandbox.assignments.has(assignment())).toBe(false);
  const second = await created(sandbox, ssoAdmin);
  expect((await finalStatus(sandbox, ssoAdmin, 'create', second.RequestId!)).Status).toBe('SUCCEEDED');
});

test('writes that a function picks fail, others succeed', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  sandbox.assignments.add(assignment());
  sandbox.faults.failWhen = ({ kind }) => (kind === 'delete' ? 'not now' : undefined);
  const deleted = await ssoAdmin.send(new DeleteAccountAssignmentCommand(writeInput(sandbox)));
  const requestId = deleted.AccountAssignmentDeletionStatus!.RequestId!;
  expect((await finalStatus(sandbox, ssoAdmin, 'delete', requestId)).FailureReason).toBe('not now');
  const other = await created(sandbox, ssoAdmin, { accountId: DEMO_ACCOUNTS['ledger-prod']! });
  expect((await finalStatus(sandbox, ssoAdmin, 'create', other.RequestId!)).Status).toBe('SUCCEEDED');
});

test('forbidden and quota faults hit the writes that match and no others', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  sandbox.faults.forbidden = { accountId: assignment().accountId };
  sandbox.faults.quotaExceeded = { accountId: DEMO_ACCOUNTS['ledger-prod']! };
  await expect(created(sandbox, ssoAdmin)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(created(sandbox, ssoAdmin, { accountId: DEMO_ACCOUNTS['ledger-prod']! })).rejects.toMatchObject({
    name: 'ServiceQuotaExceededException',
  });
  await created(sandbox, ssoAdmin, { accountId: DEMO_ACCOUNTS['search-prod']! });
});

test('a lost answer leaves the caller in the dark, and the assignment comes all the same', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  sandbox.faults.loseAnswer = true;
  await expect(created(sandbox, ssoAdmin)).rejects.not.toHaveProperty('$response.statusCode', 200);
  await sandbox.assignments.waitFor(assignment(), 'present');
  expect(sandbox.calls.list('CreateAccountAssignment')).toMatchObject([{ outcome: 'answer lost' }]);
});

test('a slow call that its caller gave up still takes effect', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  sandbox.faults.slowMs = 200;
  const command = new CreateAccountAssignmentCommand(writeInput(sandbox));
  const gaveUp = ssoAdmin.send(command, { abortSignal: AbortSignal.timeout(50) });
  await expect(gaveUp).rejects.toMatchObject({ name: 'AbortError' });
  await sandbox.assignments.waitFor(assignment(), 'present');
});

test('a lost status is not found, and found again when the fault is over', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  const { RequestId } = await created(sandbox, ssoAdmin);
  sandbox.faults.loseStatus = true;
  await expect(finalStatus(sandbox, ssoAdmin, 'create', RequestId!)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  sandbox.faults.loseStatus = false;
  expect((await finalStatus(sandbox, ssoAdmin, 'create', RequestId!)).Status).toBe('SUCCEEDED');
});

test('a lagging list shows what was, neither the new assignment nor that the old one is gone', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  const standing = sandbox.organization.standingAssignments.find(({ principalType }) => principalType === 'USER')!;
  sandbox.assignments.add(assignment());
  sandbox.assignments.remove(standing);
  sandbox.faults.listLagMs = 60_000;
  expect(await listed(sandbox, ssoAdmin)).toEqual([]);
  expect(await listed(sandbox, ssoAdmin, standing)).toEqual([standing.principalId]);
  sandbox.faults.listLagMs = 0;
  expect(await listed(sandbox, ssoAdmin)).toEqual([assignment().principalId]);
  expect(await listed(sandbox, ssoAdmin, standing)).toEqual([]);
});

test('a wrong clock shows in what the sandbox writes', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  const day = 24 * 60 * 60 * 1000;
  sandbox.faults.clockOffsetMs = -day;
  const { CreatedDate } = await created(sandbox, ssoAdmin);
  expect(Math.round((Date.now() - CreatedDate!.getTime()) / day)).toBe(1);
});
