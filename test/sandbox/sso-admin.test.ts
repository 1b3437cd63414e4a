import {
  AccessDeniedException,
  ConflictException,
  CreateAccountAssignmentCommand,
  DeleteAccountAssignmentCommand,
  DescribeAccountAssignmentDeletionStatusCommand,
  DescribePermissionSetCommand,
  ListAccountAssignmentCreationStatusCommand,
  ListAccountAssignmentDeletionStatusCommand,
  ListAccountAssignmentsForPrincipalCommand,
  ListInstancesCommand,
  paginateListAccountAssignments,
  paginateListAccountsForProvisionedPermissionSet,
  paginateListPermissionSets,
  paginateListPermissionSetsProvisionedToAccount,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-sso-admin';
import { describe, expect, test } from 'vitest';
import { DEMO_ACCOUNTS, DEMO_PERMISSION_SETS, demoGroupId, demoUserId } from '../../src/sandbox/demo-organization.ts';
import { assignment, clientsOf, finalStatus, listed, managementClient, sandboxForTest, writeInput } from './aws.ts';

const UNKNOWN_PRINCIPAL = '9367a1b2c4-00000000-0000-4000-8000-000000000000';

describe('the instance and its permission sets', () => {
  test('the one instance names its identity store, its owner and its primary Region', async () => {
    const sandbox = await sandboxForTest();
    const { Instances } = await clientsOf(sandbox).ssoAdmin.send(new ListInstancesCommand({}));
    expect(Instances).toMatchObject([
      {
        InstanceArn: sandbox.organization.instanceArn,
        IdentityStoreId: sandbox.organization.identityStoreId,
        OwnerAccountId: sandbox.organization.managementAccountId,
        Status: 'ACTIVE',
        PrimaryRegion: sandbox.organization.region,
      },
    ]);
  });

  test('every permission set is listed once over several pages', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin: client } = clientsOf(sandbox);
    const pages: string[][] = [];
    const input = { InstanceArn: sandbox.organization.instanceArn, MaxResults: 5 };
    for await (const page of paginateListPermissionSets({ client }, input)) pages.push(page.PermissionSets!);
    expect(pages.map(({ length }) => length)).toEqual([5, 5, 3]);
    expect(pages.flat()).toEqual(sandbox.organization.permissionSets.map(({ arn }) => arn));
  });

  test('a permission set is described with its session duration', async () => {
    const sandbox = await sandboxForTest();
    const { PermissionSet } = await clientsOf(sandbox).ssoAdmin.send(
      new DescribePermissionSetCommand({
        InstanceArn: sandbox.organization.instanceArn,
        PermissionSetArn: DEMO_PERMISSION_SETS.ReadOnly!,
      }),
    );
    expect(PermissionSet).toMatchObject({ Name: 'ReadOnly', SessionDuration: 'PT8H' });
    expect(PermissionSet?.CreatedDate).toBeInstanceOf(Date);
  });

  test('what is provisioned is listed from both sides', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin: client } = clientsOf(sandbox);
    const { instanceArn: InstanceArn, managementAccountId } = sandbox.organization;
    const sets: string[] = [];
    const inAccount = { InstanceArn, AccountId: managementAccountId };
    for await (const page of paginateListPermissionSetsProvisionedToAccount({ client }, inAccount)) {
      sets.push(...page.PermissionSets!);
    }
    expect(sets).toEqual([DEMO_PERMISSION_SETS.OrganizationAdmin]);
    const accounts: string[] = [];
    const ofSet = { InstanceArn, PermissionSetArn: DEMO_PERMISSION_SETS.OrganizationAdmin! };
    for await (const page of paginateListAccountsForProvisionedPermissionSet({ client }, ofSet)) {
      accounts.push(...page.AccountIds!);
    }
    expect(accounts).toEqual([managementAccountId]);
  });
});

