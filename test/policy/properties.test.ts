import fc from 'fast-check';
import { expect, test } from 'vitest';
import { approvable } from '../../src/policy/impact/approvable.ts';
import type { Ask, Guardrail } from '../../src/policy/index.ts';
import {
  approverScope,
  compile,
  evaluate,
  fulfilment,
  mayDecide,
  offers,
  type Policies,
  requirement,
} from '../../src/policy/index.ts';
import { revise } from '../../src/policy/revise.ts';
import type { When, Where } from '../../src/policy/types.ts';
import { PLAIN } from '../support/policies.ts';
import {
  approvalPolicies,
  asks,
  eligibilityPolicies,
  guardrails,
  limits,
  NOW,
  policySets,
  subjects,
} from './samples.ts';

const RUNS = { numRuns: 2_000 };

const inForce = (policy: When) =>
  policy.enabled &&
  (policy.startsAt === null || policy.startsAt <= NOW) &&
  (policy.endsAt === null || policy.endsAt > NOW);
const takes = (refs: string[], ask: Ask, nested: boolean) =>
  refs.includes(`ACCOUNT:${ask.accountId}`) ||
  (nested ? ask.ancestorIds : ask.ancestorIds.slice(-1)).some((id) => refs.includes(`OU:${id}`));
const where = (policy: Where, ask: Ask) =>
  takes(policy.targets, ask, policy.includeNestedOus) && !takes(policy.exclusions, ask, true);
const guarding = (all: Guardrail[], ask: Ask) =>
  all.filter(
    (each) =>
      (each.permissionSets.length === 0 || each.permissionSets.includes(ask.permissionSetArn)) &&
      (each.targets.length === 0 || takes(each.targets, ask, true)),
  );

test('evaluation never allows what no single policy covers', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, (policies, subject, ask, cap) => {
      const verdict = evaluate(compile(policies), subject, ask, cap, NOW);
      const guards = guarding(policies.guardrails, ask);
      const covering = policies.eligibility.filter(
        (policy) =>
          policy.principals.some(
            (ref) => ref === `USER:${subject.userId}` || subject.groupIds.some((id) => ref === `GROUP:${id}`),
          ) &&
          policy.permissionSets.includes(ask.permissionSetArn) &&
          inForce(policy) &&
          where(policy, ask) &&
          ask.durationMinutes > 0 &&
          ask.durationMinutes <= policy.maxDurationMinutes &&
          ask.durationMinutes <= cap.maxDurationMinutes &&
          guards.every((each) => ask.durationMinutes <= (each.maxDurationMinutes ?? Infinity)) &&
          (cap.allowedDurationsMinutes.length === 0 || cap.allowedDurationsMinutes.includes(ask.durationMinutes)) &&
          (ask.ticketGiven || !(policy.ticketRequired || cap.ticketRequired)),
      );
      if (verdict.allowed) {
        expect(covering.length).toBeGreaterThan(0);
        expect(verdict.allowedBy.map((ref) => ref.id).toSorted()).toEqual(covering.map((each) => each.id).toSorted());
        if (!verdict.approvalNeeded && cap.approvalEnabled)
          expect(covering.some((each) => !each.approvalRequired)).toBe(true);
        if (guards.some((each) => each.neverSelfServed)) expect(verdict.approvalNeeded).toBe(true);
        expect(verdict.guardrails.map((ref) => ref.id).toSorted()).toEqual(guards.map((each) => each.id).toSorted());
        if (verdict.approvalNeeded) expect(verdict.steps.length).toBeGreaterThan(0);
      } else {
        expect(verdict.reason).not.toBe('');
        expect(verdict.code).not.toBe('');
        if (verdict.code !== 'no-approvers') expect(covering).toEqual([]);
      }
    }),
    RUNS,
  );
});

test('adding an eligibility policy never takes something away', () => {
  fc.assert(
    fc.property(policySets, eligibilityPolicies, subjects, asks, limits, (policies, added, subject, ask, cap) => {
      const before = evaluate(compile(policies), subject, ask, cap, NOW);
      const more = { ...policies, eligibility: [...policies.eligibility, added] };
      const after = evaluate(compile(more), subject, ask, cap, NOW);
      if (before.allowed) expect(after.allowed).toBe(true);
      if (before.allowed && !before.approvalNeeded) expect(after.approvalNeeded).toBe(false);
      if (before.allowed && !before.ticketNeeded) expect(after.ticketNeeded).toBe(false);
      expect(after.longestMinutes).toBeGreaterThanOrEqual(before.longestMinutes);
    }),
    RUNS,
  );
});

