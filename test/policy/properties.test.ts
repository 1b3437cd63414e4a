import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  approverScope,
  compile,
  evaluate,
  mayDecide,
  offers,
  type Policies,
  requirement,
} from '../../src/policy/index.ts';
import { approvalPolicies, asks, eligibilityPolicies, limits, NOW, policySets, subjects } from './samples.ts';

const RUNS = { numRuns: 2_000 };

test('evaluation never allows what no single policy covers', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, limits, (policies, subject, ask, cap) => {
      const verdict = evaluate(compile(policies), subject, ask, cap, NOW);
      const covering = policies.eligibility.filter(
        (policy) =>
          policy.principals.some(
            (ref) => ref === `USER:${subject.userId}` || subject.groupIds.some((id) => ref === `GROUP:${id}`),
          ) &&
          policy.permissionSets.includes(ask.permissionSetArn) &&
          policy.targets.some(
            (ref) =>
              ref === `ACCOUNT:${ask.accountId}` ||
              ask.ancestorIds.some(
                (id, index) => ref === `OU:${id}` && (policy.includeNestedOus || index === ask.ancestorIds.length - 1),
              ),
          ) &&
          ask.durationMinutes > 0 &&
          ask.durationMinutes <= policy.maxDurationMinutes &&
          ask.durationMinutes <= cap.maxDurationMinutes &&
          (ask.ticketGiven || !(policy.ticketRequired || cap.ticketRequired)),
      );
      if (verdict.allowed) {
        expect(covering.length).toBeGreaterThan(0);
        expect(verdict.allowedBy.map((ref) => ref.id).toSorted()).toEqual(covering.map((each) => each.id).toSorted());
        if (!verdict.approvalNeeded && cap.approvalEnabled)
          expect(covering.some((each) => !each.approvalRequired)).toBe(true);
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
      const turned = { eligibility: policies.eligibility.toReversed(), approval: policies.approval.toReversed() };
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
      const longest = at(role.longestMinutes);
      expect(longest.longestMinutes).toBe(role.longestMinutes);
      expect(longest.allowed || longest.code === 'no-approvers').toBe(true);
      expect(at(role.longestMinutes + 1).code).toBe('too-long');
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
