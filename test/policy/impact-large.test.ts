import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PolicyChange } from '../../src/policy/impact/change.ts';
import { type ImpactView, readImpact } from '../../src/policy/impact/read-impact.ts';
import { fillDirectory, fillPolicies, groupsNamedBy, largeOrganization } from '../bench/large-organization.ts';
import { largePolicies } from '../bench/large-policies.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { PLAIN } from '../support/policies.ts';
import { policyPlatform } from './directory.ts';

// 5,000 accounts, 500 permission sets, 50,000 users, 2,520 policies; and a group with 10,000 members.
const organization = largeOrganization();
const CROWD = 'crowd';
const enabled = organization.users.filter(({ status }) => status === 'ENABLED').slice(0, 10_000);
organization.groups.push({ id: CROWD, displayName: 'All of engineering', description: '' });
organization.memberships.set(CROWD, new Set(enabled.map(({ id }) => id)));
const groupsOfOne = organization.groups.slice(0, 200).map(({ id }) => id);
const policies = largePolicies(organization, groupsOfOne);
const [root, first] = [`OU:${organization.root.id}`, organization.permissionSets[0]?.arn ?? ''];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await fillDirectory(database.db.pool, organization, new Set([...groupsNamedBy(policies), CROWD]));
  await fillPolicies(database.db.pool, policies);
}, 180_000);
afterAll(() => database[Symbol.asyncDispose]());

async function impactOf(change: PolicyChange): Promise<ImpactView> {
  const { platform } = policyPlatform(database);
  const started = performance.now();
  const impact = await readImpact(platform, change);
  if (process.env.MEASURE) {
    process.stdout.write(
      `${change.kind} ${Math.round(performance.now() - started)} ms: ${impact.moments[0]?.effects[0]?.text}\n`,
    );
  }
  return impact;
}

const FOR_ALL = {
  name: 'Everybody everywhere',
  principals: [`GROUP:${CROWD}`],
  targets: [root],
  permissionSets: [first],
  maxDurationMinutes: 60,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...PLAIN,
  includeNestedOus: true,
};

test('a policy for 10,000 people in every account is counted in a large organization', async () => {
  const { moments } = await impactOf({ id: null, kind: 'eligibility', policy: FOR_ALL });
  const active = organization.accounts.filter(
    ({ state, id }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  );
  const [gained] = moments[0]?.effects ?? [];
  expect(gained?.text).toMatch(/^10,000 people gain /);
  expect(gained?.text).toContain(`in ${active.length.toLocaleString('en')} accounts (`);
  expect(gained?.examples[0]?.names).toHaveLength(5);
  expect(gained?.examples[0]?.others).toBe(9_995);
});

test('so is one policy among thousands, an approval policy for everything, and a guardrail on everything', async () => {
  const [eligibility, approval] = [policies.eligibility[0], policies.approval[0]];
  if (eligibility === undefined || approval === undefined) throw new Error('no policies');
  const shorter = { ...eligibility, maxDurationMinutes: 15 };
  expect((await impactOf({ id: eligibility.id, kind: 'eligibility', policy: shorter })).moments).not.toEqual([]);
  expect((await impactOf({ id: approval.id, kind: 'approval', policy: null })).moments).not.toEqual([]);
  const guardrail = { name: 'Short', permissionSets: [], targets: [], neverSelfServed: true, maxDurationMinutes: 15 };
  const { moments } = await impactOf({ id: null, kind: 'guardrail', policy: { ...guardrail, note: '', ticket: '' } });
  expect(moments.flatMap(({ effects }) => effects.map(({ text }) => text)).join(' ')).toContain('up to 15 min');
}, 120_000);
