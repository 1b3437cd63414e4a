import { expect, test } from 'vitest';
import { bindInstance, boundInstance } from '../../src/directory/index.ts';
import { ConfigError } from '../../src/platform/config.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { createTestDatabase } from '../support/db.ts';
import { createTestPlatform } from '../support/platform.ts';
import { INSTANCE, MANAGEMENT, nestedOrganization, startDirectory } from './parts.ts';

const bound = {
  partition: 'aws',
  region: 'eu-west-1',
  instanceArn: INSTANCE,
  identityStoreId: 'd-1234567890',
  managementAccountId: MANAGEMENT,
};

test('the first start binds the database to the instance, once and on record; later ones agree', async () => {
  await using directory = await startDirectory();
  const { platform, prisma } = directory;
  expect(await bindInstance(platform)).toEqual(bound);
  expect(await boundInstance(platform)).toEqual(bound);
  expect(await prisma.auditEvent.findMany({ where: { kind: 'instance.bound' } })).toMatchObject([{ after: bound }]);
});

test.each([
  ['instance', { instanceArn: 'arn:aws:sso:::instance/ssoins-abcdef1234567890' }, 'Identity Center instance'],
  ['identity store', { identityStoreId: 'd-0987654321' }, 'identity store d-1234567890'],
  ['organization', { managementAccountId: '111111111111' }, 'management account 100000000000'],
])('a database that belongs to another %s is refused with a sentence', async (_what, change, sentence) => {
  await using directory = await startDirectory();
  Object.assign(directory.organization, change);
  const refusal = await bindInstance(directory.platform).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConfigError);
  expect((refusal as ConfigError).message).toContain(sentence);
});

test('while AWS is away a start goes on with the instance it is bound to, and a first start says that it cannot', async () => {
  await using directory = await startDirectory();
  directory.sandbox.faults.outage = true;
  expect(await bindInstance(directory.platform)).toEqual(bound);
  await directory.prisma.instanceBinding.deleteMany();
  await expect(bindInstance(directory.platform)).rejects.toThrow(UnavailableError);
});

test('before the binding there is nothing to ask Identity Center for', async () => {
  await using database = await createTestDatabase();
  await using sandbox = await startSandbox({ organization: nestedOrganization() });
  await using platform = createTestPlatform(database, sandbox);
  await expect(boundInstance(platform)).rejects.toThrow('has not reached IAM Identity Center yet');
});

test("a Region that is not Identity Center's is refused, naming the right one", async () => {
  await using database = await createTestDatabase();
  await using sandbox = await startSandbox({ organization: nestedOrganization() });
  await using platform = createTestPlatform(database, sandbox, { AWS_REGION: 'us-west-2' });
  await expect(bindInstance(platform)).rejects.toThrow('Set AWS_REGION to eu-west-1');
});
