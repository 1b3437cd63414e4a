import { generateMemberships } from './generate/memberships.ts';
import { oddAccountName, oddName } from './generate/odd-names.ts';
import { pick, randomFrom } from './generate/random.ts';
import { generateUnits, placesIn } from './generate/units.ts';
import { FAMILY_NAMES, GIVEN_NAMES, ROLES, TEAMS } from './generate/words.ts';
import { permissionSetArnOf, principalIdOf } from './identifiers.ts';
import type {
  Organization,
  OrganizationalUnit,
  SandboxAccount,
  SandboxGroup,
  SandboxPermissionSet,
  SandboxUser,
} from './organization.ts';

export interface OrganizationSize {
  seed: number;
  accounts: number;
  permissionSets: number;
  users: number;
  groups: number;
}

const INSTANCE_ARN = 'arn:aws:sso:::instance/ssoins-72230a1b2c3d4e5f';
const IDENTITY_STORE_ID = 'd-90670a1b2c';
const DUPLICATE_NAME = 'All engineers';
const ROOT_ID = 'r-g3n0';
/** So many accounts for each branch of the tree give 400 units to 5,000 accounts. */
const ACCOUNTS_PER_BRANCH = 34;

/** An organization of any size; the same seed and numbers give the same organization. */
export function generateOrganization(size: OrganizationSize): Organization {
  const random = randomFrom(size.seed);
  const root = generateUnits(ROOT_ID, Math.ceil(size.accounts / ACCOUNTS_PER_BRANCH));
  const accounts = generateAccounts(size.accounts, placesIn(root), random);
  const users = generateUsers(size.users, random);
  const groups = generateGroups(size.groups);
  const permissionSets = generatePermissionSets(size.permissionSets);
  return {
    id: 'o-g3n3r4t3d0',
    region: 'eu-west-1',
    managementAccountId: accountIdOf(0),
    delegatedAdministratorAccountId: accountIdOf(Math.min(1, size.accounts - 1)),
    instanceArn: INSTANCE_ARN,
    identityStoreId: IDENTITY_STORE_ID,
    root,
    accounts,
    permissionSets,
    users,
    groups,
    memberships: generateMemberships(users, groups, random),
    standingAssignments: accounts.slice(2).flatMap((account) => {
      const group = pick(groups, random);
      const permissionSet = pick(permissionSets, random);
      if (!group || !permissionSet) return [];
      const { arn: permissionSetArn } = permissionSet;
      return [{ accountId: account.id, permissionSetArn, principalType: 'GROUP' as const, principalId: group.id }];
    }),
  };
}

function generateAccounts(count: number, units: OrganizationalUnit[], random: () => number): SandboxAccount[] {
  return Array.from({ length: count }, (_, index) => {
    const unit = index === 0 ? undefined : units[index % units.length];
    const slugged = index === 0 ? 'management' : `${plainSlug(unit?.name ?? 'account')}-${index}`;
    // One in a hundred is suspended, but never the two that the organization itself needs.
    const suspended = index > 1 && random() < 0.01;
    return {
      id: accountIdOf(index),
      name: oddAccountName(index, 97) ?? slugged,
      email: `aws+${slugged}@example.com`,
      parentId: unit?.id ?? ROOT_ID,
      state: suspended ? 'SUSPENDED' : 'ACTIVE',
    };
  });
}

function generatePermissionSets(count: number): SandboxPermissionSet[] {
  return Array.from({ length: count }, (_, index) => {
    const name = numbered(nameAt(ROLES, index % ROLES.length), Math.floor(index / ROLES.length), '');
    return {
      arn: permissionSetArnOf(INSTANCE_ARN, name),
      name,
      description: `What ${name} needs`,
      sessionDuration: `PT${1 + (index % 12)}H`,
    };
  });
}

function generateUsers(count: number, random: () => number): SandboxUser[] {
  return Array.from({ length: count }, (_, index) => {
    const givenName = nameAt(GIVEN_NAMES, index % GIVEN_NAMES.length);
    const familyName = nameAt(FAMILY_NAMES, Math.floor(index / GIVEN_NAMES.length) % FAMILY_NAMES.length);
    const round = Math.floor(index / (GIVEN_NAMES.length * FAMILY_NAMES.length));
    const userName = numbered(`${slug(givenName)}.${slug(familyName)}`, round, '');
    return {
      id: principalIdOf(IDENTITY_STORE_ID, `user ${index}`),
      userName,
      displayName: oddName(index, 211) ?? `${givenName} ${familyName}`,
      givenName,
      familyName,
      // Mail addresses are plain ASCII even where user names are not.
      email: `${userName.normalize('NFD').replace(/\p{M}/gu, '')}@example.com`,
      status: random() < 0.01 ? 'DISABLED' : 'ENABLED',
    };
  });
}

function generateGroups(count: number): SandboxGroup[] {
  return Array.from({ length: count }, (_, index) => {
    const team = nameAt(TEAMS, index % TEAMS.length);
    const role = nameAt(ROLES, Math.floor(index / TEAMS.length) % ROLES.length);
    const plain = numbered(`${team} ${role}`, Math.floor(index / (TEAMS.length * ROLES.length)), ' ');
    const odd = oddName(index, 83);
    // Identity Center has seen such: two groups that only their IDs tell apart.
    const displayName = index % 500 === 499 ? DUPLICATE_NAME : odd === undefined ? plain : `${odd} ${index}`;
    return { id: principalIdOf(IDENTITY_STORE_ID, `group ${index}`), displayName, description: '' };
  });
}

function accountIdOf(index: number): string {
  return String(600_000_000_000 + index * 7);
}

function numbered(name: string, round: number, separator: string): string {
  return round === 0 ? name : `${name}${separator}${round + 1}`;
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}

/** What AWS takes in an account's name and address, whatever its unit is called. */
function plainSlug(name: string): string {
  return slug(name.replace(/[^a-z0-9 ]/gi, '').trim()).slice(0, 40) || 'account';
}

function nameAt(names: readonly string[], index: number): string {
  return names[index] ?? 'Other';
}