test('adding a guardrail never gives something, and never lowers what is needed', () => {
  fc.assert(
    fc.property(policySets, guardrails, subjects, asks, limits, (policies, added, subject, ask, cap) => {
      const before = evaluate(compile(policies), subject, ask, cap, NOW);
      const after = evaluate(
        compile({ ...policies, guardrails: [...policies.guardrails, added] }),
        subject,
        ask,
        cap,
        NOW,
      );
      if (after.allowed) expect(before.allowed || before.code === 'no-approvers').toBe(true);
      if (after.allowed && !after.approvalNeeded) expect(before.approvalNeeded).toBe(false);
      expect(after.longestMinutes).toBeLessThanOrEqual(before.longestMinutes);
      expect(after.longestWithoutApprovalMinutes).toBeLessThanOrEqual(before.longestWithoutApprovalMinutes);
    }),
    RUNS,
  );
});

test('excluding something from a policy never gives anything', () => {
  fc.assert(
    fc.property(policySets, eligibilityPolicies, subjects, asks, limits, (policies, drawn, subject, ask, cap) => {
      const of = (exclusions: string[]) =>
        evaluate(
          compile({ ...policies, eligibility: [...policies.eligibility, { ...drawn, exclusions }] }),
          subject,
          ask,
          cap,
          NOW,
        );
      if (of(drawn.exclusions).allowed) expect(of([]).allowed).toBe(true);
      expect(of(drawn.exclusions).longestMinutes).toBeLessThanOrEqual(of([]).longestMinutes);
    }),
    RUNS,
  );
});

test('adding an approval policy never lowers a needed number', () => {
  fc.assert(
    fc.property(policySets, approvalPolicies, subjects, asks, (policies, added, subject, ask) => {
      const before = requirement(compile(policies), subject, ask, NOW);
      const after = requirement(compile({ ...policies, approval: [...policies.approval, added] }), subject, ask, NOW);
      before.steps.forEach((step, index) => {
        expect(after.steps[index]?.approvalsNeeded).toBeGreaterThanOrEqual(step.approvalsNeeded);
        expect(after.steps[index]?.approvers).not.toEqual([]);
      });
    }),
    RUNS,
  );
});

test('the order of policies never matters', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, (policies, subject, ask, cap) => {
      const turned = {
        eligibility: policies.eligibility.toReversed(),
        approval: policies.approval.toReversed(),
        guardrails: policies.guardrails.toReversed(),
      };
      expect(evaluate(compile(turned), subject, ask, cap, NOW)).toEqual(
        evaluate(compile(policies), subject, ask, cap, NOW),
      );
    }),
    RUNS,
  );
});

test('a narrowed policy keeps the broader approvers out unless it says otherwise', () => {
  fc.assert(
    fc.property(policySets, approvalPolicies, subjects, asks, (policies, drawn, subject, ask) => {
      const narrowed = {
        ...drawn,
        targets: [`ACCOUNT:${ask.accountId}`],
        permissionSets: [ask.permissionSetArn],
        requesterGroups: [],
        ...PLAIN,
        steps: [{ approvers: ['USER:only'], approvalsNeeded: 1 }],
      };
      const broad = policies.approval.map((each) => ({ ...each, permissionSets: [], requesterGroups: [] }));
      const { steps } = requirement(compile({ eligibility: [], approval: [...broad, narrowed] }), subject, ask, NOW);
      const without = requirement(compile({ eligibility: [], approval: broad }), subject, ask, NOW).steps;
      const approvers = steps.map((step) => step.approvers);
      if (!narrowed.broaderMayDecide) expect(approvers).toEqual(steps.map(() => ['USER:only']));
      else {
        for (const [index, step] of without.entries()) {
          expect(approvers[index]).toEqual(expect.arrayContaining(step.approvers));
        }
      }
    }),
    RUNS,
  );
});

test('what is offered is just what evaluation allows', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, (policies, subject, ask, cap) => {
      const compiled = compile(policies);
      const offered = offers(compiled, subject, cap, NOW);
      const role = offered.rolesIn(ask).find((each) => each.permissionSetArn === ask.permissionSetArn);
      expect(offered.offersAccount(ask)).toBe(offered.rolesIn(ask).length > 0);
      const at = (minutes: number) =>
        evaluate(compiled, subject, { ...ask, ticketGiven: true, durationMinutes: minutes }, cap, NOW);
      if (!role) {
        expect(at(1).code).toBe('not-eligible');
        return;
      }
      if (role.longestMinutes === 0) {
        expect(at(1).code).toBe('too-long');
        return;
      }
      const longest = at(role.longestMinutes);
      expect(longest.longestMinutes).toBe(role.longestMinutes);
      expect(longest.allowed || longest.code === 'no-approvers').toBe(true);
      expect(['too-long', 'duration-not-offered']).toContain(at(role.longestMinutes + 1).code);
      expect(longest.longestWithoutApprovalMinutes).toBe(role.longestWithoutApprovalMinutes);
      expect(longest.approvalNeeded).toBe(role.longestWithoutApprovalMinutes < role.longestMinutes);
      if (role.longestWithoutApprovalMinutes > 0)
        expect(at(role.longestWithoutApprovalMinutes).approvalNeeded).toBe(false);
      expect(role.approvalNeeded).toBe(role.longestWithoutApprovalMinutes === 0);
    }),
    RUNS,
  );
});