describe('creating an assignment', () => {
  test('it is in progress at first, and listed once it has succeeded', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    sandbox.faults.stuck = true;
    const created = await ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox)));
    expect(created.AccountAssignmentCreationStatus?.Status).toBe('IN_PROGRESS');
    expect(await listed(sandbox, ssoAdmin)).toEqual([]);

    sandbox.faults.stuck = false;
    const requestId = created.AccountAssignmentCreationStatus!.RequestId!;
    expect(await finalStatus(sandbox, ssoAdmin, 'create', requestId)).toMatchObject({
      Status: 'SUCCEEDED',
      RequestId: requestId,
      TargetId: assignment().accountId,
      PrincipalId: assignment().principalId,
    });
    expect(await listed(sandbox, ssoAdmin)).toEqual([assignment().principalId]);
    expect(sandbox.assignments.has(assignment())).toBe(true);
  });

  test('creating what already exists succeeds and leaves one assignment', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    sandbox.assignments.add(assignment());
    const created = await ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox)));
    const status = await finalStatus(sandbox, ssoAdmin, 'create', created.AccountAssignmentCreationStatus!.RequestId!);
    expect(status.Status).toBe('SUCCEEDED');
    expect(await listed(sandbox, ssoAdmin)).toEqual([assignment().principalId]);
  });

  test('a second write to the same role in the same account conflicts until the first is done', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    sandbox.faults.stuck = true;
    await ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox)));
    const other = writeInput(sandbox, { principalId: demoUserId('Marcus.Webb') });
    await expect(ssoAdmin.send(new CreateAccountAssignmentCommand(other))).rejects.toThrow(ConflictException);
    const elsewhere = writeInput(sandbox, { accountId: DEMO_ACCOUNTS['ledger-prod']! });
    await ssoAdmin.send(new CreateAccountAssignmentCommand(elsewhere));

    sandbox.faults.stuck = false;
    await sandbox.assignments.waitFor(assignment(), 'present');
    await ssoAdmin.send(new CreateAccountAssignmentCommand(other));
  });

  test('a suspended account accepts the request and fails it with a reason', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    const suspended = assignment({ accountId: DEMO_ACCOUNTS['old-webshop']! });
    const created = await ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox, suspended)));
    expect(created.AccountAssignmentCreationStatus).not.toHaveProperty('FailureReason');
    const status = await finalStatus(sandbox, ssoAdmin, 'create', created.AccountAssignmentCreationStatus!.RequestId!);
    expect(status).toMatchObject({ Status: 'FAILED', FailureReason: expect.stringContaining(suspended.accountId) });
    expect(sandbox.assignments.has(suspended)).toBe(false);
  });

  test('at most so many creates may be outstanding, and deletes do not count', async () => {
    const sandbox = await sandboxForTest({ outstandingCreates: 2 });
    const { ssoAdmin } = clientsOf(sandbox);
    const [first, second, third] = ['ledger-prod', 'search-prod', 'catalog-prod'].map((name) =>
      writeInput(sandbox, { accountId: DEMO_ACCOUNTS[name]! }),
    );
    sandbox.assignments.add(assignment());
    sandbox.faults.stuck = true;
    await ssoAdmin.send(new DeleteAccountAssignmentCommand(writeInput(sandbox)));
    await ssoAdmin.send(new CreateAccountAssignmentCommand(first!));
    await ssoAdmin.send(new CreateAccountAssignmentCommand(second!));
    await expect(ssoAdmin.send(new CreateAccountAssignmentCommand(third!))).rejects.toThrow(ThrottlingException);
  });
});

describe('deleting an assignment', () => {
  test('it is gone from the list once the delete has succeeded', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    sandbox.assignments.add(assignment());
    const deleted = await ssoAdmin.send(new DeleteAccountAssignmentCommand(writeInput(sandbox)));
    const requestId = deleted.AccountAssignmentDeletionStatus!.RequestId!;
    expect((await finalStatus(sandbox, ssoAdmin, 'delete', requestId)).Status).toBe('SUCCEEDED');
    expect(await listed(sandbox, ssoAdmin)).toEqual([]);
  });

  test('deleting what is not there is refused at once, or fails later if so configured', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    const input = writeInput(sandbox);
    await expect(ssoAdmin.send(new DeleteAccountAssignmentCommand(input))).rejects.toThrow(ResourceNotFoundException);
    sandbox.faults.absentDeleteFails = true;
    const deleted = await ssoAdmin.send(new DeleteAccountAssignmentCommand(input));
    const requestId = deleted.AccountAssignmentDeletionStatus!.RequestId!;
    expect((await finalStatus(sandbox, ssoAdmin, 'delete', requestId)).Status).toBe('FAILED');
  });

  test('the assignment of a user who no longer exists can still be deleted', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    sandbox.assignments.add(assignment());
    sandbox.organization.users = sandbox.organization.users.filter(({ id }) => id !== assignment().principalId);
    await ssoAdmin.send(new DeleteAccountAssignmentCommand(writeInput(sandbox)));
    await sandbox.assignments.waitFor(assignment(), 'absent');
    await expect(ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox)))).rejects.toThrow(
      ResourceNotFoundException,
    );
  });

  test('the status of a create is not found among the deletes', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    const created = await ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox)));
    const command = new DescribeAccountAssignmentDeletionStatusCommand({
      InstanceArn: sandbox.organization.instanceArn,
      AccountAssignmentDeletionRequestId: created.AccountAssignmentCreationStatus!.RequestId!,
    });
    await expect(ssoAdmin.send(command)).rejects.toThrow(ResourceNotFoundException);
  });
});

