import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAccountAssignmentCommand,
  DeleteAccountAssignmentCommand,
  ListInstancesCommand,
} from '@aws-sdk/client-sso-admin';
import { expect, onTestFinished, test } from 'vitest';
import { DEMO_PEOPLE, demoOrganization, demoUserId } from '../../src/sandbox/demo-organization.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { assignment, clientsOf, finalStatus, sandboxForTest, writeInput } from './aws.ts';

async function stateFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-sandbox-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'new', 'state.json');
}

const post = (url: string, body: unknown) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('assignments, events and the sign-in keys survive a restart', async () => {
  const file = await stateFile();
  const options = { organization: demoOrganization(), stateFile: file };
  const first = await startSandbox(options);
  const [standing] = first.organization.standingAssignments;
  first.assignments.add(assignment());
  first.assignments.remove(standing!);
  first.events.record({
    eventID: '1',
    eventName: 'ListBuckets',
    eventSource: 's3.amazonaws.com',
    eventTime: '2026-01-01T00:00:00Z',
    awsRegion: 'eu-west-1',
    recipientAccountId: assignment().accountId,
    userIdentity: { type: 'AssumedRole' },
    requestParameters: { kept: true },
  });
  const { certificate } = first.identityProvider.keys;
  await first.close();

  const second = await sandboxForTest({ stateFile: file });
  expect(second.assignments.has(assignment())).toBe(true);
  expect(second.assignments.has(standing!)).toBe(false);
  expect(second.events.list()).toMatchObject([{ eventID: '1', requestParameters: { kept: true } }]);
  expect(second.identityProvider.keys.certificate).toBe(certificate);
});

test('a create that was under way when the sandbox stopped is finished after the restart', async () => {
  const file = await stateFile();
  const first = await startSandbox({ organization: demoOrganization(), stateFile: file, delayMs: 60_000 });
  const command = new CreateAccountAssignmentCommand(writeInput(first));
  const { AccountAssignmentCreationStatus } = await clientsOf(first).ssoAdmin.send(command);
  await first.close();

  const second = await sandboxForTest({ stateFile: file });
  const { ssoAdmin } = clientsOf(second);
  const requestId = AccountAssignmentCreationStatus!.RequestId!;
  expect((await finalStatus(second, ssoAdmin, 'create', requestId)).Status).toBe('SUCCEEDED');
  expect(second.assignments.has(assignment())).toBe(true);
});

test('after the last assignment went, the role comes back under another name', async () => {
  const { assignments } = await sandboxForTest();
  const { accountId, permissionSetArn } = assignment();
  const role = () => assignments.role(accountId, permissionSetArn, 'ReadOnly').name;
  const other = assignment({ principalId: demoUserId('Marcus.Webb') });
  assignments.add(assignment());
  assignments.add(other);
  const before = role();
  assignments.remove(other);
  expect(role()).toBe(before);
  assignments.remove(assignment());
  assignments.add(assignment());
  expect(role()).not.toBe(before);
});

test('the history tells the portal from an outsider', async () => {
  const sandbox = await sandboxForTest();
  const outsiders = assignment({ principalId: demoUserId('Marcus.Webb') });
  sandbox.assignments.add(outsiders);
  await clientsOf(sandbox).ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox)));
  await sandbox.assignments.waitFor(assignment(), 'present');
  expect(sandbox.assignments.history.list()).toMatchObject([
    { change: 'added', by: 'outsider', assignment: outsiders },
    { change: 'added', by: 'api', assignment: assignment() },
  ]);
});

test('calls are logged with input and outcome, and can be waited for', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  const awaited = sandbox.calls.waitFor('CreateAccountAssignment', ({ outcome }) => outcome !== 'ok');
  await ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox)));
  const wrong = ssoAdmin.send(new CreateAccountAssignmentCommand({ ...writeInput(sandbox), TargetId: '12' }));
  await expect(wrong).rejects.toThrow();
  expect(await awaited).toMatchObject({
    service: 'sso-admin',
    input: { TargetId: '12' },
    outcome: 'ValidationException',
  });
  expect(sandbox.calls.count('CreateAccountAssignment')).toBe(2);
  expect(sandbox.calls.count('CreateAccountAssignment', ({ outcome }) => outcome === 'ok')).toBe(1);
  sandbox.calls.clear();
  expect(sandbox.calls.count('CreateAccountAssignment')).toBe(0);
  await expect(sandbox.calls.waitFor('CreateAccountAssignment', undefined, 1)).rejects.toThrow(/No call/);
});

