import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PolicyChange, withChange } from '../../src/policy/impact/change.ts';
import { EFFECTS, type Effect, effectsOf, type Standing } from '../../src/policy/impact/effects.ts';
import { impactOf, type Organization } from '../../src/policy/impact/impact.ts';
import { approversIn, compile, evaluate, fulfilment, type Policies, requirement } from '../../src/policy/index.ts';
import type { ApprovalPolicy, EligibilityPolicy, PolicyLimits, Subject } from '../../src/policy/types.ts';
import {
  approval,
  approvalPolicies,
  eligibility,
  eligibilityPolicies,
  guardrails,
  LIMITS,
  limits,
  NOW,
  policySets,
} from './samples.ts';

const ROLES = ['admin', 'power', 'read'];
const PLACES = [
  { accountId: 'a-root', ancestorIds: ['r'] },
  { accountId: 'a-root2', ancestorIds: ['r'] },
  { accountId: 'a-work', ancestorIds: ['r', 'workloads'] },
  { accountId: 'a-prod', ancestorIds: ['r', 'workloads', 'prod'] },
  { accountId: 'a-prod2', ancestorIds: ['r', 'workloads', 'prod'] },
  { accountId: 'a-prod3', ancestorIds: ['r', 'workloads', 'prod'] },
  { accountId: 'a-test', ancestorIds: ['r', 'workloads', 'test'] },
  { accountId: 'a-sand', ancestorIds: ['r', 'sandbox'] },
];
/** Every length that a generated policy, guardrail or setting names: between two of them nothing changes. */
const LENGTHS = [15, 30, 60, 120, 480, 1000];

const NAMED = ['ana', 'ben', 'cleo'];
const OTHERS = Array.from({ length: 6 }, (_, index) => `u${index}`);
const GROUPS = ['leads', 'devs', 'ops'];
const organizations: fc.Arbitrary<Organization> = fc
  .tuple(
    ...[...NAMED, ...OTHERS].map((userId) => fc.record({ userId: fc.constant(userId), groupIds: fc.subarray(GROUPS) })),
  )
  .map((people) => ({ people, places: PLACES, roles: ROLES, deciders: decidersOf(people) }));

/** Enabled are those who are there; ben is an approver that is gone. */
function decidersOf(people: readonly Subject[]): Organization['deciders'] {
  const enabled = people.filter(({ userId }) => userId !== 'ben');
  const members = GROUPS.map((group) => [group, enabled.filter(({ groupIds }) => groupIds.includes(group))] as const);
  return {
    members: new Map(members.map(([group, list]) => [group, list.map(({ userId }) => userId)])),
    enabled: new Set(enabled.map(({ userId }) => userId)),
  };
}

/** What the person may ask for, found by asking for everything. */
function standingOf(
  policies: Policies,
  subject: Subject,
  asked: { accountId: string; ancestorIds: string[]; permissionSetArn: string },
  deciders: Organization['deciders'],
  cap: PolicyLimits,
): Standing {
  const lengths = (ticketGiven: boolean) => {
    const told = { longest: 0, alone: 0 };
    for (const durationMinutes of LENGTHS) {
      const verdict = evaluate(policies, subject, { ...asked, durationMinutes, ticketGiven }, cap, NOW);
      if (!verdict.allowed && verdict.code !== 'no-approvers') continue;
      told.longest = durationMinutes;
      if (!verdict.approvalNeeded) told.alone = durationMinutes;
    }
    return told;
  };
  const { steps } = requirement(policies, subject, asked, NOW);
  const people = steps.map((step) => approversIn(step, deciders.members).filter((id) => deciders.enabled.has(id)));
  return {
    right: { withTicket: lengths(true), withoutTicket: lengths(false) },
    steps,
    approvable: steps.length > 0 && fulfilment(steps, people, subject.userId).possible,
  };
}

type Counts = Partial<Record<Effect, { combinations: number; people: number; accounts: number; roles: number }>>;

