import { describe, expect, test } from 'vitest';
import type { ApprovalPolicy, Ask, EligibilityPolicy, PolicyLimits } from '../../src/policy/index.ts';
import { compile, evaluate, withApprovers } from '../../src/policy/index.ts';
import { approval, DEV, eligibility, IN_PROD, IN_WORKLOADS, LIMITS, NOW } from './samples.ts';

function verdict(
  policies: { eligibility?: EligibilityPolicy[]; approval?: ApprovalPolicy[] },
  ask: Partial<Ask> = {},
  limits: Partial<PolicyLimits> = {},
) {
  const compiled = compile({ eligibility: policies.eligibility ?? [], approval: policies.approval ?? [approval()] });
  return evaluate(compiled, DEV, { ...IN_WORKLOADS, ...ask }, { ...LIMITS, ...limits }, NOW);
}

describe('who may ask', () => {
  test('a policy on an OU takes the accounts directly in it', () => {
    expect(verdict({ eligibility: [eligibility()] })).toMatchObject({
      allowed: true,
      reason: '',
      code: '',
      allowedBy: [{ name: 'Developers', kind: 'eligibility', version: 1 }],
      approvalPolicies: [{ name: 'Leads decide', kind: 'approval' }],
      longestMinutes: 120,
      approvalNeeded: true,
      steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
    });
  });

  test('an account in a nested OU is out of reach until the policy includes nested OUs', () => {
    expect(verdict({ eligibility: [eligibility()] }, IN_PROD)).toMatchObject({ allowed: false, code: 'not-eligible' });
    expect(verdict({ eligibility: [eligibility({ includeNestedOus: true })] }, IN_PROD).allowed).toBe(true);
  });

  test('the root is an OU: alone it takes its direct accounts, with nested OUs every account', () => {
    const atRoot = { accountId: 'a-root', ancestorIds: ['r'] };
    const direct = [eligibility({ targets: ['OU:r'] })];
    expect(verdict({ eligibility: direct }, atRoot).allowed).toBe(true);
    expect(verdict({ eligibility: direct }, IN_PROD).allowed).toBe(false);
    expect(
      verdict({ eligibility: [eligibility({ targets: ['OU:r'], includeNestedOus: true })] }, IN_PROD).allowed,
    ).toBe(true);
  });

  test('account and role of two policies never mix', () => {
    const policies = [
      eligibility({ permissionSets: ['read'] }),
      eligibility({ id: 'b', targets: ['ACCOUNT:a-prod'], permissionSets: ['power'] }),
    ];
    expect(verdict({ eligibility: policies })).toMatchObject({ allowed: false, code: 'not-eligible' });
  });

  test('a duration that no covering policy allows is refused with the longest that one does', () => {
    const refused = verdict({ eligibility: [eligibility()] }, { durationMinutes: 121 });
    expect(refused).toMatchObject({ allowed: false, code: 'too-long', longestMinutes: 120 });
    expect(refused.reason).toBe('You may ask for this role here for up to 2 h. Choose a shorter duration.');
  });

  test('the longest duration of another role or account does not count', () => {
    const policies = [eligibility(), eligibility({ id: 'b', permissionSets: ['read'], maxDurationMinutes: 480 })];
    expect(verdict({ eligibility: policies }, { durationMinutes: 240 })).toMatchObject({
      code: 'too-long',
      longestMinutes: 120,
    });
  });

  test("the portal's maximum caps every policy", () => {
    const capped = verdict({ eligibility: [eligibility()] }, { durationMinutes: 90 }, { maxDurationMinutes: 60 });
    expect(capped).toMatchObject({ allowed: false, code: 'too-long', longestMinutes: 60 });
  });

  test.each([0, -5, Number.NaN])('a duration of %s minutes is refused', (durationMinutes) => {
    expect(verdict({ eligibility: [eligibility()] }, { durationMinutes })).toMatchObject({
      allowed: false,
      code: 'invalid-duration',
    });
  });

  test('a near miss says what is missing, and a policy that misses more is left out', () => {
    const policies = [
      eligibility({ id: 'place', name: 'Place', targets: ['OU:sandbox'] }),
      eligibility({ id: 'role', name: 'Role', permissionSets: ['read'], maxDurationMinutes: 30 }),
      eligibility({ id: 'person', name: 'Person', principals: ['USER:zoe'] }),
      eligibility({ id: 'far', name: 'Far', principals: ['USER:zoe'], targets: ['OU:sandbox'] }),
    ];
    const { nearMisses } = verdict({ eligibility: policies });
    expect(nearMisses.map((each) => [each.policy.name, each.missing])).toEqual([
      ['Person', ['principal']],
      ['Place', ['target']],
      ['Role', ['permission-set', 'duration']],
    ]);
  });
});