test('faults can be set, misspelt ones are refused, and a reset ends them, all from another process', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  expect((await post(`${sandbox.url}/sandbox/faults`, { outage: true, failNext: ['x'] })).status).toBe(200);
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 503 },
  });
  expect((await post(`${sandbox.url}/sandbox/faults`, { outtage: true })).status).toBe(422);
  const match = { accountId: assignment().accountId };
  await post(`${sandbox.url}/sandbox/faults`, { reset: true, failWhen: { match, reason: 'no' } });
  expect(sandbox.faults).toMatchObject({ outage: false, failNext: [] });
  expect(sandbox.faults.failWhen?.({ kind: 'create', ...assignment() })).toBe('no');
  expect(sandbox.faults.failWhen?.({ kind: 'create', ...assignment({ accountId: '1' }) })).toBeUndefined();
});

test('assignments can be changed and a user disabled behind the portal’s back, from another process', async () => {
  const sandbox = await sandboxForTest();
  await post(`${sandbox.url}/sandbox/assignments`, { add: [assignment()] });
  const userId = demoUserId(DEMO_PEOPLE.requester);
  await post(`${sandbox.url}/sandbox/users/${userId}`, { status: 'DISABLED' });
  expect(sandbox.organization.users.find(({ id }) => id === userId)?.status).toBe('DISABLED');
  const state = (await (await fetch(`${sandbox.url}/sandbox/state`)).json()) as { assignments: unknown[] };
  expect(state.assignments).toContainEqual(assignment());
  await post(`${sandbox.url}/sandbox/assignments`, { remove: [assignment()] });
  expect(sandbox.assignments.has(assignment())).toBe(false);
});

test('accounts are suspended or leave, and permission sets, users and memberships go, from another process', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  const { organization } = sandbox;
  const { accountId, permissionSetArn, principalId } = assignment();
  const outcome = async () => {
    const { AccountAssignmentDeletionStatus: asked } = await ssoAdmin.send(
      new DeleteAccountAssignmentCommand(writeInput(sandbox)),
    );
    return finalStatus(sandbox, ssoAdmin, 'delete', asked!.RequestId!);
  };
  sandbox.assignments.add(assignment());
  await post(`${sandbox.url}/sandbox/accounts/${accountId}`, { state: 'SUSPENDED' });
  expect(await outcome()).toMatchObject({ Status: 'FAILED', FailureReason: expect.stringContaining('takes longer') });
  expect(sandbox.assignments.has(assignment())).toBe(true);
  await post(`${sandbox.url}/sandbox/accounts/${accountId}`, { state: 'PENDING_CLOSURE' });
  expect(await outcome()).toMatchObject({ Status: 'SUCCEEDED' });

  sandbox.assignments.add(assignment());
  await post(`${sandbox.url}/sandbox/accounts/${accountId}`, { state: 'LEFT' });
  expect(organization.accounts.some(({ id }) => id === accountId)).toBe(false);
  expect(sandbox.assignments.has(assignment())).toBe(false);
  await post(`${sandbox.url}/sandbox/permission-sets`, { delete: permissionSetArn });
  expect(organization.permissionSets.some(({ arn }) => arn === permissionSetArn)).toBe(false);
  const [group = ''] = [...organization.memberships].find(([, members]) => members.has(principalId)) ?? [];
  await post(`${sandbox.url}/sandbox/groups/${group}/members`, { remove: [principalId] });
  expect(organization.memberships.get(group)?.has(principalId)).toBe(false);
  await post(`${sandbox.url}/sandbox/users/${principalId}`, { status: 'DELETED' });
  expect(organization.users.some(({ id }) => id === principalId)).toBe(false);
  for (const path of ['accounts/1', 'groups/1/members', 'users/1']) {
    const body = { state: 'CLOSED', status: 'DELETED' };
    expect((await post(`${sandbox.url}/sandbox/${path}`, body)).status, path).toBe(404);
  }
});

test('a port that is taken is an error that leaves nothing running', async () => {
  const sandbox = await sandboxForTest();
  const port = Number(new URL(sandbox.url).port);
  const smtpPort = await freePort();
  const failing = startSandbox({ organization: demoOrganization(), port, smtpPort });
  await expect(failing).rejects.toMatchObject({ code: 'EADDRINUSE' });
  // The mailbox was up by then: its port must be free again.
  const { environment } = await sandboxForTest({ smtpPort });
  expect(environment.SMTP_URL).toBe(`smtp://127.0.0.1:${smtpPort}`);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