/** The same counts by looking at every person, account and role. */
function countedOneByOne(before: Policies, after: Policies, organization: Organization, cap: PolicyLimits): Counts {
  const met = new Map<
    Effect,
    { combinations: number; people: Set<string>; accounts: Set<string>; roles: Set<string> }
  >();
  for (const subject of organization.people) {
    for (const place of organization.places) {
      for (const permissionSetArn of organization.roles) {
        const standing = (policies: Policies) =>
          standingOf(policies, subject, { ...place, permissionSetArn }, organization.deciders, cap);
        for (const effect of effectsOf(standing(before), standing(after))) {
          const sum = met.get(effect) ?? { combinations: 0, people: new Set(), accounts: new Set(), roles: new Set() };
          met.set(effect, sum);
          sum.combinations++;
          sum.people.add(subject.userId);
          sum.accounts.add(place.accountId);
          sum.roles.add(permissionSetArn);
        }
      }
    }
  }
  return Object.fromEntries(
    [...met].map(([effect, { combinations, people, accounts, roles }]) => [
      effect,
      { combinations, people: people.size, accounts: accounts.size, roles: roles.size },
    ]),
  );
}

function counted(before: Policies, after: Policies, organization: Organization, cap: PolicyLimits): Counts {
  return Object.fromEntries(
    impactOf({ before, after }, organization, cap, NOW).map(({ effect, combinations, people, accounts, roles }) => [
      effect,
      { combinations, people, accounts, roles },
    ]),
  );
}

/** A policy added, changed or deleted; where one is changed or deleted, any of those that are there. */
const changes = fc
  .record({ policies: policySets, nth: fc.nat(), how: fc.constantFrom('new', 'changed', 'deleted') })
  .chain(({ policies, nth, how }) =>
    fc
      .oneof(
        fc.record({ kind: fc.constant('eligibility' as const), policy: eligibilityPolicies }),
        fc.record({ kind: fc.constant('approval' as const), policy: approvalPolicies }),
        fc.record({ kind: fc.constant('guardrail' as const), policy: guardrails }),
      )
      .map((drawn) => {
        const lists = {
          eligibility: policies.eligibility,
          approval: policies.approval,
          guardrail: policies.guardrails,
        };
        const list = lists[drawn.kind];
        const id = how === 'new' ? null : (list[nth % Math.max(1, list.length)]?.id ?? null);
        return { policies, change: { ...drawn, id, ...(how === 'deleted' ? { policy: null } : {}) } as PolicyChange };
      }),
  );

test('every effect is counted exactly as if each person, account and role had been looked at', () => {
  fc.assert(
    fc.property(changes, organizations, limits, ({ policies, change }, organization, cap) => {
      const before = compile(policies);
      const after = withChange(before, change);
      expect(counted(before, after, organization, cap)).toEqual(countedOneByOne(before, after, organization, cap));
    }),
    { numRuns: 150 },
  );
});

test('several policies that change at once are counted as exactly', () => {
  fc.assert(
    fc.property(policySets, policySets, organizations, limits, (some, others, organization, cap) => {
      const [before, after] = [compile(some), compile(others)];
      expect(counted(before, after, organization, cap)).toEqual(countedOneByOne(before, after, organization, cap));
    }),
    { numRuns: 40 },
  );
});

interface Lists {
  e?: Partial<EligibilityPolicy>[];
  a?: Partial<ApprovalPolicy>[];
}

/** For each effect a change from some policies to others that has it and nothing else. */
const EXAMPLES: Record<Effect, [from: Lists, to: Lists]> = {
  gained: [{ e: [] }, {}],
  lost: [{}, { e: [] }],
  longer: [{}, { e: [{ maxDurationMinutes: 240 }] }],
  shorter: [{}, { e: [{ maxDurationMinutes: 30 }] }],
  'approval-dropped': [{}, { e: [{ approvalRequired: false }] }],
  'approval-added': [{ e: [{ approvalRequired: false }] }, {}],
  'longer-alone': [
    { e: [{}, { approvalRequired: false, maxDurationMinutes: 30 }] },
    { e: [{}, { approvalRequired: false, maxDurationMinutes: 60 }] },
  ],
  'shorter-alone': [
    { e: [{}, { approvalRequired: false, maxDurationMinutes: 60 }] },
    { e: [{}, { approvalRequired: false, maxDurationMinutes: 30 }] },
  ],
  'ticket-dropped': [{ e: [{ ticketRequired: true }] }, {}],
  'ticket-added': [{}, { e: [{ ticketRequired: true }] }],
  'ticket-differs': [
    { e: [{ ticketRequired: true }, { maxDurationMinutes: 60 }] },
    { e: [{ ticketRequired: true }, { maxDurationMinutes: 30 }] },
  ],
  'other-approvers': [{}, { a: [{ steps: [{ approvers: ['USER:cleo'], approvalsNeeded: 1 }] }] }],
  'more-approvals': [{}, { a: [{ steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }] }] }],
  'fewer-approvals': [{ a: [{ steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }] }] }, {}],
  'nobody-decides': [{}, { a: [] }],
  'too-few-decide': [
    { a: [{ steps: [{ approvers: ['USER:cleo'], approvalsNeeded: 1 }] }] },
    { a: [{ steps: [{ approvers: ['USER:ben'], approvalsNeeded: 1 }] }] },
  ],
  'somebody-approves': [{ a: [] }, {}],
};

