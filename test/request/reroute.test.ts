import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApprovalStep, PolicyRef } from '../../src/policy/index.ts';
import { approvalsAt, currentStep } from '../../src/request/machine.ts';
import { type Routed, reroute } from '../../src/request/reroute.ts';

const step = (approvers: string, approvalsNeeded = 1): ApprovalStep => ({
  approvers: approvers.split(' ').map((name) => `GROUP:${name}`),
  approvalsNeeded,
});
const ref = (name: string, version = 1): PolicyRef => ({ id: name, version, name, kind: 'approval' });
const yes = (approverId: string, at: number) =>
  ({ approverId, verdict: 'approve', step: at, durationMinutes: null }) as const;

function asked(steps: ApprovalStep[], decisions: Routed['decisions'] = []): Routed {
  return { steps, policies: [{ ...ref('who may'), kind: 'eligibility' }, ref('leads')], decisions };
}
const wants = (steps: ApprovalStep[], policies = [ref('leads', 2)]) => ({ steps, policies, replaced: [] });
const there = () => true;

describe('a pending request follows the policies', () => {
  it('is unchanged where they want the same, in whatever order they name the approvers and whatever version they have', () => {
    expect(reroute(asked([step('a b', 2)]), wants([step('b a', 2)]), there)).toBeNull();
  });

  it('goes to the approvers of today, and keeps the policies of eligibility that it rests on', () => {
    const changed = reroute(asked([step('leads')]), wants([step('heads')]), there);
    expect(changed).toEqual({
      steps: [step('heads')],
      policies: [{ ...ref('who may'), kind: 'eligibility' }, ref('leads', 2)],
      reason: 'The policy “leads” was changed.',
    });
  });

  it('needs what is stricter: more where the policies want more, and no less where they want less', () => {
    expect(reroute(asked([step('a', 1)]), wants([step('a', 3)]), there)).toMatchObject({
      steps: [step('a', 3)],
      reason: 'The policy “leads” was changed. It needs 3 approvals now, and 1 before.',
    });
    expect(reroute(asked([step('a', 3)]), wants([step('a', 1)]), there)).toBeNull();
    expect(reroute(asked([step('a', 3)]), wants([step('b', 1)]), there)?.steps).toEqual([step('b', 3)]);
  });

  it('asks for a step that was added, also where a decision was made before', () => {
    const two = wants([step('leads'), step('security')]);
    expect(reroute(asked([step('leads')]), two, there)?.steps).toEqual(two.steps);
    const begun = asked([step('leads', 2)], [yes('priya', 0)]);
    expect(reroute(begun, two, there)?.steps).toEqual([step('leads', 2), step('security')]);
  });

  it('counts a decision for what it was made for, though the policies put another step before it', () => {
    const begun = asked([step('leads'), step('heads')], [yes('priya', 0)]);
    const changed = reroute(begun, wants([step('security'), step('leads'), step('heads')]), there);
    expect(changed?.steps).toEqual([step('leads'), step('security'), step('heads')]);
    expect(currentStep({ steps: changed?.steps ?? [], decisions: begun.decisions })).toBe(1);
  });

  it('asks for every step where a decided one is not to be found among more of them', () => {
    const begun = asked([step('leads'), step('heads')], [yes('priya', 0)]);
    const changed = reroute(begun, wants([step('security'), step('owners'), step('heads')]), there);
    expect(changed?.steps).toEqual([step('leads'), step('security'), step('owners'), step('heads')]);
  });

  it('keeps a decision though who made it approves no more, and wants one more where one more is needed', () => {
    const begun = asked([step('leads'), step('heads')], [yes('priya', 0)]);
    const changed = reroute(begun, wants([step('others', 2), step('heads')]), there);
    expect(changed?.steps).toEqual([step('others', 2), step('heads')]);
    expect(currentStep({ steps: changed?.steps ?? [], decisions: begun.decisions })).toBe(0);
  });

  it('leaves a step that the policies dropped to the last approvers that they name', () => {
    const changed = reroute(asked([step('leads'), step('security', 2)]), wants([step('leads')]), there);
    expect(changed?.steps).toEqual([step('leads'), step('leads', 2)]);
  });

  it('is left to nobody where no policy covers it any more, is not approved by that, and comes back with the policies', () => {
    const request = asked([step('leads'), step('heads', 2)]);
    const orphaned = reroute(request, wants([], []), () => false);
    expect(orphaned).toMatchObject({
      steps: [
        { approvers: [], approvalsNeeded: 1 },
        { approvers: [], approvalsNeeded: 2 },
      ],
      reason: 'The policy “leads” was deleted.',
    });
    expect(currentStep({ steps: orphaned?.steps ?? [], decisions: [] })).toBe(0);
    const back = reroute({ ...request, ...orphaned }, wants([step('new'), step('heads')], [ref('new')]), there);
    expect(back).toMatchObject({
      steps: [step('new'), step('heads', 2)],
      reason: 'The policy “new” applies to it now.',
    });
  });

  it('tells a policy that is still there but holds no more from one that was deleted', () => {
    const gone = (exists: boolean) => reroute(asked([step('a')]), wants([step('b')], [ref('other')]), () => exists);
    expect(gone(true)?.reason).toBe(
      'The policy “leads” no longer applies to it. The policy “other” applies to it now.',
    );
    expect(gone(false)?.reason).toBe('The policy “leads” was deleted. The policy “other” applies to it now.');
  });
});

