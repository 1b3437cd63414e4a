import { expect, test } from 'vitest';
import { notAvailable } from '../../src/directory/availability.ts';
import { bindInstance, readAvailability, whyUnavailable } from '../../src/directory/index.ts';
import type { Account, PermissionSet } from '../../src/directory/types.ts';
import { createAws } from '../../src/platform/aws.ts';
import { accessKeyOf } from '../../src/sandbox/aws/caller.ts';
import { createTestPlatform } from '../support/platform.ts';
import { INSTANCE, MANAGEMENT, startDirectory } from './parts.ts';

const account = (more: Partial<Account> = {}): Account => ({
  id: '111122223333',
  name: 'Payments',
  email: 'p@example.com',
  state: 'ACTIVE',
  ouPath: 'Root',
  ancestorIds: ['r-1'],
  isManagement: false,
  ...more,
});
const set = (more: Partial<PermissionSet> = {}): PermissionSet => ({
  arn: `${INSTANCE}/ps-1`,
  name: 'PowerUser',
  description: '',
  sessionSeconds: 3_600,
  inManagementAccount: false,
  ...more,
});
const DELEGATED = { delegated: true };
const AT_HOME = { delegated: false };

test('what is active and out of the management account can be given from anywhere', () => {
  for (const availability of [DELEGATED, AT_HOME]) {
    expect(whyUnavailable({ account: account(), permissionSet: set() }, availability)).toBeNull();
    expect(whyUnavailable({}, availability)).toBeNull();
    expect(whyUnavailable({ account: null, permissionSet: null }, availability)).toBeNull();
  }
});

test.each([
  ['SUSPENDED', 'is suspended by AWS'],
  ['CLOSED', 'is closed'],
  ['PENDING_CLOSURE', 'is being closed'],
  ['PENDING_ACTIVATION', 'is not activated yet'],
  ['UNKNOWN', 'is not active in AWS Organizations (UNKNOWN)'],
])('an account in state %s is not available, wherever Latchkey runs', (state, words) => {
  for (const availability of [DELEGATED, AT_HOME]) {
    expect(whyUnavailable({ account: account({ state }) }, availability)).toContain(
      `The account Payments (111122223333) ${words}`,
    );
  }
});

test('the management account, and a permission set that is provisioned to it, are out of reach of a delegated administrator only', () => {
  const management = { account: account({ isManagement: true }), permissionSet: set() };
  expect(whyUnavailable(management, DELEGATED)).toContain('is the management account');
  expect(whyUnavailable(management, AT_HOME)).toBeNull();
  const provisioned = { account: account(), permissionSet: set({ inManagementAccount: true }) };
  expect(whyUnavailable(provisioned, DELEGATED)).toMatch(
    /^PowerUser is also provisioned to the management account, which Identity Center's delegated administrator cannot touch.*run Latchkey in the management account or use another set\.$/,
  );
  expect(whyUnavailable(provisioned, AT_HOME)).toBeNull();
});

test('what nobody can be given is counted, with the first names', () => {
  const accounts = [
    account({ isManagement: true, name: 'Root account' }),
    ...Array.from({ length: 8 }, (_, n) => account({ id: `${n}`, name: `Old ${n}`, state: 'SUSPENDED' })),
  ];
  expect(notAvailable(accounts, [set({ inManagementAccount: true })], DELEGATED)).toMatchObject([
    { title: 'Management account', count: 1, names: ['Root account'] },
    { title: 'Permission sets in the management account', count: 1, names: ['PowerUser'] },
    { title: 'Accounts in state SUSPENDED', count: 8, names: ['Old 0', 'Old 1', 'Old 2', 'Old 3', 'Old 4'] },
  ]);
  expect(notAvailable(accounts, [set({ inManagementAccount: true })], AT_HOME)).toHaveLength(1);
  expect(notAvailable([account()], [set()], DELEGATED)).toEqual([]);
});

test('each start sees anew whether Latchkey runs in the management account; before the first, the narrower is assumed', async () => {
  await using directory = await startDirectory();
  const { database, platform, prisma, sandbox } = directory;
  expect(await readAvailability(prisma)).toEqual(DELEGATED);

  await using tested = createTestPlatform(database, sandbox);
  const atHome = createAws('eu-west-1', {
    endpoint: sandbox.url,
    credentials: { accessKeyId: accessKeyOf(MANAGEMENT), secretAccessKey: 'sandbox' },
  });
  await bindInstance({ ...tested, aws: atHome, budget: platform.budget });
  atHome.destroy();
  expect(await readAvailability(prisma)).toEqual(AT_HOME);
  await bindInstance(platform);
  expect(await readAvailability(prisma)).toEqual(DELEGATED);
  const moves = await prisma.auditEvent.findMany({ where: { kind: 'instance.moved' }, orderBy: { id: 'asc' } });
  expect(moves.map(({ after }) => after)).toEqual([AT_HOME, DELEGATED]);

  await prisma.instanceBinding.deleteMany();
  expect(await readAvailability(prisma)).toEqual(DELEGATED);
});
