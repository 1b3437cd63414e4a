import { paginateListUsers } from '@aws-sdk/client-identitystore';
import { paginateListAccounts } from '@aws-sdk/client-organizations';
import { describe, expect, test } from 'vitest';
import * as field from '../../src/sandbox/aws/patterns.ts';
import {
  ADMIN_GROUP,
  AUDITOR_GROUP,
  DEMO_PEOPLE,
  demoGroupId,
  demoOrganization,
  demoUserId,
} from '../../src/sandbox/demo-organization.ts';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import type { Organization, OrganizationalUnit } from '../../src/sandbox/organization.ts';
import { clientsOf, sandboxForTest } from './aws.ts';

const small = { seed: 7, accounts: 60, permissionSets: 45, users: 300, groups: 450 };

function unitsOf(unit: OrganizationalUnit): OrganizationalUnit[] {
  return [unit, ...unit.children.flatMap(unitsOf)];
}

function depthOf(unit: OrganizationalUnit): number {
  return 1 + Math.max(0, ...unit.children.map(depthOf));
}

const organizations: [name: string, organization: Organization][] = [
  ['the demo company', demoOrganization()],
  ['a generated organization', generateOrganization(small)],
];

describe.each(organizations)('%s', (_name, organization) => {
  test('has IDs in the published form, each once', () => {
    const units = unitsOf(organization.root);
    const ids = [...organization.accounts, ...units, ...organization.users, ...organization.groups].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of organization.accounts) expect(id).toSatisfy((it) => field.accountId.safeParse(it).success);
    for (const { id } of units) expect(id).toSatisfy((it) => field.parentId.safeParse(it).success);
    for (const { id } of [...organization.users, ...organization.groups]) {
      expect(id).toSatisfy((it) => field.principalId.safeParse(it).success);
    }
    for (const { arn } of organization.permissionSets) {
      expect(arn).toSatisfy((it) => field.permissionSetArn.safeParse(it).success);
    }
    expect(field.instanceArn.safeParse(organization.instanceArn).success).toBe(true);
    expect(field.identityStoreId.safeParse(organization.identityStoreId).success).toBe(true);
    expect(organization.id).toMatch(/^o-[a-z0-9]{10,32}$/);
  });

  test('has names that AWS would take, unique without regard to case', () => {
    const unique = (names: string[]) =>
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    unique(organization.users.map(({ userName }) => userName));
    unique(organization.users.flatMap(({ email }) => email || []));
    unique(organization.groups.map(({ displayName }) => displayName));
    unique(organization.permissionSets.map(({ name }) => name));
    for (const { userName } of organization.users) expect(userName).toMatch(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u);
    for (const { name, sessionDuration } of organization.permissionSets) {
      expect(name).toMatch(/^[\w+=,.@-]{1,32}$/);
      expect(sessionDuration).toMatch(/^PT([1-9]|1[0-2])H$/);
    }
  });

  test('refers only to what it has, with OUs three deep', () => {
    const units = new Set(unitsOf(organization.root).map(({ id }) => id));
    const accounts = new Set(organization.accounts.map(({ id }) => id));
    const sets = new Set(organization.permissionSets.map(({ arn }) => arn));
    const users = new Set(organization.users.map(({ id }) => id));
    const groups = new Set(organization.groups.map(({ id }) => id));
    expect(depthOf(organization.root) - 1).toBe(3);
    expect(organization.accounts.filter(({ parentId }) => !units.has(parentId))).toEqual([]);
    expect(accounts).toContain(organization.managementAccountId);
    expect(accounts).toContain(organization.delegatedAdministratorAccountId);
    expect([...organization.memberships.keys()].filter((id) => !groups.has(id))).toEqual([]);
    expect([...organization.memberships.values()].flatMap((ids) => [...ids]).filter((id) => !users.has(id))).toEqual(
      [],
    );
    for (const { accountId, permissionSetArn, principalType, principalId } of organization.standingAssignments) {
      expect(accounts).toContain(accountId);
      expect(sets).toContain(permissionSetArn);
      expect(principalType === 'USER' ? users : groups).toContain(principalId);
    }
  });
});

test('the people to sign in as exist, are enabled and are in the groups that make them what they are', () => {
  const { users, memberships } = demoOrganization();
  for (const userName of Object.values(DEMO_PEOPLE)) {
    expect(users).toContainEqual(expect.objectContaining({ userName, status: 'ENABLED', id: demoUserId(userName) }));
  }
  expect(memberships.get(demoGroupId(ADMIN_GROUP))).toContain(demoUserId(DEMO_PEOPLE.admin));
  expect(memberships.get(demoGroupId(AUDITOR_GROUP))).toContain(demoUserId(DEMO_PEOPLE.auditor));
});

test('the demo company is made anew each time, with the same IDs', () => {
  const changed = demoOrganization();
  changed.users[0]!.status = 'DISABLED';
  changed.memberships.clear();
  changed.root.children.pop();
  expect(demoOrganization()).toEqual(organizations[0]![1]);
});

test('the same seed gives the same organization, another seed another', () => {
  expect(generateOrganization(small)).toEqual(generateOrganization(small));
  const other = generateOrganization({ ...small, seed: 8 });
  expect(other.memberships).not.toEqual(generateOrganization(small).memberships);
});

const largest = { seed: 1, accounts: 5_000, permissionSets: 500, users: 50_000, groups: 20_000 };

test('the largest organization has 400 units as deep as AWS allows, and everything that is awkward in a real one', () => {
  const { root, accounts, users, groups, memberships } = generateOrganization(largest);
  expect(unitsOf(root)).toHaveLength(400);
  expect(depthOf(root) - 1).toBe(5);
  expect(accounts.filter(({ state }) => state === 'SUSPENDED').length).toBeGreaterThan(20);
  // AWS Organizations API, CreateAccount: what an account may be called.
  for (const { name } of accounts) expect(name).toMatch(/^[\x20-\x7e]{1,50}$/);
  const names = [...accounts, ...unitsOf(root)].map(({ name }) => name);
  const shown = [...names, ...users.map((user) => user.displayName), ...groups.map((group) => group.displayName)];
  for (const odd of [/"/, /'/, /<script>/, /\p{Script=Arabic}/u, /\p{Script=Hebrew}/u, /^.{100}/]) {
    expect(shown.filter((name) => odd.test(name)).length).toBeGreaterThan(10);
  }
  expect(groups.length - new Set(groups.map(({ displayName }) => displayName)).size).toBeGreaterThan(10);
  const groupsOf = new Map<string, number>();
  for (const members of memberships.values()) {
    for (const id of members) groupsOf.set(id, (groupsOf.get(id) ?? 0) + 1);
  }
  expect([...groupsOf.values()].filter((count) => count >= 200).length).toBeGreaterThanOrEqual(50);
});

test('the largest organization is served whole', async () => {
  const organization = generateOrganization(largest);
  const sandbox = await sandboxForTest({ organization });
  const { identityStore, organizations } = clientsOf(sandbox);
  const found = new Set<string>();
  for await (const page of paginateListAccounts({ client: organizations }, {})) {
    for (const { Id } of page.Accounts!) found.add(Id!);
  }
  expect(found.size).toBe(5_000);
  const store = { IdentityStoreId: organization.identityStoreId, MaxResults: 100 };
  for await (const page of paginateListUsers({ client: identityStore }, store)) {
    for (const { UserId } of page.Users!) found.add(UserId!);
  }
  expect(found.size).toBe(55_000);
});