describe('whatever the policies become', () => {
  const anyStep = fc.record({
    approvers: fc.uniqueArray(fc.constantFrom('GROUP:a', 'GROUP:b', 'GROUP:c', 'USER:d'), { minLength: 1 }),
    approvalsNeeded: fc.integer({ min: 1, max: 3 }),
  });
  const anySteps = fc.array(anyStep, { maxLength: 4 });
  /** A request in which so many distinct people approved, step by step. */
  const anyRequest = fc.tuple(fc.array(anyStep, { minLength: 1, maxLength: 4 }), fc.nat(6)).map(([steps, count]) => {
    const decisions: Routed['decisions'] = [];
    for (let person = 0; person < count; person++) {
      const at = currentStep({ steps, decisions });
      if (
        at === steps.length - 1 &&
        decisions.filter((each) => each.step === at).length + 1 >= steps[at]!.approvalsNeeded
      )
        break;
      decisions.push(yes(`person ${person}`, at));
    }
    return asked(steps, decisions);
  });
  const approversOf = (each: ApprovalStep) => JSON.stringify(each.approvers.toSorted());
  /** How many approvals the steps of these approvers need, the most first. */
  const neededBy = (key: string, steps: ApprovalStep[]) =>
    steps
      .filter((each) => approversOf(each) === key)
      .map((each) => each.approvalsNeeded)
      .toSorted((a, b) => b - a);
  const stepsNow = (request: Routed, steps: ApprovalStep[]) =>
    reroute(request, wants(steps), there)?.steps ?? request.steps;

  it('nothing is ever approved by it, no step falls away and no needed number is lowered', () => {
    fc.assert(
      fc.property(anyRequest, anySteps, (request, steps) => {
        const now = stepsNow(request, steps);
        expect(currentStep({ steps: now, decisions: request.decisions })).toBeLessThan(now.length);
        expect(now.length).toBeGreaterThanOrEqual(Math.max(request.steps.length, steps.length));
        const total = (list: ApprovalStep[]) => list.reduce((sum, each) => sum + each.approvalsNeeded, 0);
        expect(total(now)).toBeGreaterThanOrEqual(Math.max(total(request.steps), total(steps)));
        for (const { step: at } of request.decisions)
          expect(now[at]?.approvalsNeeded).toBeGreaterThanOrEqual(request.steps[at]!.approvalsNeeded);
      }),
    );
  });

  it('every step of theirs is asked for with their approvers, and who is named by none of them decides nothing new', () => {
    fc.assert(
      fc.property(anyRequest, anySteps, (request, steps) => {
        const now = stepsNow(request, steps);
        for (const key of steps.map(approversOf)) {
          const theirs = neededBy(key, steps);
          const ours = neededBy(key, now);
          expect(theirs.every((needed, at) => (ours[at] ?? 0) >= needed)).toBe(true);
        }
        const named = new Set<string>(steps.flatMap((each) => each.approvers));
        const open = now.filter((each, at) => approvalsAt(request, at) < each.approvalsNeeded);
        for (const each of open) expect(each.approvers.every((approver) => named.has(approver))).toBe(true);
      }),
    );
  });

  it('it comes to rest: the same policies change it no more', () => {
    fc.assert(
      fc.property(anyRequest, anySteps, (request, steps) => {
        const once = { ...request, steps: stepsNow(request, steps) };
        const twice = { ...request, steps: stepsNow(once, steps) };
        expect(stepsNow(twice, steps)).toEqual(twice.steps);
      }),
      // Rare: several steps of the same approvers.
      { numRuns: 1000 },
    );
  });
});
