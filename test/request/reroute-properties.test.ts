import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApprovalStep } from '../../src/policy/index.ts';
import { approvalsAt, currentStep } from '../../src/request/machine.ts';
import { type Routed, reroute } from '../../src/request/reroute.ts';

const anyStep = fc.record({
  approvers: fc.subarray(['GROUP:a', 'GROUP:b', 'GROUP:c', 'USER:person 1'], { minLength: 1 }),
  approvalsNeeded: fc.integer({ min: 1, max: 3 }),
});
const anySteps = fc.array(anyStep, { maxLength: 4 });
/** What happens to a request: the policies become others, or somebody approves who is named by these approvers. */
const anyEvent = fc.oneof(
  fc.record({ policies: anySteps }),
  fc.record({ namedBy: fc.infiniteStream(fc.boolean()).map((stream) => stream.take(4)) }),
);
type Step = Routed['steps'][number];
const total = (steps: ApprovalStep[]) => steps.reduce((sum, each) => sum + each.approvalsNeeded, 0);
const keyOf = (each: ApprovalStep) => JSON.stringify(each.approvers.toSorted());
const follow = (request: Routed, steps: ApprovalStep[]): Routed => ({
  ...request,
  steps: reroute(request, { steps, policies: [], replaced: [] }, () => true)?.steps ?? request.steps,
});
const progress = ({ steps, decisions }: Routed) => ({
  steps,
  decisions: decisions.map((each) => ({ ...each, verdict: 'approve' as const })),
});
const isPending = (request: Routed) => currentStep(progress(request)) < request.steps.length;

interface Past {
  request: Routed;
  /** As the policies are now. */
  required: ApprovalStep[];
  /** The request before the last approval, where that is what happened last. */
  before: Routed | null;
}

/** A request in the middle of its story, still undecided. */
const anyPast = fc
  .tuple(fc.array(anyStep, { minLength: 1, maxLength: 3 }), fc.array(anyEvent, { maxLength: 10 }))
  .map(([submittedSteps, events]): Past => {
    let past: Past = {
      request: { submittedSteps, steps: submittedSteps, policies: [], decisions: [] },
      required: submittedSteps,
      before: null,
    };
    for (const event of events) {
      const { request } = past;
      if ('policies' in event) {
        past = { request: follow(request, event.policies), required: event.policies, before: null };
        continue;
      }
      const at = currentStep(progress(request));
      const chosen = [...event.namedBy];
      const approvers = request.steps[at]!.approvers;
      const namedBy = approvers.filter((_, index) => chosen[index]);
      const approverId = `person ${request.decisions.length}`;
      const decision = { approverId, step: at, namedBy: namedBy.length > 0 ? namedBy : approvers.slice(0, 1) };
      const next = { ...request, decisions: [...request.decisions, decision] };
      if (approvers.length > 0 && isPending(next)) past = { ...past, request: next, before: request };
    }
    return past;
  });

/** Of the approvals in a step, those of people whom its approvers do not name. */
function strangers({ decisions }: Routed, at: number, { approvers }: ApprovalStep): number {
  return decisions.filter(
    (each) => each.step === at && ![...each.namedBy, `USER:${each.approverId}`].some((by) => approvers.includes(by)),
  ).length;
}

function holds(check: (past: Past, now: Routed, required: ApprovalStep[]) => void): void {
  const property = fc.property(anyPast, anySteps, (past, required) => {
    check(past, follow(past.request, required), required);
  });
  fc.assert(property, { numRuns: 1000 });
}

describe('whatever the policies become, and whoever approved meanwhile', () => {
  it('nothing is ever approved by it', () => {
    holds((_, now) => expect(isPending(now)).toBe(true));
  });

  it('never less is needed than when it was sent in, and no approval is lost', () => {
    holds(({ request }, now) => {
      expect(total(now.steps)).toBeGreaterThanOrEqual(total(request.submittedSteps));
      expect(now.steps.length).toBeGreaterThanOrEqual(request.submittedSteps.length);
      for (const { step } of request.decisions) {
        expect(now.steps[step]?.approvalsNeeded).toBeGreaterThanOrEqual(approvalsAt(progress(request), step));
      }
    });
  });

  it('step for step never less is needed, as long as nobody has approved', () => {
    holds(({ request }, now) => {
      if (request.decisions.length > 0) return;
      const most = (steps: ApprovalStep[]) => steps.map((each) => each.approvalsNeeded).toSorted((a, b) => b - a);
      const ours = most(now.steps);
      for (const [at, needed] of most(request.submittedSteps).entries()) {
        expect(ours[at]).toBeGreaterThanOrEqual(needed);
      }
    });
  });

  it('every step of the policies is asked of those whom it names, less what people gave whom it names', () => {
    holds((_, now, required) => {
      const asked = (key: string) =>
        now.steps
          .map((each: Step, at) => ({ each, needed: each.approvalsNeeded - strangers(now, at, each) }))
          .filter(({ each }) => keyOf(each) === key && !each.former)
          .map(({ needed }) => needed)
          .toSorted((a, b) => b - a);
      for (const key of required.map(keyOf)) {
        const theirs = required.filter((each) => keyOf(each) === key).map((each) => each.approvalsNeeded);
        const ours = asked(key);
        for (const [at, needed] of theirs.toSorted((a, b) => b - a).entries()) {
          expect(ours[at]).toBeGreaterThanOrEqual(needed);
        }
      }
    });
  });

  it('nobody is asked whom the policies do not name', () => {
    holds((_, now, required) => {
      const open = now.steps.filter((each, at) => approvalsAt(progress(now), at) < each.approvalsNeeded);
      const named = required.length > 0 ? required.map(keyOf) : ['[]'];
      for (const each of open) expect(named).toContain(keyOf(each));
    });
  });

  it('a second look changes nothing', () => {
    holds((_, now, required) => expect(follow(now, required)).toEqual(now));
  });

  it('an approval changes nothing but what was approved: the same policies want the same steps after it', () => {
    holds(({ request, required, before }) => {
      if (before !== null) expect(follow(request, required).steps).toEqual(before.steps);
    });
  });

  it('policies that go back and forth leave it as it was the first time, however often, and it stays small', () => {
    fc.assert(
      fc.property(anyPast, anySteps, anySteps, ({ request }, one, other) => {
        const [first, second] = [follow(request, one), follow(request, other)];
        let now = request;
        for (let times = 0; times < 20; times++) {
          now = follow(now, one);
          expect(now.steps).toEqual(first.steps);
          now = follow(now, other);
          expect(now.steps).toEqual(second.steps);
        }
        const begun = Math.max(0, ...request.decisions.map(({ step }) => step + 1));
        expect(now.steps.length).toBeLessThanOrEqual(request.submittedSteps.length + begun + other.length + 1);
      }),
    );
  });
});