const COMPANY: Organization = (() => {
  const people = [
    { userId: 'ana', groupIds: ['devs'] },
    { userId: 'bo', groupIds: ['devs', 'leads'] },
    { userId: 'cleo', groupIds: ['leads'] },
    { userId: 'dee', groupIds: ['leads'] },
    { userId: 'eve', groupIds: ['devs'] },
  ];
  return { people, places: PLACES, roles: ROLES, deciders: decidersOf(people) };
})();

function listsOf({ e = [{}], a = [{}] }: Lists) {
  return compile({
    eligibility: e.map((given, index) => eligibility({ id: `e${index}`, includeNestedOus: true, ...given })),
    approval: a.map((given, index) => approval({ id: `a${index}`, ...given })),
  });
}

// Three developers may ask for one role in the five accounts of Workloads.
test.each(EFFECTS.map((effect) => [effect]))('%s is told of who it meets, and nothing else is told', (effect) => {
  const [from, to] = EXAMPLES[effect];
  const all = { combinations: 15, people: 3, accounts: 5, roles: 1 };
  // Nobody can be too few without having been others before.
  const besides = effect === 'too-few-decide' ? { 'other-approvers': all } : {};
  expect(counted(listsOf(from), listsOf(to), COMPANY, LIMITS)).toEqual({ [effect]: all, ...besides });
});

test('where approval is needed no longer, it is not told that it could be given now', () => {
  const free = listsOf({ e: [{ approvalRequired: false }], a: [] });
  expect(Object.keys(counted(listsOf({ a: [] }), free, COMPANY, LIMITS))).toEqual(['approval-dropped']);
});

test('the first of those who are met are told by name, and how many more there are', () => {
  const [gained] = impactOf({ before: listsOf({ e: [] }), after: listsOf({}) }, COMPANY, LIMITS, NOW);
  expect(gained?.first).toEqual({
    people: ['ana', 'bo', 'eve'],
    accounts: ['a-work', 'a-prod', 'a-prod2', 'a-prod3', 'a-test'],
    roles: ['power'],
  });
  expect(gained?.after).toEqual({ longest: 120, alone: 0, bare: 120 });
});

test('accounts side by side are told apart where one of them is excluded, or named by another policy', () => {
  const except = listsOf({ e: [{ targets: ['OU:prod'], exclusions: ['ACCOUNT:a-prod'] }] });
  expect(counted(listsOf({ e: [] }), except, COMPANY, LIMITS)).toEqual({
    gained: { combinations: 6, people: 3, accounts: 2, roles: 1 },
  });
  const one = { targets: ['ACCOUNT:a-prod'] };
  expect(counted(listsOf({ e: [one] }), listsOf({ e: [one, { targets: ['OU:prod'] }] }), COMPANY, LIMITS)).toEqual({
    gained: { combinations: 6, people: 3, accounts: 2, roles: 1 },
  });
});

test('who would have to approve for themselves is told apart from the others of their group', () => {
  const only = listsOf({ a: [{ steps: [{ approvers: ['USER:bo'], approvalsNeeded: 1 }] }] });
  expect(counted(listsOf({}), only, COMPANY, LIMITS)).toEqual({
    'other-approvers': { combinations: 15, people: 3, accounts: 5, roles: 1 },
    'too-few-decide': { combinations: 5, people: 1, accounts: 5, roles: 1 },
  });
});

test('a policy that does not hold, or that says the same under another name, changes nothing', () => {
  for (const given of [{ enabled: false }, { endsAt: NOW }, { targets: ['ACCOUNT:gone'] }]) {
    const before = listsOf({});
    const change: PolicyChange = { kind: 'eligibility', id: null, policy: eligibility(given) };
    expect(impactOf({ before, after: withChange(before, change) }, COMPANY, LIMITS, NOW)).toEqual([]);
  }
  const renamed: Lists = { e: [{ name: 'Something else' }], a: [{ name: 'Another', note: 'now with a note' }] };
  expect(counted(listsOf({}), listsOf(renamed), COMPANY, LIMITS)).toEqual({});
});
