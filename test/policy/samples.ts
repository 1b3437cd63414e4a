import fc from 'fast-check';
import type {
  ApprovalPolicy,
  Ask,
  EligibilityPolicy,
  Guardrail,
  PolicyLimits,
  Subject,
} from '../../src/policy/index.ts';
import { PLAIN } from '../support/policies.ts';

/**
 * A small organization, so that random policies meet often: root ─ workloads ─ (prod, test), root ─ sandbox.
 * Account a-root lies directly in the root.
 */
const PLACES = [
  { accountId: 'a-root', ancestorIds: ['r'] },
  { accountId: 'a-work', ancestorIds: ['r', 'workloads'] },
  { accountId: 'a-prod', ancestorIds: ['r', 'workloads', 'prod'] },
  { accountId: 'a-test', ancestorIds: ['r', 'workloads', 'test'] },
  { accountId: 'a-sand', ancestorIds: ['r', 'sandbox'] },
];
const TARGETS = [
  ...PLACES.map((place) => `ACCOUNT:${place.accountId}`),
  ...['r', 'workloads', 'prod', 'test', 'sandbox'].map((id) => `OU:${id}`),
];
const USERS = ['ana', 'ben', 'cleo'];
const GROUPS = ['leads', 'devs', 'ops'];
const PRINCIPALS = [...USERS.map((id) => `USER:${id}`), ...GROUPS.map((id) => `GROUP:${id}`)];
const ROLES = ['read', 'power', 'admin'];
const MINUTES = [15, 60, 120, 480];

const some = (items: string[], minLength = 0) => fc.uniqueArray(fc.constantFrom(...items), { minLength, maxLength: 3 });

export const NOW = new Date('2026-11-22T12:00:00Z');
const times = fc.constantFrom(null, new Date('2026-11-22T11:00:00Z'), NOW, new Date('2026-11-22T13:00:00Z'));
const rest = {
  exclusions: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: some(TARGETS) }),
  enabled: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  startsAt: times,
  endsAt: times,
  note: fc.constant(''),
  ticket: fc.constant(''),
};

export const eligibilityPolicies: fc.Arbitrary<EligibilityPolicy> = fc.record({
  id: fc.uuid(),
  version: fc.constant(1),
  name: fc.string({ minLength: 1, maxLength: 3 }),
  principals: some(PRINCIPALS, 1),
  targets: some(TARGETS, 1),
  includeNestedOus: fc.boolean(),
  permissionSets: some(ROLES, 1),
  maxDurationMinutes: fc.constantFrom(...MINUTES),
  approvalRequired: fc.boolean(),
  ticketRequired: fc.boolean(),
  ...rest,
});

export const approvalPolicies: fc.Arbitrary<ApprovalPolicy> = fc.record({
  id: fc.uuid(),
  version: fc.constant(1),
  name: fc.string({ minLength: 1, maxLength: 3 }),
  targets: some(TARGETS, 1),
  includeNestedOus: fc.boolean(),
  permissionSets: some(ROLES),
  requesterGroups: some(GROUPS),
  broaderMayDecide: fc.boolean(),
  steps: fc.array(fc.record({ approvers: some(PRINCIPALS, 1), approvalsNeeded: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  ...rest,
});

export const guardrails: fc.Arbitrary<Guardrail> = fc.record({
  id: fc.uuid(),
  version: fc.constant(1),
  name: fc.string({ minLength: 1, maxLength: 3 }),
  permissionSets: some(ROLES),
  targets: some(TARGETS),
  neverSelfServed: fc.boolean(),
  maxDurationMinutes: fc.constantFrom(null, ...MINUTES),
  note: fc.constant(''),
  ticket: fc.constant(''),
});

export const policySets = fc.record({
  eligibility: fc.array(eligibilityPolicies, { maxLength: 6 }),
  approval: fc.array(approvalPolicies, { maxLength: 6 }),
  guardrails: fc.array(guardrails, { maxLength: 2 }),
});

export const subjects: fc.Arbitrary<Subject> = fc.record({ userId: fc.constantFrom(...USERS), groupIds: some(GROUPS) });

export const asks: fc.Arbitrary<Ask> = fc
  .record({
    place: fc.constantFrom(...PLACES),
    permissionSetArn: fc.constantFrom(...ROLES),
    durationMinutes: fc.constantFrom(0, 1, 15, 16, 60, 120, 121, 480, 481),
    ticketGiven: fc.boolean(),
  })
  .map(({ place, ...ask }) => ({ ...ask, ...place }));

export const limits: fc.Arbitrary<PolicyLimits> = fc.record({
  maxDurationMinutes: fc.constantFrom(30, 120, 1000),
  allowedDurationsMinutes: fc.constantFrom<number[]>([], [], [15, 60], [120]),
  ticketRequired: fc.boolean(),
  approvalEnabled: fc.boolean(),
});

export const LIMITS: PolicyLimits = {
  maxDurationMinutes: 540,
  allowedDurationsMinutes: [],
  ticketRequired: false,
  approvalEnabled: true,
};

export function eligibility(given: Partial<EligibilityPolicy> = {}): EligibilityPolicy {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    version: 1,
    name: 'Developers',
    principals: ['GROUP:devs'],
    targets: ['OU:workloads'],
    includeNestedOus: false,
    permissionSets: ['power'],
    maxDurationMinutes: 120,
    approvalRequired: true,
    ticketRequired: false,
    note: '',
    ...PLAIN,
    ...given,
  };
}

export function approval(given: Partial<ApprovalPolicy> = {}): ApprovalPolicy {
  return {
    id: '00000000-0000-4000-8000-000000000002',
    version: 1,
    name: 'Leads decide',
    targets: ['OU:r'],
    includeNestedOus: true,
    permissionSets: [],
    requesterGroups: [],
    broaderMayDecide: false,
    steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
    note: '',
    ...PLAIN,
    ...given,
  };
}

export const DEV: Subject = { userId: 'ana', groupIds: ['devs'] };
export const IN_WORKLOADS: Ask = {
  accountId: 'a-work',
  ancestorIds: ['r', 'workloads'],
  permissionSetArn: 'power',
  durationMinutes: 60,
  ticketGiven: false,
};
export const IN_PROD: Ask = { ...IN_WORKLOADS, accountId: 'a-prod', ancestorIds: ['r', 'workloads', 'prod'] };
