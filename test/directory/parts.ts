import { bindInstance, type SyncOptions, syncDirectory } from '../../src/directory/index.ts';
import { createBudget } from '../../src/platform/budget.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Organization, SandboxUser } from '../../src/sandbox/organization.ts';
import { createTestDatabase } from '../support/db.ts';
import { createTestPlatform } from '../support/platform.ts';

export const MANAGEMENT = '100000000000';
export const INSTANCE = 'arn:aws:sso:::instance/ssoins-1234567890abcdef';
const permissionSetArn = (n: number) =>
  `arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-${String(n).padStart(16, '0')}`;
export const READ_ONLY = permissionSetArn(1);
export const ADMINISTRATOR = permissionSetArn(2);
export const GROUP = (n: number) => `11111111-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const USER = (n: number) => `22222222-0000-4000-8000-${String(n).padStart(12, '0')}`;

export function sandboxUser(n: number, userName: string, more: Partial<SandboxUser> = {}): SandboxUser {
  const [givenName = '', familyName = ''] = (more.displayName ?? userName).split(' ');
  return {
    id: USER(n),
    userName,
    displayName: userName,
    givenName,
    familyName,
    email: `user${n}@example.com`,
    status: 'ENABLED',
    ...more,
  };
}

const account = (id: string, name: string, parentId: string, state: 'ACTIVE' | 'SUSPENDED' = 'ACTIVE') => ({
  id,
  name,
  email: `aws+${id}@example.com`,
  parentId,
  state,
});

/** Four accounts in units nested three deep, two permission sets, four people, two groups. */
export function nestedOrganization(): Organization {
  return {
    id: 'o-nested1234',
    region: 'eu-west-1',
    managementAccountId: MANAGEMENT,
    delegatedAdministratorAccountId: '111111111111',
    instanceArn: INSTANCE,
    identityStoreId: 'd-1234567890',
    root: {
      id: 'r-ab12',
      name: 'Root',
      children: [
        {
          id: 'ou-ab12-11111111',
          name: 'Workloads',
          children: [
            {
              id: 'ou-ab12-22222222',
              name: 'Payments',
              children: [{ id: 'ou-ab12-33333333', name: 'Production', children: [] }],
            },
          ],
        },
        { id: 'ou-ab12-44444444', name: 'Empty', children: [] },
      ],
    },
    accounts: [
      account(MANAGEMENT, 'Management', 'r-ab12'),
      account('111111111111', 'Identity', 'ou-ab12-11111111'),
      account('222222222222', 'Payments production', 'ou-ab12-33333333'),
      account('333333333333', 'Old', 'ou-ab12-22222222', 'SUSPENDED'),
    ],
    permissionSets: [
      { arn: READ_ONLY, name: 'ReadOnly', description: 'Look', sessionDuration: 'PT1H30M' },
      { arn: ADMINISTRATOR, name: 'Administrator', description: '', sessionDuration: 'PT12H' },
    ],
    users: [
      sandboxUser(1, 'Ana.Ruiz', { displayName: 'Ana Ruiz' }),
      sandboxUser(2, 'ben', { email: '' }),
      sandboxUser(3, 'gone', { status: 'DISABLED' }),
      sandboxUser(4, 'zoë'.normalize('NFC'), { displayName: 'Zoë Ångström' }),
    ],
    groups: [
      { id: GROUP(1), displayName: 'Approvers', description: 'Who decides' },
      { id: GROUP(2), displayName: 'Everyone', description: '' },
    ],
    memberships: new Map([
      [GROUP(1), new Set([USER(1)])],
      [GROUP(2), new Set([USER(1), USER(2), USER(3)])],
    ]),
    standingAssignments: [
      {
        accountId: MANAGEMENT,
        permissionSetArn: ADMINISTRATOR,
        principalType: 'USER',
        principalId: USER(1),
      },
    ],
  };
}

/** A database that is bound to a sandbox of this organization, and the platform on both. */
export async function startDirectory(organization = nestedOrganization()) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const sandbox = stack.use(await startSandbox({ organization, callsPerSecond: Number.POSITIVE_INFINITY, delayMs: 0 }));
  const tested = stack.use(createTestPlatform(database, sandbox));
  // The sandbox has no limits here either: what is tested is what is read, not how fast.
  const platform = { ...tested, budget: createBudget(database.db, {}, { rate: 10_000, burst: 10_000 }) };
  await bindInstance(platform);
  const { prisma } = database.db;
  const owned = stack.move();
  return {
    database,
    sandbox,
    platform,
    organization,
    prisma,
    sync: (more: Partial<SyncOptions> = {}) =>
      syncDirectory(platform, { groups: async () => [GROUP(1)], attempts: 2, ...more }),
    events: () => prisma.auditEvent.findMany({ where: { kind: { startsWith: 'directory.' } }, orderBy: { id: 'asc' } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