test('the lists of statuses tell request and status only, newest first, filtered if wanted', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin } = clientsOf(sandbox);
  const { instanceArn: InstanceArn } = sandbox.organization;
  const requestIds: string[] = [];
  for (const name of ['ledger-prod', 'search-prod']) {
    const input = writeInput(sandbox, { accountId: DEMO_ACCOUNTS[name]! });
    const created = await ssoAdmin.send(new CreateAccountAssignmentCommand(input));
    const requestId = created.AccountAssignmentCreationStatus!.RequestId!;
    await finalStatus(sandbox, ssoAdmin, 'create', requestId);
    requestIds.unshift(requestId);
    sandbox.faults.failNext.push('no luck');
  }
  const all = await ssoAdmin.send(new ListAccountAssignmentCreationStatusCommand({ InstanceArn }));
  expect(all.AccountAssignmentsCreationStatus!.map(({ RequestId }) => RequestId)).toEqual(requestIds);
  expect(Object.keys(all.AccountAssignmentsCreationStatus![0]!).sort()).toEqual(['CreatedDate', 'RequestId', 'Status']);
  const failed = await ssoAdmin.send(
    new ListAccountAssignmentCreationStatusCommand({ InstanceArn, Filter: { Status: 'FAILED' } }),
  );
  expect(failed.AccountAssignmentsCreationStatus!.map(({ RequestId }) => RequestId)).toEqual(requestIds.slice(0, 1));
  const deletes = await ssoAdmin.send(new ListAccountAssignmentDeletionStatusCommand({ InstanceArn }));
  expect(deletes.AccountAssignmentsDeletionStatus).toEqual([]);
});

test('assignments are listed over several pages, users and groups alike', async () => {
  const sandbox = await sandboxForTest();
  const { ssoAdmin: client } = clientsOf(sandbox);
  const expected = [
    assignment(),
    assignment({ principalId: demoUserId('Marcus.Webb') }),
    assignment({ principalType: 'GROUP', principalId: demoGroupId('Data Engineers') }),
  ];
  for (const each of expected) sandbox.assignments.add(each);
  const { InstanceArn, PermissionSetArn, TargetId: AccountId } = writeInput(sandbox);
  const found: unknown[] = [];
  const input = { InstanceArn, AccountId, PermissionSetArn, MaxResults: 2 };
  for await (const page of paginateListAccountAssignments({ client }, input)) {
    found.push(page.AccountAssignments!.map(({ PrincipalType, PrincipalId }) => [PrincipalType, PrincipalId]));
  }
  const wanted = expected.map(({ principalType, principalId }) => [principalType, principalId]);
  expect(found).toEqual([wanted.slice(0, 2), wanted.slice(2)]);
});

