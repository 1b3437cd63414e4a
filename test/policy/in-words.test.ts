import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spellMinutes } from '../../src/policy/in-words.ts';
import {
  type ApprovalPolicy,
  allowance,
  compile,
  type EligibilityPolicy,
  type Explanation,
  evaluate,
  explain,
  type Guardrail,
  hintsInWords,
  inWords,
  type PolicyLimits,
} from '../../src/policy/index.ts';
import {
  approval,
  asks,
  DEV,
  eligibility,
  IN_WORKLOADS,
  LIMITS,
  limits,
  NOW,
  policySets,
  subjects,
} from './samples.ts';

const NAMES: Record<string, string> = {
  'GROUP:leads': 'Platform Leads',
  'GROUP:security': 'Security',
  'USER:ben': 'Ben Okafor',
  'USER:cleo': 'Cleo Lind',
};
const nameOf = (ref: string) => NAMES[ref] ?? null;
const self = eligibility({ id: 'self', approvalRequired: false });
const longer = eligibility({ id: 'longer', maxDurationMinutes: 480 });
const alone: Guardrail = {
  id: 'alone',
  version: 1,
  name: 'Admin never alone',
  permissionSets: [],
  targets: [],
  neverSelfServed: true,
  maxDurationMinutes: null,
  note: '',
  ticket: '',
};

interface Given {
  eligibility: EligibilityPolicy[];
  approval?: ApprovalPolicy[];
  guardrails?: Guardrail[];
  limits?: Partial<PolicyLimits>;
}

function say({
  eligibility: who,
  approval: deciding = [approval()],
  guardrails = [],
  limits: cap = {},
}: Given): string {
  const policies = compile({ eligibility: who, approval: deciding, guardrails });
  return inWords(allowance(policies, DEV, IN_WORKLOADS, { ...LIMITS, ...cap }, NOW), 'PowerUser', nameOf);
}

const step = (approvers: string[], approvalsNeeded = 1) => ({ approvers, approvalsNeeded });

describe('what a person may do is told in their words', () => {
  test.each<[string, Given]>([
    [
      'You may use PowerUser here for up to 2 hours without approval, up to 8 hours if someone of Platform Leads approves.',
      { eligibility: [self, longer] },
    ],
    ['You may use PowerUser here for up to 2 hours without approval.', { eligibility: [self] }],
    ['You may use PowerUser here for up to 8 hours if someone of Platform Leads approves.', { eligibility: [longer] }],
    [
      'You may use PowerUser here for up to 8 hours if someone of Platform Leads approves, and then someone of Security.',
      {
        eligibility: [longer],
        approval: [approval({ steps: [step(['GROUP:leads']), step(['GROUP:security'])] })],
      },
    ],
    [
      'You may use PowerUser here for up to 8 hours if two of Platform Leads approve.',
      { eligibility: [longer], approval: [approval({ steps: [step(['GROUP:leads'], 2)] })] },
    ],
    [
      'You may use PowerUser here for up to 8 hours if someone of Platform Leads or Ben Okafor approves.',
      { eligibility: [longer], approval: [approval({ steps: [step(['GROUP:leads', 'USER:ben'])] })] },
    ],
    [
      'You may use PowerUser here for up to 8 hours if Ben Okafor or Cleo Lind approves.',
      { eligibility: [longer], approval: [approval({ steps: [step(['USER:ben', 'USER:cleo'])] })] },
    ],
    [
      'You may use PowerUser here for up to 8 hours if someone of Platform Leads approves. A ticket is needed.',
      { eligibility: [longer], limits: { ticketRequired: true } },
    ],
    [
      'You may use PowerUser here for up to 2 hours without approval with a ticket, up to 8 hours if someone of Platform Leads approves.',
      { eligibility: [{ ...self, ticketRequired: true }, longer] },
    ],
    [
      'You may use PowerUser here for up to 2 hours without approval, up to 8 hours with a ticket if someone of Platform Leads approves.',
      { eligibility: [self, { ...longer, ticketRequired: true }] },
    ],
    [
      'You may use PowerUser here for up to 8 hours if someone of Platform Leads approves. This role is never given here without approval.',
      { eligibility: [self, longer], guardrails: [alone] },
    ],
    [
      'You may use PowerUser here for up to 1 hour 30 minutes if someone of Platform Leads approves.',
      { eligibility: [longer], guardrails: [{ ...alone, neverSelfServed: false, maxDurationMinutes: 90 }] },
    ],
    [
      'You may use PowerUser here for up to 2 hours without approval. For longer, approval is needed, and nobody is named who could give it.',
      { eligibility: [self, longer], approval: [] },
    ],
    [
      'You may ask for PowerUser here, but it needs approval, and nobody is named who could give it.',
      { eligibility: [longer], approval: [approval({ steps: [step(['GROUP:vanished'])] })] },
    ],
    ['', { eligibility: [] }],
  ])('%s', (sentence, given) => {
    expect(say(given)).toBe(sentence);
  });

  test('durations are spelled as people say them', () => {
    expect([45, 60, 61, 120, 1440, 1500].map(spellMinutes)).toEqual([
      '45 minutes',
      '1 hour',
      '1 hour 1 minute',
      '2 hours',
      '1 day',
      '1 day 1 hour',
    ]);
  });
});

