import { expect, test } from 'vitest';
import { personaGroups, resolvePersonaGroups } from '../../src/identity/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { startPortal, type TestPortal } from './portal.ts';

const ADMINS = 'aaaaaaaa-1111-4111-8111-111111111111';
const OTHERS = 'bbbbbbbb-1111-4111-8111-111111111111';

/** Identity Center with groups by display name. */
function platformWith(portal: TestPortal, groups: Record<string, string>): Platform {
  const send = async (command: { input: { AlternateIdentifier: { UniqueAttribute: { AttributeValue: string } } } }) => {
    const GroupId = groups[command.input.AlternateIdentifier.UniqueAttribute.AttributeValue];
    if (GroupId) return { GroupId };
    throw Object.assign(new Error('GROUP not found.'), { name: 'ResourceNotFoundException', ResourceType: 'GROUP' });
  };
  return {
    ...portal.identity.platform,
    budget: { take: async () => {} },
    aws: { identityStore: { send } },
  } as unknown as Platform;
}

async function start(env: Record<string, string>): Promise<TestPortal> {
  const portal = await startPortal({ env });
  await portal.database.db.prisma.instanceBinding.create({
    data: {
      partition: 'aws',
      region: 'eu-west-1',
      instanceArn: 'arn:aws:sso:::instance/ssoins-1234567890abcdef',
      identityStoreId: 'd-1234567890',
      managementAccountId: '111111111111',
    },
  });
  return portal;
}

test('a group that is named by its ID is that group', async () => {
  const portal = await start({ ADMIN_GROUPS: ADMINS, AUDITOR_GROUPS: `${OTHERS},9067-nope` });
  const { platform } = portal.identity;
  expect(await personaGroups(platform, platform.db.prisma)).toEqual({ admin: [ADMINS], auditor: [OTHERS] });
});

test('a group that is named by its display name is pinned to the ID that it has first', async () => {
  const portal = await start({ ADMIN_GROUPS: 'Latchkey admins', AUDITOR_GROUPS: 'Auditors' });
  const { db } = portal.database;
  const groupsNow = () => personaGroups(portal.identity.platform, db.prisma);
  await resolvePersonaGroups(platformWith(portal, {}));
  expect(await groupsNow()).toEqual({ admin: [], auditor: [] });

  await resolvePersonaGroups(platformWith(portal, { 'Latchkey admins': ADMINS }));
  expect(await groupsNow()).toEqual({ admin: [ADMINS], auditor: [] });

  // Someone renames another group to that name.
  await resolvePersonaGroups(platformWith(portal, { 'Latchkey admins': OTHERS }));
  expect(await groupsNow()).toEqual({ admin: [ADMINS], auditor: [] });
  const events = await db.prisma.auditEvent.findMany({ where: { kind: 'persona-group.pinned' } });
  expect(events.map(({ after }) => after)).toEqual([
    { persona: 'admin', configured: 'Latchkey admins', groupId: ADMINS },
  ]);
});

test('a pin counts for the persona that it was made for, and only as long as the configuration names it', async () => {
  const portal = await start({ ADMIN_GROUPS: ADMINS, AUDITOR_GROUPS: 'Both' });
  const { platform } = portal.identity;
  await platform.db.prisma.personaGroup.createMany({
    data: [
      { persona: 'admin', configured: 'Both', groupId: OTHERS },
      { persona: 'auditor', configured: 'Former', groupId: OTHERS },
    ],
  });
  expect(await personaGroups(platform, platform.db.prisma)).toEqual({ admin: [ADMINS], auditor: [] });
});
