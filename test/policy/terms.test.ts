import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, compileEligibility } from '../../src/policy/compile.ts';
import { evaluate } from '../../src/policy/index.ts';
import { boundsAt, guardrailsOver, termsOf } from '../../src/policy/terms.ts';
import { asks, eligibility, eligibilityPolicies, limits, NOW, policySets } from './samples.ts';

test('what a policy comes to for one role in one account is what the evaluation gives to whom only it names', () => {
  fc.assert(
    fc.property(policySets, eligibilityPolicies, asks, limits, (sets, drawn, ask, settings) => {
      const policy = { ...drawn, principals: ['USER:zoe'], enabled: true, startsAt: null, endsAt: null };
      const policies = compile({ ...sets, eligibility: [policy] });
      const asked = { places: [ask], roles: [ask.permissionSetArn] };
      const bounds = boundsAt(policies, settings);
      const terms = termsOf(compileEligibility(policy), asked, settings, bounds);
      const verdict = evaluate(policies, { userId: 'zoe', groupIds: [] }, ask, settings, NOW);
      expect(terms?.longest.most ?? 0).toBe(verdict.longestMinutes);
      expect(terms?.longest.least ?? 0).toBe(verdict.longestMinutes);
      expect(terms?.longestWithoutApproval.most ?? 0).toBe(verdict.longestWithoutApprovalMinutes);
      expect(guardrailsOver(asked, bounds)).toEqual(verdict.guardrails);
    }),
    { numRuns: 2_000 },
  );
});

test('where roles or accounts differ, the span tells the least and the most', () => {
  const devs = eligibility({ permissionSets: ['power', 'admin'], maxDurationMinutes: 360, approvalRequired: false });
  const guardrail = { id: 'g', version: 1, name: 'Short', targets: [], note: '', ticket: '' };
  const policies = compile({
    eligibility: [devs],
    approval: [],
    guardrails: [{ ...guardrail, permissionSets: ['admin'], neverSelfServed: true, maxDurationMinutes: 120 }],
  });
  const settings = {
    maxDurationMinutes: 540,
    allowedDurationsMinutes: [],
    ticketRequired: false,
    approvalEnabled: true,
  };
  const asked = { places: [{ accountId: 'a-work', ancestorIds: ['r', 'workloads'] }], roles: ['admin', 'power'] };
  const terms = termsOf(compileEligibility(devs), asked, settings, boundsAt(policies, settings));
  expect(terms).toEqual({ longest: { least: 120, most: 360 }, longestWithoutApproval: { least: 0, most: 360 } });
});
