import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ApprovalPolicy,
  type Ask,
  compile,
  type EligibilityPolicy,
  evaluate,
  explain,
  type Guardrail,
  type PolicyLimits,
  requirement,
  type Subject,
  withApprovers,
} from '../../src/policy/index.ts';
import { approvalInWords, guardrailInWords, lackInWords } from '../../src/policy/reasons.ts';
import {
  approval,
  asks,
  DEV,
  eligibility,
  IN_PROD,
  IN_WORKLOADS,
  LIMITS,
  limits,
  NOW,
  policySets,
  subjects,
} from './samples.ts';

const RUNS = { numRuns: 2_000 };
const people = fc.array(fc.uniqueArray(fc.constantFrom('ana', 'ben', 'cleo', 'dora', 'emil')), { maxLength: 3 });

test('explain and evaluate always agree', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, people, (policies, subject, ask, cap, perStep) => {
      const compiled = compile(policies);
      const verdict = evaluate(compiled, subject, ask, cap, NOW);
      const plain = explain(compiled, subject, ask, cap, NOW);
      expect(plain.verdict).toEqual(verdict);
      const judged = withApprovers(verdict, perStep, subject.userId, ['Gone']);
      const told = explain(compiled, subject, ask, cap, NOW, { perStep, vanished: ['Gone'] });
      expect(told.verdict).toEqual(judged);

      const required = requirement(compiled, subject, ask, NOW);
      expect(told.steps).toEqual(required.steps);
      if (verdict.approvalNeeded) expect(told.steps).toEqual(verdict.steps);
      const applying = told.approval.filter((each) => each.part !== 'none').map(({ policy }) => policy.id);
      expect(applying.toSorted()).toEqual(required.policies.map(({ id }) => id).toSorted());
      const replaced = told.approval.filter((each) => each.part === 'replaced').map(({ policy }) => policy.id);
      expect(replaced.toSorted()).toEqual(required.replaced.map(({ id }) => id).toSorted());
      expect(told.guardrails.map(({ id }) => id)).toEqual(verdict.guardrails.map(({ id }) => id));
      expect(told.nearMisses.map(({ policy }) => policy)).toEqual(judged.nearMisses.map(({ policy }) => policy));
      if (verdict.allowed) expect(told.letting).toEqual(verdict.allowedBy);
    }),
    RUNS,
  );
});

test('an allowed request has no near miss, and no policy both lets and misses', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, (policies, subject, ask, cap) => {
      const told = explain(compile(policies), subject, ask, cap, NOW);
      if (told.verdict.allowed) {
        expect(told.nearMisses).toEqual([]);
        expect(told.letting).not.toEqual([]);
      }
      const missed = told.nearMisses.map(({ policy }) => policy.id);
      expect(told.letting.filter(({ id }) => missed.includes(id))).toEqual([]);
    }),
    RUNS,
  );
});

test('every near miss names what its policy really lacks, and all of it', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, (policies, subject, ask, cap) => {
      const told = explain(compile(policies), subject, ask, cap, NOW);
      for (const { policy: ref, lacks } of told.nearMisses) {
        const policy = policies.eligibility.find(({ id }) => id === ref.id)!;
        const found = lacks.map((lack) => lack.missing).toSorted();
        expect(found).toEqual(trulyMissing(policy, policies.guardrails, subject, ask, cap).toSorted());
        for (const lack of lacks) {
          if (lack.missing === 'principal') expect(lack.principals).toEqual(policy.principals);
          if (lack.missing === 'not-yet') expect(lack.startsAt).toEqual(policy.startsAt);
          if (lack.missing === 'over') expect(lack.endsAt).toEqual(policy.endsAt);
          if (lack.missing === 'excluded') {
            expect(lack.by).not.toEqual([]);
            expect(policy.exclusions).toEqual(expect.arrayContaining(lack.by));
          }
          if (lack.missing === 'target') {
            expect(lack.directOnly.length > 0 && policy.includeNestedOus).toBe(false);
            expect(policy.targets).toEqual(expect.arrayContaining(lack.directOnly));
          }
        }
      }
    }),
    RUNS,
  );
});

