import { FAMILY_NAMES, GIVEN_NAMES, ROLES, STAGES, TEAMS } from './generate/words.ts';
import { organizationalUnitIdOf, permissionSetArnOf, principalIdOf } from './identifiers.ts';
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
const ROOT_ID = 'r-g3n0';
const GROUPS_PER_USER = 4;

/** An organization of any size; the same seed and numbers give the same organization. */
export function generateOrganization(size: OrganizationSize): Organization {
  const random = randomFrom(size.seed);
  const root = generateUnits(Math.ceil(size.accounts / 25));
  const accounts = generateAccounts(size.accounts, leavesOf(root), random);
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

/** OUs three deep: stages, then teams, then numbered parts of a team. */
function generateUnits(leaves: number): OrganizationalUnit {
  const unit = (path: string, name: string): OrganizationalUnit => ({
    id: organizationalUnitIdOf(ROOT_ID, path),
    name,
    children: [],
  });
  const root: OrganizationalUnit = { id: ROOT_ID, name: 'Root', children: STAGES.map((name) => unit(name, name)) };
  for (let index = 0; index < leaves; index++) {
    const stage = root.children[index % root.children.length];
    const teamIndex = Math.floor(index / STAGES.length);
    const team = nameAt(TEAMS, teamIndex % TEAMS.length);
    if (!stage) break;
    let parent = stage.children.find(({ name }) => name === team);
    if (!parent) {
      parent = unit(`${stage.name}/${team}`, team);
      stage.children.push(parent);
    }
    const part = `${team} ${Math.floor(teamIndex / TEAMS.length) + 1}`;
    parent.children.push(unit(`${stage.name}/${team}/${part}`, part));
  }
  return root;
}

function leavesOf(unit: OrganizationalUnit): OrganizationalUnit[] {
  return unit.children.length === 0 ? [unit] : unit.children.flatMap(leavesOf);
}

function generateAccounts(count: number, units: OrganizationalUnit[], random: () => number): SandboxAccount[] {
  return Array.from({ length: count }, (_, index) => {
    const unit = index === 0 ? undefined : units[index % units.length];
    const name = index === 0 ? 'management' : `${slug(unit?.name ?? 'account')}-${index}`;
    // One in a hundred is suspended, but never the two that the organization itself needs.
    const suspended = index > 1 && random() < 0.01;
    return {
      id: accountIdOf(index),
      name,
      email: `aws+${name}@example.com`,
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
      displayName: `${givenName} ${familyName}`,
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
    const displayName = numbered(`${team} ${role}`, Math.floor(index / (TEAMS.length * ROLES.length)), ' ');
    return { id: principalIdOf(IDENTITY_STORE_ID, `group ${index}`), displayName, description: '' };
  });
}

function generateMemberships(users: SandboxUser[], groups: SandboxGroup[], random: () => number) {
  const memberships = new Map(groups.map(({ id }) => [id, new Set<string>()]));
  for (const user of users) {
    for (let joined = 0; joined < GROUPS_PER_USER; joined++) {
      memberships.get(pick(groups, random)?.id ?? '')?.add(user.id);
    }
  }
  return memberships;
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

function nameAt(names: readonly string[], index: number): string {
  return names[index] ?? 'Other';
}

function pick<Item>(items: readonly Item[], random: () => number): Item | undefined {
  return items[Math.floor(random() * items.length)];
}

/** Mulberry32: small, quick, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