test('what one person has is told to the management account only, with what comes through groups and the list’s lag', async () => {
  const sandbox = await sandboxForTest();
  const { InstanceArn, PrincipalId, PrincipalType } = writeInput(sandbox);
  for (const each of sandbox.assignments.list()) sandbox.assignments.remove(each);
  const [groupId] = [...sandbox.organization.memberships].find(([, members]) => members.has(PrincipalId!))!;
  sandbox.assignments.add(assignment());
  sandbox.assignments.add(assignment({ accountId: DEMO_ACCOUNTS['ledger-prod']! }));
  sandbox.assignments.add(assignment({ principalType: 'GROUP', principalId: groupId }));
  sandbox.assignments.add(assignment({ principalId: demoUserId('Marcus.Webb') }));
  const input = { InstanceArn, PrincipalId, PrincipalType };
  const command = new ListAccountAssignmentsForPrincipalCommand(input);
  await expect(clientsOf(sandbox).ssoAdmin.send(command)).rejects.toThrow(AccessDeniedException);
  const client = managementClient(sandbox);
  const all = await client.send(command);
  expect(all.AccountAssignments!.map(({ PrincipalType: type }) => type)).toEqual(['USER', 'GROUP', 'USER']);
  const one = await client.send(
    new ListAccountAssignmentsForPrincipalCommand({ ...input, Filter: { AccountId: DEMO_ACCOUNTS['ledger-prod']! } }),
  );
  expect(one.AccountAssignments).toHaveLength(1);
  sandbox.faults.listLagMs = 60_000;
  const lagging = await client.send(command);
  expect(lagging.AccountAssignments!.filter(({ PrincipalId: id }) => id === PrincipalId)).toEqual([]);
});

describe('what a delegated administrator may not do', () => {
  test('the management account is out of reach, but not for its own administrator', async () => {
    const sandbox = await sandboxForTest();
    const { managementAccountId: accountId } = sandbox.organization;
    const command = new CreateAccountAssignmentCommand(writeInput(sandbox, { accountId }));
    await expect(clientsOf(sandbox).ssoAdmin.send(command)).rejects.toThrow(AccessDeniedException);
    await managementClient(sandbox).send(command);
    await sandbox.assignments.waitFor(assignment({ accountId }), 'present');
  });

  test('a permission set that reaches the management account can no longer be given or taken anywhere', async () => {
    const sandbox = await sandboxForTest();
    const { ssoAdmin } = clientsOf(sandbox);
    sandbox.assignments.add(assignment());
    sandbox.assignments.add(assignment({ accountId: sandbox.organization.managementAccountId }));
    const elsewhere = writeInput(sandbox, { accountId: DEMO_ACCOUNTS['ledger-prod']! });
    await expect(ssoAdmin.send(new CreateAccountAssignmentCommand(elsewhere))).rejects.toThrow(AccessDeniedException);
    await expect(ssoAdmin.send(new DeleteAccountAssignmentCommand(writeInput(sandbox)))).rejects.toThrow(
      AccessDeniedException,
    );
    expect(sandbox.assignments.has(assignment())).toBe(true);
  });
});

describe('input', () => {
  const wrong: [what: string, change: Record<string, string>][] = [
    ['an account ID with a letter', { TargetId: '21100000020x' }],
    ['a permission set ARN of another service', { PermissionSetArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
    ['a principal ID that is a name', { PrincipalId: 'lena.fischer' }],
    ['a principal type in lower case', { PrincipalType: 'user' }],
    ['a target type that is not an account', { TargetType: 'ALL_PROVISIONED_ACCOUNTS' }],
  ];
  test.each(wrong)('%s is a ValidationException', async (_what, change) => {
    const sandbox = await sandboxForTest();
    const input = { ...writeInput(sandbox), ...change } as ReturnType<typeof writeInput>;
    const answer = clientsOf(sandbox).ssoAdmin.send(new CreateAccountAssignmentCommand(input));
    await expect(answer).rejects.toThrow(ValidationException);
    expect(sandbox.calls.list('CreateAccountAssignment')).toMatchObject([{ outcome: 'ValidationException' }]);
  });

  const unknown: [what: string, change: Record<string, string>][] = [
    ['account', { TargetId: '999999999999' }],
    ['user', { PrincipalId: UNKNOWN_PRINCIPAL }],
    ['instance', { InstanceArn: 'arn:aws:sso:::instance/ssoins-0000000000000000' }],
    ['permission set', { PermissionSetArn: `${DEMO_PERMISSION_SETS.ReadOnly!.slice(0, -16)}0000000000000000` }],
  ];
  test.each(unknown)('an unknown %s is a ResourceNotFoundException', async (_what, change) => {
    const sandbox = await sandboxForTest();
    const answer = clientsOf(sandbox).ssoAdmin.send(
      new CreateAccountAssignmentCommand({ ...writeInput(sandbox), ...change }),
    );
    await expect(answer).rejects.toThrow(ResourceNotFoundException);
  });
});