/** What the policy lacks, found anew from its fields. */
function trulyMissing(
  policy: EligibilityPolicy,
  guardrails: Guardrail[],
  subject: Subject,
  ask: Ask,
  cap: PolicyLimits,
): string[] {
  const own = [`USER:${subject.userId}`, ...subject.groupIds.map((id) => `GROUP:${id}`)];
  const above = ask.ancestorIds.map((id) => `OU:${id}`);
  const account = `ACCOUNT:${ask.accountId}`;
  const units = policy.includeNestedOus ? above : above.slice(-1);
  const named = policy.targets.some((ref) => ref === account || units.includes(ref));
  const excluded = policy.exclusions.some((ref) => ref === account || above.includes(ref));
  const limiting = guardrails
    .filter(({ permissionSets }) => permissionSets.length === 0 || permissionSets.includes(ask.permissionSetArn))
    .filter(({ targets }) => targets.length === 0 || targets.some((ref) => ref === account || above.includes(ref)))
    .map(({ maxDurationMinutes }) => maxDurationMinutes ?? Infinity);
  const longest = Math.min(policy.maxDurationMinutes, cap.maxDurationMinutes, ...limiting);
  const missing: [string, boolean][] = [
    ['principal', !policy.principals.some((ref) => own.includes(ref))],
    ['permission-set', !policy.permissionSets.includes(ask.permissionSetArn)],
    ['disabled', !policy.enabled],
    ['not-yet', policy.enabled && policy.startsAt !== null && policy.startsAt > NOW],
    [
      'over',
      policy.enabled &&
        !(policy.startsAt !== null && policy.startsAt > NOW) &&
        policy.endsAt !== null &&
        policy.endsAt <= NOW,
    ],
    ['target', !named],
    ['excluded', named && excluded],
    ['duration', ask.durationMinutes < 1 || ask.durationMinutes > longest],
    ['ticket', !ask.ticketGiven && (policy.ticketRequired || cap.ticketRequired)],
  ];
  return missing.flatMap(([word, is]) => (is ? [word] : []));
}

const WORDS = {
  person: 'Lena',
  role: 'PowerUser',
  nameOf: (ref: string) => ref.split(':')[1] ?? ref,
  formatDate: (at: Date) => at.toISOString().slice(0, 10),
};

test.each<[string, Partial<EligibilityPolicy>, Partial<Ask>, Partial<Guardrail>]>([
  ['Lena is not in ops', { principals: ['GROUP:ops'] }, {}, {}],
  ['Lena is in none of its groups: ops and leads', { principals: ['GROUP:ops', 'GROUP:leads'] }, {}, {}],
  ['Lena is not in ops, nor named by it', { principals: ['GROUP:ops', 'USER:ben'] }, {}, {}],
  ['names ben, not Lena', { principals: ['USER:ben'] }, {}, {}],
  ['is switched off', { enabled: false }, {}, {}],
  ['holds from 2026-12-01', { startsAt: new Date('2026-12-01T00:00:00Z') }, {}, {}],
  ['held until 2026-11-01', { endsAt: new Date('2026-11-01T00:00:00Z') }, {}, {}],
  ['excludes this account', { exclusions: ['ACCOUNT:a-work'] }, {}, {}],
  ['excludes this account, because it excludes r', { exclusions: ['OU:r'] }, {}, {}],
  ['does not take this account', { targets: ['OU:sandbox'] }, {}, {}],
  ['takes only the accounts directly in workloads, and this one lies in an OU below', {}, IN_PROD, {}],
  ['does not give PowerUser', { permissionSets: ['read'] }, {}, {}],
  ['allows 2 h at most', {}, { durationMinutes: 180 }, {}],
  ['allows 1 d, but this portal allows 9 h at most', { maxDurationMinutes: 1440 }, { durationMinutes: 600 }, {}],
  [
    'allows 2 h, but the guardrail “Short” allows 30 min at most',
    {},
    { durationMinutes: 60 },
    { maxDurationMinutes: 30 },
  ],
  ['needs a ticket', { ticketRequired: true }, {}, {}],
])('a near miss says: %s', (sentence, given, ask, limit) => {
  const guardrail: Guardrail = {
    id: 'g',
    version: 1,
    name: 'Short',
    permissionSets: [],
    targets: [],
    neverSelfServed: false,
    maxDurationMinutes: null,
    note: '',
    ticket: '',
    ...limit,
  };
  const policies = compile({ eligibility: [eligibility(given)], approval: [approval()], guardrails: [guardrail] });
  const { nearMisses } = explain(policies, DEV, { ...IN_WORKLOADS, ...ask }, LIMITS, NOW);
  expect(nearMisses.map(({ lacks }) => lacks.map((lack) => lackInWords(lack, WORDS)))).toEqual([[sentence]]);
});