describe('tickets', () => {
  const wanting = eligibility({ ticketRequired: true });
  const free = eligibility({ id: 'b', name: 'Other', ticketRequired: false });

  test('one is needed if every allowing policy wants one', () => {
    expect(verdict({ eligibility: [wanting] })).toMatchObject({
      allowed: false,
      code: 'ticket-missing',
      ticketNeeded: true,
    });
    expect(verdict({ eligibility: [wanting] }, { ticketGiven: true })).toMatchObject({
      allowed: true,
      ticketNeeded: true,
    });
    expect(verdict({ eligibility: [wanting, free] })).toMatchObject({
      allowed: true,
      ticketNeeded: false,
      allowedBy: [{ name: 'Other' }],
    });
  });

  test('one is needed if the setting says so', () => {
    expect(verdict({ eligibility: [free] }, {}, { ticketRequired: true })).toMatchObject({
      allowed: false,
      code: 'ticket-missing',
    });
  });

  test('a policy that leaves out approval for a ticket does so only with the ticket', () => {
    const policies = [free, eligibility({ id: 'c', ticketRequired: true, approvalRequired: false })];
    expect(verdict({ eligibility: policies })).toMatchObject({ allowed: true, approvalNeeded: true });
    expect(verdict({ eligibility: policies }, { ticketGiven: true })).toMatchObject({
      allowed: true,
      approvalNeeded: false,
    });
  });
});

describe('approval', () => {
  test('is left out only by a policy that covers the duration too', () => {
    const policies = [eligibility(), eligibility({ id: 'b', approvalRequired: false, maxDurationMinutes: 30 })];
    expect(verdict({ eligibility: policies }, { durationMinutes: 30 })).toMatchObject({
      approvalNeeded: false,
      steps: [],
    });
    expect(verdict({ eligibility: policies }, { durationMinutes: 31 })).toMatchObject({ approvalNeeded: true });
  });

  test('is not needed while it is off for the whole portal', () => {
    const off = verdict({ eligibility: [eligibility()], approval: [] }, {}, { approvalEnabled: false });
    expect(off).toMatchObject({ allowed: true, approvalNeeded: false, steps: [] });
  });

  test('that nobody could give is refused before the request is submitted', () => {
    const elsewhere = [approval({ targets: ['OU:sandbox'] })];
    expect(verdict({ eligibility: [eligibility()], approval: elsewhere })).toMatchObject({
      allowed: false,
      code: 'no-approvers',
      approvalNeeded: true,
    });
  });

  test('by too few people is refused with how many there are, and the requester is none of them', () => {
    const two = approval({ steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }] });
    const allowed = verdict({ eligibility: [eligibility()], approval: [two] });
    expect(withApprovers(allowed, [['ben', 'cleo']], 'ana').allowed).toBe(true);
    const refused = withApprovers(allowed, [['ben', 'ben', 'ana']], 'ana');
    expect(refused).toMatchObject({ allowed: false, code: 'no-approvers', allowedBy: [] });
    expect(refused.reason).toBe(
      'This request needs 2 approvals, and besides you there is only one person who could give them. An administrator can name more approvers.',
    );
    expect(withApprovers(verdict({ eligibility: [eligibility()] }), [['ana']], 'ana').reason).toBe(
      'This request needs an approval, and besides you there is nobody who could give it. An administrator can name more approvers.',
    );
  });
});
