import { expect, test } from 'vitest';
import { compile, compilePlaces, type PolicyLists } from '../../src/policy/compile.ts';
import { stuckPeople } from '../../src/policy/form/stuck-people.ts';
import { aboutOf, type Circumstances, shortages } from '../../src/policy/form/unfulfillable.ts';
import { durationWarning, guardrailWarnings, placeWarning, stuckSentences } from '../../src/policy/form/warnings.ts';
import type { PolicyChange } from '../../src/policy/impact/change.ts';
import type { Guardrail } from '../../src/policy/types.ts';
import { approval, eligibility, LIMITS, NOW } from './samples.ts';

const PLACES = [
  { accountId: 'a-prod', ancestorIds: ['r', 'workloads'] },
  { accountId: 'a-test', ancestorIds: ['r', 'workloads'] },
  { accountId: 'a-sand', ancestorIds: ['r', 'sandbox'] },
];
const PEOPLE = [
  { userId: 'ana', groupIds: ['devs'] },
  { userId: 'ben', groupIds: ['devs', 'leads'] },
  { userId: 'cleo', groupIds: ['leads'] },
];

function circumstances(members: Record<string, string[]>): Circumstances {
  const enabled = new Set(['ana', 'ben', 'cleo']);
  return {
    places: PLACES,
    roles: new Set(['power', 'read']),
    deciders: { members: new Map(Object.entries(members)), enabled },
    limits: LIMITS,
    now: NOW,
  };
}

function stuck(
  lists: PolicyLists,
  change: PolicyChange,
  members: Record<string, string[]> = { leads: ['ben', 'cleo'] },
) {
  const policies = compile(lists);
  const around = circumstances(members);
  const about = aboutOf(change);
  return about === null ? [] : stuckPeople(shortages(policies, about, around), about, PEOPLE, policies, around);
}
const changeOf = (policy: ReturnType<typeof approval>): PolicyChange => ({ id: policy.id, kind: 'approval', policy });

test('an approval policy with enough approvers leaves nobody stuck', () => {
  const leads = approval();
  expect(stuck({ eligibility: [eligibility()], approval: [leads] }, changeOf(leads))).toEqual([]);
});

test("the group's only approver, who also asks there, is named, and nobody else", () => {
  const leads = approval();
  const found = stuck({ eligibility: [eligibility()], approval: [leads] }, changeOf(leads), { leads: ['ben'] });
  expect(found.map(({ userId }) => userId)).toEqual(['ben']);
  expect(found[0]?.lack).toEqual({ step: 0, steps: 1, needed: 1, found: 0 });
});

test('steps with too few distinct people leave everybody stuck who asks', () => {
  const leads = approval({
    steps: [
      { approvers: ['GROUP:leads'], approvalsNeeded: 1 },
      { approvers: ['GROUP:leads'], approvalsNeeded: 2 },
    ],
  });
  const found = stuck({ eligibility: [eligibility()], approval: [leads] }, changeOf(leads));
  expect(found.map(({ userId }) => userId)).toEqual(['ana', 'ben']);
  expect(found[0]?.lack).toMatchObject({ step: 1, steps: 2, needed: 2, found: 1 });
});

test('who gives it to themselves by another policy needs nobody', () => {
  const alone = eligibility({ id: '00000000-0000-4000-8000-000000000009', name: 'Alone', approvalRequired: false });
  const leads = approval();
  const lists = { eligibility: [eligibility(), alone], approval: [leads] };
  expect(stuck(lists, changeOf(leads), { leads: [] })).toEqual([]);
});

test('an eligibility policy that needs approval where no approval policy reaches is told, with the account', () => {
  const devs = eligibility({ targets: ['OU:sandbox'] });
  const elsewhere = approval({ targets: ['ACCOUNT:a-prod'] });
  const lists = { eligibility: [devs], approval: [elsewhere] };
  const found = stuck(lists, { id: devs.id, kind: 'eligibility', policy: devs });
  expect(found.map(({ userId, lack }) => [userId, lack])).toEqual([
    ['ana', null],
    ['ben', null],
  ]);
  expect(found[0]?.shortage).toMatchObject({ place: PLACES[2], accounts: 1, permissionSetArn: 'power' });
});

test('a policy narrowed to a requester group is looked at for the people of that group', () => {
  const broad = approval();
  const narrow = approval({
    id: '00000000-0000-4000-8000-000000000003',
    name: 'For leads',
    requesterGroups: ['leads'],
    steps: [{ approvers: ['USER:ben'], approvalsNeeded: 1 }],
  });
  const found = stuck({ eligibility: [eligibility()], approval: [broad, narrow] }, changeOf(narrow));
  expect(found.map(({ userId }) => userId)).toEqual(['ben']);
});

test('a guardrail that makes approval needed tells whom nobody could approve then', () => {
  const alone = eligibility({ approvalRequired: false });
  const guardrail: Guardrail = {
    id: 'g',
    version: 1,
    name: 'Never alone',
    permissionSets: ['power'],
    targets: [],
    neverSelfServed: true,
    maxDurationMinutes: null,
    note: '',
    ticket: '',
  };
  const change: PolicyChange = { id: 'g', kind: 'guardrail', policy: guardrail };
  const lists = { eligibility: [alone], approval: [], guardrails: [guardrail] };
  expect(stuck(lists, change).map(({ userId }) => userId)).toEqual(['ana', 'ben']);
  expect(stuck({ ...lists, guardrails: [] }, change)).toEqual([]);
});