test('what the sentence promises is what evaluation gives, and it never names a policy', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, (policies, subject, ask, cap) => {
      const named = {
        ...policies,
        eligibility: policies.eligibility.map((each) => ({ ...each, name: 'SECRET' })),
        approval: policies.approval.map((each) => ({ ...each, name: 'SECRET' })),
        guardrails: policies.guardrails.map((each) => ({ ...each, name: 'SECRET' })),
      };
      const compiled = compile(named);
      const allowed = allowance(compiled, subject, ask, cap, NOW);
      const at = (durationMinutes: number, ticketGiven: boolean) =>
        evaluate(compiled, subject, { ...ask, durationMinutes, ticketGiven }, cap, NOW);
      const sentence = inWords(allowed, 'Role', (ref) => ref);
      const told = explain(compiled, subject, ask, cap, NOW);
      const hints = hintsInWords(told, 'Role', [], (date) => date.toISOString());
      expect(`${sentence} ${hints.join(' ')}`).not.toContain('SECRET');
      expect(sentence === '').toBe(told.verdict.longestMinutes === 0);
      if (sentence.includes('without approval,') || sentence.includes('without approval.')) {
        if (allowed.longestWithoutApprovalMinutes > 0) {
          const granted = at(allowed.longestWithoutApprovalMinutes, allowed.ticketNeededWithoutApproval);
          expect([granted.allowed, granted.approvalNeeded]).toEqual([true, false]);
        }
      }
      if (allowed.longestMinutes > 0) {
        const most = at(allowed.longestMinutes, allowed.ticketNeeded);
        expect(most.allowed || most.code === 'no-approvers').toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe('whoever may not ask learns only of themselves', () => {
  const format = (at: Date) => at.toISOString().slice(0, 10);
  const hints = (given: Partial<EligibilityPolicy>, otherRoles: string[] = []) => {
    const policies = compile({ eligibility: [eligibility(given)], approval: [approval()] });
    return hintsInWords(explain(policies, DEV, IN_WORKLOADS, LIMITS, NOW), 'PowerUser', otherRoles, format);
  };

  test.each<[string, Partial<EligibilityPolicy>, string[]]>([
    ['You may ask for PowerUser here from 2026-12-01 on.', { startsAt: new Date('2026-12-01T00:00:00Z') }, []],
    ['You could ask for PowerUser here until 2026-11-01.', { endsAt: new Date('2026-11-01T00:00:00Z') }, []],
    ['What allowed you to ask for PowerUser here is switched off at present.', { enabled: false }, []],
    ['In this account you may ask for ReadOnly or Billing.', { permissionSets: ['read'] }, ['ReadOnly', 'Billing']],
    ['You may ask for PowerUser in other accounts, but not in this one.', { targets: ['OU:sandbox'] }, []],
    ['You may ask for PowerUser in other accounts, but not in this one.', { exclusions: ['OU:r'] }, []],
  ])('%s', (sentence, given, otherRoles) => {
    expect(hints(given, otherRoles)).toEqual([sentence]);
  });

  test('of what is for other groups they learn nothing', () => {
    expect(hints({ principals: ['GROUP:ops'] })).toEqual([]);
    expect(hints({ principals: ['GROUP:ops'], startsAt: new Date('2026-12-01T00:00:00Z') })).toEqual([]);
    // Even were a near miss to lack more than the person.
    const told = explain(compile({ eligibility: [], approval: [] }), DEV, IN_WORKLOADS, LIMITS, NOW);
    const nearMisses: Explanation['nearMisses'] = [
      {
        policy: { id: 'x', version: 1, name: 'X', kind: 'eligibility' },
        lacks: [{ missing: 'principal', principals: ['GROUP:ops'] }, { missing: 'disabled' }],
      },
    ];
    expect(hintsInWords({ ...told, nearMisses }, 'PowerUser', [], format)).toEqual([]);
  });
});
