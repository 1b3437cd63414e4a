import {
  DescribeGroupCommand,
  DescribeUserCommand,
  GetGroupIdCommand,
  GetUserIdCommand,
  IsMemberInGroupsCommand,
  paginateListGroupMemberships,
  paginateListGroupMembershipsForMember,
  paginateListGroups,
  paginateListUsers,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-identitystore';
import { expect, test } from 'vitest';
import { DEMO_PEOPLE, demoGroupId, demoUserId } from '../../src/sandbox/demo-organization.ts';
import { clientsOf, sandboxForTest } from './aws.ts';

async function started() {
  const sandbox = await sandboxForTest();
  const { identityStoreId: IdentityStoreId } = sandbox.organization;
  return { sandbox, client: clientsOf(sandbox).identityStore, IdentityStoreId };
}

test('every user is listed once over several pages, names untouched', async () => {
  const { sandbox, client, IdentityStoreId } = await started();
  const names: (string | undefined)[] = [];
  for await (const page of paginateListUsers({ client }, { IdentityStoreId, MaxResults: 15 })) {
    names.push(...page.Users!.map(({ UserName }) => UserName));
  }
  expect(names).toEqual(sandbox.organization.users.map(({ userName }) => userName));
  expect(names).toEqual(expect.arrayContaining(["siobhan.o'connor", 'zoë.lindqvist', 'Marcus.Webb']));
});

test('a user is described with status and mail address, and without one where there is none', async () => {
  const { sandbox, client, IdentityStoreId } = await started();
  const describeUser = (name: string) =>
    client.send(new DescribeUserCommand({ IdentityStoreId, UserId: demoUserId(name) }));
  expect(await describeUser('lena.fischer')).toMatchObject({
    UserName: 'lena.fischer',
    DisplayName: 'Lena Fischer',
    Emails: [{ Value: 'lena.fischer@example.com', Primary: true }],
    UserStatus: 'ENABLED',
  });
  expect((await describeUser('viktor.petrov')).UserStatus).toBe('DISABLED');
  expect(await describeUser('aiko.tanaka')).not.toHaveProperty('Emails');

  sandbox.organization.users[0]!.status = 'DISABLED';
  expect((await describeUser('lena.fischer')).UserStatus).toBe('DISABLED');
});

test('a user is found by user name in any case and by mail address, until removed', async () => {
  const { sandbox, client, IdentityStoreId } = await started();
  const find = (AttributePath: string, AttributeValue: string) =>
    client.send(
      new GetUserIdCommand({
        IdentityStoreId,
        AlternateIdentifier: { UniqueAttribute: { AttributePath, AttributeValue } },
      }),
    );
  expect((await find('userName', 'marcus.webb')).UserId).toBe(demoUserId('Marcus.Webb'));
  expect((await find('emails.value', 'marcus.webb@example.com')).UserId).toBe(demoUserId('Marcus.Webb'));
  await expect(find('displayName', 'Marcus Webb')).rejects.toThrow(ValidationException);

  // In place, so that what the sandbox remembers of the list's order is wrong.
  sandbox.organization.users.splice(0, 2);
  await expect(find('userName', 'Marcus.Webb')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    ResourceType: 'USER',
  });
  expect((await find('userName', 'priya.raman')).UserId).toBe(demoUserId('priya.raman'));
});

test('groups are listed, described and found by name', async () => {
  const { sandbox, client, IdentityStoreId } = await started();
  const names: (string | undefined)[] = [];
  for await (const page of paginateListGroups({ client }, { IdentityStoreId, MaxResults: 4 })) {
    names.push(...page.Groups!.map(({ DisplayName }) => DisplayName));
  }
  expect(names).toEqual(sandbox.organization.groups.map(({ displayName }) => displayName));
  const UniqueAttribute = { AttributePath: 'displayName', AttributeValue: 'Latchkey Admins' };
  const { GroupId } = await client.send(
    new GetGroupIdCommand({ IdentityStoreId, AlternateIdentifier: { UniqueAttribute } }),
  );
  expect(GroupId).toBe(demoGroupId('Latchkey Admins'));
  const group = await client.send(new DescribeGroupCommand({ IdentityStoreId, GroupId }));
  expect(group.DisplayName).toBe('Latchkey Admins');
});

test('memberships read the same from the group, from the member and one by one', async () => {
  const { client, IdentityStoreId } = await started();
  const approver = demoUserId(DEMO_PEOPLE.approver);
  const leads = demoGroupId('Payments Leads');
  const ofGroup: (string | undefined)[] = [];
  for await (const page of paginateListGroupMemberships(
    { client },
    { IdentityStoreId, GroupId: leads, MaxResults: 1 },
  )) {
    ofGroup.push(...page.GroupMemberships!.map(({ MemberId }) => MemberId?.UserId));
  }
  expect(ofGroup).toEqual([approver, demoUserId(DEMO_PEOPLE.secondApprover)]);

  const ofMember: (string | undefined)[] = [];
  const member = { IdentityStoreId, MemberId: { UserId: approver } };
  for await (const page of paginateListGroupMembershipsForMember({ client }, member)) {
    ofMember.push(...page.GroupMemberships!.map(({ GroupId }) => GroupId));
  }
  expect(ofMember).toEqual([leads, demoGroupId('Payments Engineers'), demoGroupId('All Staff')]);

  const GroupIds = [leads, demoGroupId('Latchkey Admins')];
  const { Results } = await client.send(new IsMemberInGroupsCommand({ ...member, GroupIds }));
  expect(Results?.map(({ MembershipExists }) => MembershipExists)).toEqual([true, false]);
});

test('a membership taken away in the organization is gone at once', async () => {
  const { sandbox, client, IdentityStoreId } = await started();
  const UserId = demoUserId(DEMO_PEOPLE.admin);
  const admins = demoGroupId('Latchkey Admins');
  sandbox.organization.memberships.get(admins)?.delete(UserId);
  const { Results } = await client.send(
    new IsMemberInGroupsCommand({ IdentityStoreId, MemberId: { UserId }, GroupIds: [admins] }),
  );
  expect(Results?.[0]?.MembershipExists).toBe(false);
});

test('another identity store, an unknown group and a malformed ID are told apart', async () => {
  const { client, IdentityStoreId } = await started();
  const group = (store: string, GroupId: string) =>
    client.send(new DescribeGroupCommand({ IdentityStoreId: store, GroupId }));
  const known = demoGroupId('Finance');
  await expect(group('d-0000000000', known)).rejects.toMatchObject({ ResourceType: 'IDENTITY_STORE' });
  await expect(group(IdentityStoreId, demoUserId('lena.fischer'))).rejects.toThrow(ResourceNotFoundException);
  await expect(group(IdentityStoreId, 'Finance')).rejects.toThrow(ValidationException);
});