test('a ticket that the portal asks for is not blamed on the policy', () => {
  const policies = compile({ eligibility: [eligibility()], approval: [approval()] });
  const { nearMisses, letting } = explain(policies, DEV, IN_WORKLOADS, { ...LIMITS, ticketRequired: true }, NOW);
  expect(nearMisses.flatMap(({ lacks }) => lacks.map((lack) => lackInWords(lack, WORDS)))).toEqual([
    'needs a ticket, as every request in this portal does',
  ]);
  expect(letting).toEqual([]);
});

test('where nobody is named to approve, the policies that let the person ask are still told', () => {
  const policies = compile({ eligibility: [eligibility()], approval: [] });
  const told = explain(policies, DEV, IN_WORKLOADS, LIMITS, NOW);
  expect(told.verdict).toMatchObject({ allowed: false, code: 'no-approvers', allowedBy: [] });
  expect(told.letting).toMatchObject([{ name: 'Developers' }]);
});

test.each<[string, Partial<ApprovalPolicy>]>([
  ['does not apply: it is not about PowerUser', { permissionSets: ['read'] }],
  ['does not apply: it is only for requests by members of ops', { requesterGroups: ['ops'] }],
  ['does not apply: it is switched off', { enabled: false }],
  ['does not apply: it holds from 2026-12-01', { startsAt: new Date('2026-12-01T00:00:00Z') }],
  ['does not apply: it excludes this account', { exclusions: ['ACCOUNT:a-work'] }],
])('an approval policy that is left out says why: %s', (sentence, given) => {
  const other = approval({ id: 'other', name: 'Other', ...given });
  const policies = compile({ eligibility: [eligibility()], approval: [approval(), other] });
  const { approval: parts } = explain(policies, DEV, IN_WORKLOADS, LIMITS, NOW);
  expect(parts.map((each) => [each.policy.name, approvalInWords(each, WORDS)])).toEqual([
    ['Leads decide', 'applies'],
    ['Other', sentence],
  ]);
});

test('a policy that a narrower one replaces names it, and one that lets broader approvers decide replaces nothing', () => {
  const narrow = approval({ id: 'narrow', name: 'Power only', permissionSets: ['power'] });
  const said = (given: Partial<ApprovalPolicy>) =>
    explain(
      compile({ eligibility: [eligibility()], approval: [approval(), { ...narrow, ...given }] }),
      DEV,
      IN_WORKLOADS,
      LIMITS,
      NOW,
    ).approval.map((each) => [each.policy.name, approvalInWords(each, WORDS)]);
  expect(said({})).toEqual([
    ['Power only', 'applies'],
    [
      'Leads decide',
      'its approvers do not decide here, because “Power only” is narrower and keeps broader approvers out; its needed number still counts',
    ],
  ]);
  expect(said({ broaderMayDecide: true })).toEqual([
    ['Leads decide', 'applies'],
    ['Power only', 'applies'],
  ]);
});

test('a guardrail says what it does', () => {
  expect(guardrailInWords({ neverSelfServed: true, maxDurationMinutes: 60 })).toBe(
    'makes approval necessary, whatever a policy says, and allows 1 h at most',
  );
  expect(guardrailInWords({ neverSelfServed: false, maxDurationMinutes: 60 })).toBe('allows 1 h at most');
  expect(guardrailInWords({ neverSelfServed: false, maxDurationMinutes: null })).toBe('changes nothing');
});