test('the warning names five people and counts the others, and says what lacks', () => {
  const leads = approval({ steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 3 }] });
  const [first] = stuck({ eligibility: [eligibility()], approval: [leads] }, changeOf(leads));
  const seven = Array.from({ length: 7 }, (_, index) => ({ ...first!, userId: `p${index}` }));
  const nameOf = (ref: string) => ref.replace(/^\w+:/, '');
  expect(stuckSentences(seven, nameOf)).toEqual([
    'Nobody could approve when p0, p1, p2, p3, p4 +2 others ask, say for power in a-prod and 1 more account: it needs 3 approvals, and besides whoever asks there are only 2 people left who could give them.',
  ]);
  expect(stuckSentences(seven.slice(0, 6), nameOf)[0]).toContain('p4 +1 other ask,');
});

test('people who are stuck for different reasons come in different sentences', () => {
  const leads = approval({ steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }] });
  const found = stuck({ eligibility: [eligibility()], approval: [leads] }, changeOf(leads), { leads: ['ben'] });
  const told = stuckSentences(found, (ref) => ref.replace(/^\w+:/, ''));
  expect(told).toHaveLength(2);
  expect(told.find((each) => each.includes('when ana asks'))).toContain('there is only one person left');
  expect(told.find((each) => each.includes('when ben asks'))).toContain('there is nobody left');
});

test('nobody is warned of whom the policy does not mean', () => {
  const contractors = approval({
    id: '00000000-0000-4000-8000-000000000003',
    name: 'For leads',
    requesterGroups: ['leads'],
    steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
  });
  // Nobody could approve for the developers either, but that is not for this policy to mend.
  expect(stuck({ eligibility: [eligibility()], approval: [contractors] }, changeOf(contractors))).toEqual([]);
  const alone = eligibility({ id: '00000000-0000-4000-8000-000000000009', name: 'Alone', approvalRequired: false });
  const others = eligibility({ name: 'Others', principals: ['GROUP:devs', 'GROUP:leads'], maxDurationMinutes: 480 });
  const change: PolicyChange = { id: alone.id, kind: 'eligibility', policy: alone };
  expect(stuck({ eligibility: [alone, others], approval: [] }, change)).toEqual([]);
});

test('a form that says too little yet warns of nobody', () => {
  const empty = { name: '', note: '', ticket: '', permissionSets: [], targets: [] };
  const guardrail = { ...empty, neverSelfServed: true, maxDurationMinutes: null };
  expect(
    stuck({ eligibility: [eligibility()], approval: [] }, { id: null, kind: 'guardrail', policy: guardrail }),
  ).toEqual([]);
  const nobodyYet = approval({ steps: [{ approvers: [], approvalsNeeded: 1 }] });
  expect(stuck({ eligibility: [eligibility()], approval: [nobodyYet] }, changeOf(nobodyYet))).toEqual([]);
});

test('less than the shortest allowed duration is told, and only that', () => {
  const allowed = (...allowedDurationsMinutes: number[]) => ({ allowedDurationsMinutes });
  expect(durationWarning(15, allowed(60, 30))).toBe('The shortest allowed duration is 30 min, so nobody can use this.');
  expect(durationWarning(30, allowed(60, 30))).toBeNull();
  expect(durationWarning(15, allowed())).toBeNull();
});

test('exceptions that take out everything are told apart from places without accounts', () => {
  const where = { targets: ['OU:workloads'], exclusions: ['OU:r'], includeNestedOus: false };
  expect(placeWarning(compilePlaces(where), PLACES)).toContain('exceptions take out every account');
  expect(placeWarning(compilePlaces({ ...where, targets: ['OU:empty'] }), PLACES)).toContain('No account');
  expect(placeWarning(compilePlaces({ ...where, exclusions: ['ACCOUNT:a-prod'] }), PLACES)).toBeNull();
  expect(placeWarning(compilePlaces({ ...where, targets: [] }), PLACES)).toBeNull();
});

test('a guardrail is told where it limits what the policy says, and only there', () => {
  const policy = eligibility({ permissionSets: ['power', 'read'], maxDurationMinutes: 240, approvalRequired: false });
  const guardrail = (given: Partial<Guardrail>): Guardrail => ({
    id: 'g',
    version: 1,
    name: 'Short',
    permissionSets: ['power'],
    targets: [],
    neverSelfServed: true,
    maxDurationMinutes: 60,
    note: '',
    ticket: '',
    ...given,
  });
  const told = (given: Partial<Guardrail>) => {
    const { guardrails } = compile({ eligibility: [], approval: [], guardrails: [guardrail(given)] });
    return guardrailWarnings(policy, PLACES.slice(0, 2), guardrails, (arn) => arn);
  };
  expect(told({})).toEqual(['Guardrail “Short” makes approval needed and limits the duration to 1 h for power.']);
  expect(told({ targets: ['ACCOUNT:a-prod'], neverSelfServed: false })).toEqual([
    'Guardrail “Short” limits the duration to 1 h for power in 1 of its 2 accounts.',
  ]);
  expect(told({ permissionSets: [], maxDurationMinutes: null })).toEqual([
    'Guardrail “Short” makes approval needed for all its roles.',
  ]);
  for (const nothing of [
    { targets: ['OU:sandbox'] },
    { permissionSets: ['admin'] },
    { neverSelfServed: false, maxDurationMinutes: 240 },
  ]) {
    expect(told(nothing)).toEqual([]);
  }
});
