import { expect, test, vi } from 'vitest';
import type { Grant } from '../../src/access/index.ts';
import { createProvisioner } from '../../src/access/provisioner.ts';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import { writeActive } from '../bench/access-grants.ts';
import { createRig, type Rig } from './rig.ts';

const MANY = 12;

/** One grant each in so many accounts, active. */
async function activeGrants(rig: Rig, count: number): Promise<Grant[]> {
  const { accounts, managementAccountId, users } = rig.sandbox.organization;
  const enabled = users.filter(({ status }) => status === 'ENABLED');
  const active = accounts.filter(({ id, state }) => state === 'ACTIVE' && id !== managementAccountId);
  const grants: Grant[] = [];
  for (let index = 0; index < count; index += 1) {
    const account = active[index % active.length]!;
    const user = enabled[Math.floor(index / active.length)]!;
    grants.push(await rig.open({ accountId: account.id, userId: user.id, durationMinutes: 60 }));
  }
  await reach(rig, grants, 'active');
  return grants;
}

async function reach(rig: Rig, grants: Grant[], status: Grant['status']): Promise<void> {
  const missing = async () => {
    const now = await Promise.all(grants.map(rig.grant));
    const left = now.filter((grant) => grant.status !== status);
    for (const { assignmentId } of left) rig.converger.wake(assignmentId, 'take');
    return left.length;
  };
  await expect.poll(missing, { timeout: 50_000, interval: 250 }).toBe(0);
}

test('F04 AWS outage at expiry: what ended meanwhile is overdue, and all of it is gone once AWS is there again', async () => {
  const rig = await createRig();
  const grants = await activeGrants(rig, MANY);
  const { calls, faults } = rig.sandbox;
  faults.outage = true;
  await rig.database.advance({ minutes: 76 });
  calls.clear();
  await rig.converger.watchdogTick();
  for (const { assignmentId } of grants) rig.converger.wake(assignmentId, 'take');
  // Each was tried, and each goes on being due.
  await expect
    .poll(
      async () =>
        new Set(calls.list('DeleteAccountAssignment').map(({ input }) => `${input.TargetId} ${input.PrincipalId}`))
          .size,
      { timeout: 60_000 },
    )
    .toBe(MANY);
  expect((await Promise.all(grants.map(rig.grant))).every(({ status }) => status === 'ending')).toBe(true);

  faults.outage = false;
  await rig.database.advance({ minutes: 120 });
  calls.clear();
  await reach(rig, grants, 'ended');
  expect(
    grants.some(({ accountId, userId, permissionSetArn }) =>
      rig.sandbox.assignments.has({ accountId, permissionSetArn, principalType: 'USER', principalId: userId }),
    ),
  ).toBe(false);
  expect(calls.list('DeleteAccountAssignment').filter(({ outcome }) => outcome === 'ok')).toHaveLength(MANY);
});

test('more than are looked after at once are all taken away, though AWS tells of none how far it is', async () => {
  const organization = generateOrganization({ seed: 3, accounts: 140, permissionSets: 100, users: 60, groups: 2 });
  const rig = await createRig({ organization });
  const { platform, sandbox } = rig;
  const [permissionSet] = organization.permissionSets;
  const people = organization.users.filter(({ status }) => status === 'ENABLED');
  const grants = organization.accounts
    .filter(({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId)
    .slice(0, 110)
    .map((account, index) => {
      const { id: userId, userName, displayName } = people[index % people.length]!;
      const { arn, name } = permissionSet!;
      const role = { permissionSetArn: arn, permissionSetName: name };
      const person = { userId, userName, userDisplayName: displayName };
      return { ...person, ...role, accountId: account.id, accountName: account.name, closesAt: new Date() };
    });
  expect(grants).toHaveLength(110);
  await writeActive({ sandbox, pool: platform.db.pool }, grants);
  // AWS never says how far any of them is.
  const silent = createProvisioner(platform);
  silent.status = (_key, _operation, _priority, signal) =>
    new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  const process = rig.process(silent);
  const { rows } = await platform.db.pool.query<{ id: string }>('select id from assignments');
  for (const { id } of rows) process.wake(id, 'take');
  await expect.poll(() => sandbox.calls.count('DeleteAccountAssignment'), { timeout: 40_000 }).toBe(grants.length);
});

test('a delete waits neither for outstanding creates nor for another write in its account', async () => {
  const rig = await createRig();
  const [ending] = await activeGrants(rig, 1);
  const { db } = rig.platform;
  // As many creates as AWS allows hang, one of them in the same account.
  await db.prisma.$executeRaw`
    with stuck as (
      insert into assignments (instance_arn, principal_id, target_id, permission_set_arn, ownership, absent_seen_at, must_be_gone_by)
      select instance_arn, 'stuck-' || n, ${ending!.accountId}, 'stuck', 'ours', app_now(), app_now() + interval '1 hour'
      from instance_binding, generate_series(1, 15) n returning id
    ) select count(*) from stuck`;
  await db.prisma.$executeRaw`
    insert into assignment_operations (assignment_id, kind, fence, absent_seen_at, effective_until, outcome)
    select id, 'create', 1, app_now(), app_now() + interval '15 minutes', 'in_progress' from assignments where permission_set_arn = 'stuck'`;
  await rig.end(ending!);
  await rig.converger.converge(ending!.assignmentId);
  expect(rig.sandbox.calls.count('DeleteAccountAssignment')).toBe(1);
  expect((await rig.grant(ending!)).status).toBe('revoked');
});

test('what falls due is looked after on time by the process itself, without a job and before the watchdog minds', async () => {
  const rig = await createRig();
  const [grant] = await activeGrants(rig, 1);
  const { closesAt } = await rig.grant(grant!);
  const { rows } = await rig.platform.db.pool.query<{ now: Date }>('select app_now() as now');
  await rig.database.advance({ seconds: (closesAt!.getTime() - rows[0]!.now.getTime()) / 1_000 - 5 });
  // It tells that the end is near, and rests until then.
  await rig.converger.converge(grant!.assignmentId);
  const warned = vi.spyOn(rig.platform.log, 'warn');
  rig.converger.startWatchdog();
  const call = await rig.sandbox.calls.waitFor('DeleteAccountAssignment', () => true, 15_000);
  expect(call.outcome).toBe('ok');
  // Nobody had to find that it was due and not moving.
  expect(warned.mock.calls).toEqual([]);
});