test("an approver's scope is just the requests whose steps name them", () => {
  fc.assert(
    fc.property(policySets, subjects, subjects, asks, (policies, approver, requester, ask) => {
      const compiled: Policies = compile(policies);
      const { steps } = requirement(compiled, requester, ask, NOW);
      const named = steps.some((step) => mayDecide(step.approvers, approver));
      const scope = approverScope(compiled, approver, NOW);
      expect(scope.covers({ ...ask, requesterGroupIds: requester.groupIds })).toBe(named);
    }),
    RUNS,
  );
});

test('the steps can be fulfilled just where some choice of people fills them all, each person once', () => {
  const people = fc.array(fc.uniqueArray(fc.constantFrom('ana', 'ben', 'cleo', 'dan', 'eve'), { maxLength: 5 }), {
    minLength: 1,
    maxLength: 3,
  });
  /** Tries everything: who acts next in the first step that still needs somebody. */
  const canFill = (needs: number[], who: string[][], used: string[]): boolean => {
    const step = needs.findIndex((need) => need > 0);
    if (step === -1) return true;
    const rest = needs.with(step, (needs[step] ?? 0) - 1);
    return (who[step] ?? []).some((id) => !used.includes(id) && canFill(rest, who, [...used, id]));
  };
  fc.assert(
    fc.property(
      people,
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
      fc.constantFrom('ana', 'nobody'),
      (who, numbers, requester) => {
        const needs = numbers.slice(0, who.length);
        const steps = needs.map((approvalsNeeded) => ({ approvers: [], approvalsNeeded }));
        const outcome = fulfilment(steps, who, requester);
        expect(outcome.possible).toBe(canFill(needs, who, [requester]));
        if (outcome.possible) return;
        const { step, found } = outcome;
        const before = needs.slice(0, step);
        expect(canFill([...before, found], who, [requester])).toBe(true);
        expect(canFill([...before, found + 1], who, [requester])).toBe(false);
      },
    ),
    RUNS,
  );
});

test('a number of approvals beyond all reason, and ten thousand approvers, are judged like any other', () => {
  const everybody = Array.from({ length: 10_000 }, (_, index) => `user ${index}`);
  const steps = [999_999, 1].map((approvalsNeeded) => ({ approvers: ['GROUP:all'], approvalsNeeded }));
  expect(fulfilment(steps, [everybody, everybody], 'user 7')).toEqual({
    possible: false,
    step: 0,
    needed: 999_999,
    found: 9_999,
  });
  const many = [9_999, 1].map((approvalsNeeded) => ({ approvers: ['GROUP:all'], approvalsNeeded }));
  const deciders = { members: new Map([['all', everybody]]), enabled: new Set(everybody) };
  expect(approvable(many, deciders)).toEqual({ byOthers: true, except: new Set(everybody) });
});

test('policies of which some changed are indexed as if all were new', () => {
  fc.assert(
    fc.property(policySets, policySets, fc.nat(63), (before, added, which) => {
      const compiled = compile(before);
      const isGone = (_: unknown, index: number) => (which >> index) & 1;
      const stays = (each: unknown, index: number) => !isGone(each, index);
      const gone = new Set([
        ...compiled.eligibility.filter(isGone),
        ...compiled.approval.filter(isGone),
        ...compiled.guardrails.filter(isGone),
      ]);
      const policiesOf = (list: { policy: { id: string } }[]) => list.filter(stays).map(({ policy }) => policy);
      const after = {
        eligibility: [...policiesOf(compiled.eligibility), ...added.eligibility] as typeof before.eligibility,
        approval: [...policiesOf(compiled.approval), ...added.approval] as typeof before.approval,
        guardrails: [...policiesOf(compiled.guardrails), ...added.guardrails] as typeof before.guardrails,
      };
      const { eligibility, approval, guardrails: limits } = compile(added);
      expect(revise(compiled, gone, { eligibility, approval, guardrails: limits })).toEqual(compile(after));
    }),
    { numRuns: 500 },
  );
});
