import type { Actor } from '../../src/audit/index.ts';
import type { Db } from '../../src/platform/db.ts';
import type { Platform } from '../../src/platform/index.ts';
import type { TestDatabase } from '../support/db.ts';

export const ADMIN: Actor = { kind: 'user', id: 'u-admin', name: 'Ada Admin', via: 'web' };
export const ROLE = 'arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-0000000000000001';

/** A copy of a small directory: three people, two groups, an OU tree, two accounts and a role. */
export async function fillDirectory({ prisma }: Db): Promise<void> {
  await prisma.user.createMany({
    data: [
      { id: 'ana', userName: 'ana', displayName: 'Ana Ruiz', email: 'ana@example.com', enabled: true },
      { id: 'ben', userName: 'ben', displayName: 'Ben Okafor', email: 'ben@example.com', enabled: true },
      { id: 'cleo', userName: 'cleo', displayName: 'Cleo Lind', email: null, enabled: true },
      { id: 'gone', userName: 'gone', displayName: 'Gus Onn', email: null, enabled: false },
    ],
  });
  await prisma.group.createMany({
    data: [
      { id: 'devs', displayName: 'Developers', description: '' },
      { id: 'leads', displayName: 'Platform Leads', description: '' },
    ],
  });
  await prisma.membership.createMany({
    data: [
      { groupId: 'devs', userId: 'ana' },
      { groupId: 'leads', userId: 'ben' },
      { groupId: 'leads', userId: 'gone' },
    ],
  });
  await prisma.organizationalUnit.createMany({
    data: [
      { id: 'r-root', name: 'Root', parentId: null, path: 'Root', ancestorIds: [] },
      { id: 'ou-work', name: 'Workloads', parentId: 'r-root', path: 'Root / Workloads', ancestorIds: ['r-root'] },
    ],
  });
  await prisma.account.createMany({
    data: [
      account('111111111111', 'payments', 'ou-work', 'Root / Workloads', ['r-root', 'ou-work']),
      account('222222222222', 'audit', 'r-root', 'Root', ['r-root']),
    ],
  });
  await prisma.permissionSet.create({
    data: {
      arn: ROLE,
      name: 'PowerUser',
      description: 'All but IAM',
      sessionSeconds: 3600,
      inManagementAccount: false,
    },
  });
}

function account(id: string, name: string, parentId: string, ouPath: string, ancestorIds: string[]) {
  return {
    id,
    name,
    email: `${name}@example.com`,
    state: 'ACTIVE',
    parentId,
    ouPath,
    ancestorIds,
    isManagement: false,
  };
}

/** As much of the platform as a policy command needs; what it enqueues is kept in `sent`. */
export function policyPlatform(database: TestDatabase): { platform: Platform; sent: string[] } {
  const sent: string[] = [];
  const queue = {
    send: async (_tx: unknown, name: string) => {
      sent.push(name);
    },
  };
  const config = { adminGroups: ['11111111-1111-1111-1111-111111111111'], auditorGroups: [] };
  return { platform: { db: database.db, queue, config } as unknown as Platform, sent };
}
