import { expect, test } from 'vitest';
import { groupsNamedInPolicies, loadPolicies, resolveApprovers, resolveSteps } from '../../src/policy/index.ts';
import { createTestDatabase } from '../support/db.ts';
import { saveApprovalPolicy, saveEligibilityPolicy } from '../support/policies.ts';
import { ADMIN, fillDirectory, policyPlatform, ROLE } from './directory.ts';
import { approval, eligibility } from './samples.ts';

function content<P extends { id: string; version: number }>({ id: _, version: __, ...rest }: P) {
  return rest;
}
const developers = content(eligibility({ targets: ['OU:ou-work'], permissionSets: [ROLE] }));

test('policies are compiled once, and again after any change, whoever made it', async () => {
  await using database = await createTestDatabase();
  await fillDirectory(database.db);
  const { platform } = policyPlatform(database);
  await saveEligibilityPolicy(platform, developers, ADMIN);
  const first = await loadPolicies(database.db.prisma);
  expect(await loadPolicies(database.db.prisma)).toBe(first);
  await database.db.pool.query('update eligibility_policies set max_duration_minutes = 45');
  const second = await loadPolicies(database.db.prisma);
  expect(second.eligibility[0]?.policy.maxDurationMinutes).toBe(45);
});

test('a change that is rolled back is seen inside its transaction and never after it', async () => {
  await using database = await createTestDatabase();
  await fillDirectory(database.db);
  const { platform } = policyPlatform(database);
  await saveEligibilityPolicy(platform, developers, ADMIN);
  const undone = database.db.tx(async (tx) => {
    await tx.eligibilityPolicy.deleteMany();
    expect((await loadPolicies(tx)).eligibility).toEqual([]);
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  expect((await loadPolicies(database.db.prisma)).eligibility).toHaveLength(1);
});

test('the groups to be copied are those of principals, requesters and approvers', async () => {
  await using database = await createTestDatabase();
  await fillDirectory(database.db);
  await database.db.prisma.group.create({ data: { id: 'ops', displayName: 'Ops', description: '' } });
  const { platform } = policyPlatform(database);
  await saveEligibilityPolicy(platform, { ...developers, principals: ['GROUP:devs', 'USER:ana'] }, ADMIN);
  const narrowed = approval({ targets: ['OU:r-root'], requesterGroups: ['ops'] });
  await saveApprovalPolicy(platform, content(narrowed), ADMIN);
  expect(await groupsNamedInPolicies(database.db.prisma)).toEqual(['devs', 'leads', 'ops']);
});

test('approvers are the enabled people of the copy, each once, without the requester', async () => {
  await using database = await createTestDatabase();
  await fillDirectory(database.db);
  const steps = [
    { approvers: ['GROUP:leads', 'USER:ben', 'USER:cleo'], approvalsNeeded: 1 },
    { approvers: ['USER:ana', 'USER:unknown', 'USER:gone', 'USER:cleo'], approvalsNeeded: 1 },
  ];
  const perStep = await resolveSteps(database.db.prisma, steps, 'ana');
  expect(perStep.map((people) => people.map((user) => user.displayName))).toEqual([
    ['Ben Okafor', 'Cleo Lind'],
    ['Cleo Lind'],
  ]);
  const all = await resolveApprovers(database.db.prisma, steps, 'ana');
  expect(all.map((user) => user.id)).toEqual(['ben', 'cleo']);
});
