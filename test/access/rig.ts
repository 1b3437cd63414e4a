import { onTestFinished } from 'vitest';
import {
  type AccessPorts,
  type Converger,
  createConverger,
  endGrant,
  type Grant,
  type GrantChange,
  getGrant,
  type NewGrant,
  openGrant,
} from '../../src/access/index.ts';
import type { Provisioner } from '../../src/access/provisioner.ts';
import { type Actor, systemActor } from '../../src/audit/index.ts';
import { bindInstance, targetState } from '../../src/directory/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { demoOrganization } from '../../src/sandbox/demo-organization.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { createTestPlatform } from '../support/platform.ts';

export const ADMIN: Actor = { kind: 'user', id: 'admin', name: 'Ada Admin', via: 'web' };

export interface Rig {
  database: TestDatabase;
  sandbox: Sandbox;
  platform: Platform;
  converger: Converger;
  /** What people were told, in order: 'active', 'ended' … */
  told: { grantId: string; change: GrantChange; present: boolean }[];
  /** The answer to the next checks of rights; a thrown error where it is a function that throws. */
  rights: { check: AccessPorts['checkRights'] };
  /** The assignment that the grants are about. */
  tuple: { accountId: string; permissionSetArn: string; principalType: 'USER'; principalId: string };
  present(): boolean;
  open(more?: Partial<NewGrant>): Promise<Grant>;
  end(grant: Grant): Promise<Grant>;
  grant(grant: Grant): Promise<Grant>;
  /** Another process: its own engine on the same database and AWS. */
  process(provisioner?: Provisioner): Converger;
  /** Looks after the assignment again and again until the condition holds. */
  until(condition: () => boolean | Promise<boolean>, converger?: Converger): Promise<void>;
  /** The same, until the grant has this status. */
  reaches(grant: Grant, status: Grant['status'], converger?: Converger): Promise<Grant>;
}

/** Access on a real database and the real sandbox, without a queue: tests say when what is looked after. */
export async function createRig(options: Partial<SandboxOptions> = {}): Promise<Rig> {
  const database = await createTestDatabase();
  const sandbox = await startSandbox({
    organization: demoOrganization(),
    delayMs: 0,
    callsPerSecond: Number.POSITIVE_INFINITY,
    ...options,
  });
  const platform = createTestPlatform(database, sandbox);
  await bindInstance(platform);
  const processes: Converger[] = [];
  onTestFinished(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await platform[Symbol.asyncDispose]();
    await sandbox.close();
    await database[Symbol.asyncDispose]();
  });

  const { organization } = sandbox;
  const account = organization.accounts.find(
    ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  )!;
  const permissionSet = organization.permissionSets.find(
    ({ arn }) => !organization.standingAssignments.some((each) => each.permissionSetArn === arn),
  )!;
  const user = organization.users.find(({ status }) => status === 'ENABLED')!;
  const tuple = {
    accountId: account.id,
    permissionSetArn: permissionSet.arn,
    principalType: 'USER' as const,
    principalId: user.id,
  };
  const told: Rig['told'] = [];
  const rights: Rig['rights'] = { check: async () => ({ allowed: true }) };
  const ports: AccessPorts = {
    checkRights: (grant) => rights.check(grant),
    targetState: (accountId, signal) => targetState(platform, accountId, { signal }),
    announce: async (_tx, { id }, change) => {
      told.push({ grantId: id, change, present: sandbox.assignments.has(tuple) });
    },
  };
  const start = (provisioner?: Provisioner) => {
    const converger = createConverger(platform, ports, provisioner);
    processes.push(converger);
    return converger;
  };
  const converger = start();
  const { db } = platform;
  const grant = async ({ id }: Grant) => (await getGrant(db.prisma, id))!;
  const assignmentId = async () => (await db.prisma.assignment.findFirstOrThrow()).id;

  const until: Rig['until'] = async (condition, by = converger) => {
    const deadline = performance.now() + 20_000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error('It did not come about within 20 seconds.');
      await by.converge(await assignmentId());
    }
  };
  return {
    database,
    sandbox,
    platform,
    converger,
    told,
    rights,
    tuple,
    present: () => sandbox.assignments.has(tuple),
    open: (more = {}) =>
      db.tx((tx) =>
        openGrant(
          platform,
          tx,
          {
            requestId: null,
            basis: 'approval',
            userId: user.id,
            accountId: account.id,
            permissionSetArn: permissionSet.arn,
            userDisplayName: user.displayName,
            userName: user.userName,
            accountName: account.name,
            ouPath: 'Root',
            permissionSetName: permissionSet.name,
            sessionSeconds: 3600,
            durationMinutes: 60,
            startsAt: null,
            ...more,
          },
          systemActor('test'),
        ),
      ),
    end: ({ id }) =>
      db.tx((tx) => endGrant(platform, tx, { grantId: id, cause: 'admin', comment: 'enough', actor: ADMIN })),
    grant,
    process: start,
    until,
    async reaches(given, status, by = converger) {
      await until(async () => (await grant(given)).status === status, by);
      return grant(given);
    },
  };
}
