import {
  CloudTrailClient,
  InvalidLookupAttributesException,
  InvalidNextTokenException,
  InvalidTimeRangeException,
  LookupEventsCommand,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { ListPermissionSetsCommand, SSOAdminClient } from '@aws-sdk/client-sso-admin';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { ACTIVITY_ROLE } from '../../src/sandbox/aws/sts.ts';
import { DEMO_ACCOUNTS } from '../../src/sandbox/demo-organization.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { sessionRecord } from '../../src/sandbox/permission-set-session.ts';
import { clientOptions, clientsOf, sandboxForTest } from './aws.ts';

const payments = DEMO_ACCOUNTS['payments-prod']!;

function roleArn(accountId: string, role = ACTIVITY_ROLE) {
  return `arn:aws:iam::${accountId}:role/${role}`;
}

async function assumed(sandbox: Sandbox, accountId: string) {
  const command = new AssumeRoleCommand({ RoleArn: roleArn(accountId), RoleSessionName: 'latchkey' });
  const { Credentials } = await clientsOf(sandbox).sts.send(command);
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
}

async function cloudTrailIn(sandbox: Sandbox, accountId: string, region?: string) {
  return new CloudTrailClient(clientOptions(sandbox, await assumed(sandbox, accountId), region));
}

/** Writes down what the requester did in payments-prod, minute by minute. */
function record(sandbox: Sandbox, eventNames: string[], change: { region?: string } = {}) {
  const { organization } = sandbox;
  const user = organization.users.find(({ userName }) => userName === 'lena.fischer')!;
  const session = sandbox.sessions.open(
    user,
    organization.accounts.find(({ id }) => id === payments)!,
    organization.permissionSets.find(({ name }) => name === 'ReadOnly')!,
  ).aws;
  const start = Date.now() - eventNames.length * 60_000;
  eventNames.forEach((eventName, index) => {
    const at = new Date(start + index * 60_000);
    sandbox.events.record(sessionRecord(session, { eventSource: 's3.amazonaws.com', eventName, at, ...change }, at));
  });
  return session;
}

describe('assuming a role', () => {
  test('the portal is known as the delegated administrator, and in another account as the role', async () => {
    const sandbox = await sandboxForTest();
    const portal = await clientsOf(sandbox).sts.send(new GetCallerIdentityCommand({}));
    expect(portal.Account).toBe(sandbox.organization.delegatedAdministratorAccountId);
    const there = new STSClient(clientOptions(sandbox, await assumed(sandbox, payments)));
    const identity = await there.send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({
      Account: payments,
      Arn: `arn:aws:sts::${payments}:assumed-role/${ACTIVITY_ROLE}/latchkey`,
    });
  });

  test.each([
    ['a role that is not on the list', roleArn(payments, 'OrganizationAccountAccessRole')],
    ['an account outside of the organization', roleArn('999999999999')],
    ['a suspended account', roleArn(DEMO_ACCOUNTS['old-webshop']!)],
  ])('%s is refused', async (_what, RoleArn) => {
    const sandbox = await sandboxForTest();
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'latchkey' });
    await expect(clientsOf(sandbox).sts.send(command)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('a role assumed for CloudTrail may neither use Identity Center nor assume another role', async () => {
    const sandbox = await sandboxForTest();
    const options = clientOptions(sandbox, await assumed(sandbox, payments));
    const list = new ListPermissionSetsCommand({ InstanceArn: sandbox.organization.instanceArn });
    await expect(new SSOAdminClient(options).send(list)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const next = new AssumeRoleCommand({ RoleArn: roleArn(payments), RoleSessionName: 'again' });
    await expect(new STSClient(options).send(next)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('credentials that the sandbox never gave, and expired ones, are refused', async () => {
    const sandbox = await sandboxForTest();
    const foreign = new STSClient(clientOptions(sandbox, { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' }));
    await expect(foreign.send(new GetCallerIdentityCommand({}))).rejects.toThrow(/security token .* is invalid/);
    const credentials = await assumed(sandbox, payments);
    sandbox.faults.clockOffsetMs = 2 * 60 * 60 * 1000;
    const late = new STSClient(clientOptions(sandbox, credentials));
    await expect(late.send(new GetCallerIdentityCommand({}))).rejects.toThrow(/expired/);
  });
});

describe('looking up events', () => {
  test('they come newest first with the record as CloudTrail has it, over several pages', async () => {
    const sandbox = await sandboxForTest();
    const session = record(sandbox, ['ListBuckets', 'GetBucketPolicy', 'PutBucketPolicy']);
    const client = await cloudTrailIn(sandbox, payments);
    const first = await client.send(new LookupEventsCommand({ MaxResults: 2 }));
    expect(first.Events!.map(({ EventName }) => EventName)).toEqual(['PutBucketPolicy', 'GetBucketPolicy']);
    expect(first.Events![0]).toMatchObject({ Username: 'lena.fischer', AccessKeyId: session.accessKeyId });
    expect(JSON.parse(first.Events![0]!.CloudTrailEvent!)).toMatchObject({
      recipientAccountId: payments,
      userIdentity: {
        type: 'AssumedRole',
        principalId: `${session.roleId}:lena.fischer`,
        sessionContext: {
          sessionIssuer: { userName: expect.stringMatching(/^AWSReservedSSO_ReadOnly_[0-9a-f]{16}$/) },
        },
      },
    });
    const second = await client.send(new LookupEventsCommand({ MaxResults: 2, NextToken: first.NextToken }));
    expect(second.Events!.map(({ EventName }) => EventName)).toEqual(['ListBuckets']);
    expect(second.NextToken).toBeUndefined();
  });

  test('each account and Region shows its own events only', async () => {
    const sandbox = await sandboxForTest();
    record(sandbox, ['ListBuckets']);
    record(sandbox, ['CreateUser'], { region: 'us-east-1' });
    const names = async (client: CloudTrailClient) =>
      (await client.send(new LookupEventsCommand({}))).Events!.map(({ EventName }) => EventName);
    expect(await names(await cloudTrailIn(sandbox, payments))).toEqual(['ListBuckets']);
    expect(await names(await cloudTrailIn(sandbox, payments, 'us-east-1'))).toEqual(['CreateUser']);
    expect(await names(await cloudTrailIn(sandbox, DEMO_ACCOUNTS['ledger-prod']!))).toEqual([]);
    expect(await names(clientsOf(sandbox).cloudTrail)).toEqual([]);
  });

  test('one attribute and a time range narrow them down', async () => {
    const sandbox = await sandboxForTest();
    record(sandbox, ['ListBuckets', 'PutBucketPolicy', 'ListBuckets']);
    const client = await cloudTrailIn(sandbox, payments);
    const names = async (input: LookupEventsCommandInput) =>
      (await client.send(new LookupEventsCommand(input))).Events!.map(({ EventName }) => EventName);
    const byName = [{ AttributeKey: 'EventName' as const, AttributeValue: 'ListBuckets' }];
    expect(await names({ LookupAttributes: byName })).toEqual(['ListBuckets', 'ListBuckets']);
    const byUser = [{ AttributeKey: 'Username' as const, AttributeValue: 'lena' }];
    expect(await names({ LookupAttributes: byUser })).toEqual([]);
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    expect(await names({ StartTime: ago(2.5), EndTime: ago(1.5) })).toEqual(['PutBucketPolicy']);
  });

  test('two attributes, a range upside down and a token of another question are refused', async () => {
    const sandbox = await sandboxForTest();
    record(sandbox, ['A', 'B']);
    const client = await cloudTrailIn(sandbox, payments);
    const attribute = { AttributeKey: 'EventName' as const, AttributeValue: 'A' };
    const two = new LookupEventsCommand({ LookupAttributes: [attribute, attribute] });
    await expect(client.send(two)).rejects.toThrow(InvalidLookupAttributesException);
    const upsideDown = new LookupEventsCommand({ StartTime: new Date(2000), EndTime: new Date(1000) });
    await expect(client.send(upsideDown)).rejects.toThrow(InvalidTimeRangeException);
    const { NextToken } = await client.send(new LookupEventsCommand({ MaxResults: 1 }));
    const foreign = new LookupEventsCommand({ NextToken, LookupAttributes: [attribute] });
    await expect(client.send(foreign)).rejects.toThrow(InvalidNextTokenException);
  });

  test('a burst is throttled in its account without a word to others', async () => {
    const sandbox = await sandboxForTest({ callsPerSecond: 1000 });
    const client = await cloudTrailIn(sandbox, payments);
    const burst = Array.from({ length: 10 }, () => client.send(new LookupEventsCommand({})));
    await expect(Promise.all(burst)).rejects.toMatchObject({ name: 'ThrottlingException' });
    await (await cloudTrailIn(sandbox, DEMO_ACCOUNTS['ledger-prod']!)).send(new LookupEventsCommand({}));
  });

  test('an event that is not delivered yet does not show', async () => {
    const sandbox = await sandboxForTest();
    sandbox.faults.eventDelayMs = 60_000;
    record(sandbox, ['ListBuckets']);
    const client = await cloudTrailIn(sandbox, payments);
    expect((await client.send(new LookupEventsCommand({}))).Events).toEqual([]);
    sandbox.faults.eventDelayMs = 0;
    expect((await client.send(new LookupEventsCommand({}))).Events).toHaveLength(1);
  });
});
