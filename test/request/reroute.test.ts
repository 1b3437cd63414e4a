import { describe, expect, it } from 'vitest';
import type { ApprovalStep, PolicyRef } from '../../src/policy/index.ts';
import { currentStep } from '../../src/request/machine.ts';
import { type Routed, reroute } from '../../src/request/reroute.ts';

const step = (approvers: string, approvalsNeeded = 1): ApprovalStep => ({
  approvers: approvers.split(' ').map((name) => `GROUP:${name}`),
  approvalsNeeded,
});
const ref = (name: string, version = 1): PolicyRef => ({ id: name, version, name, kind: 'approval' });
const decided = (approverId: string, at: number, namedBy: string) => ({
  approverId,
  step: at,
  namedBy: namedBy.split(' ').map((name) => `GROUP:${name}`),
});

function asked(steps: ApprovalStep[], decisions: Routed['decisions'] = []): Routed {
  const policies = [{ ...ref('who may'), kind: 'eligibility' as const }, ref('leads')];
  return { submittedSteps: steps, steps, policies, decisions };
}
const wants = (steps: ApprovalStep[], policies = [ref('leads', 2)]) => ({ steps, policies, replaced: [] });
const former = (approvers: string, approvalsNeeded = 1) => ({ ...step(approvers, approvalsNeeded), former: true });
const there = () => true;
const approved = ({ decisions }: Routed, steps: ApprovalStep[] = []) => ({
  steps,
  decisions: decisions.map((each) => ({ ...each, verdict: 'approve' as const })),
});

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
    const begun = asked([step('leads', 2)], [decided('priya', 0, 'leads')]);
    expect(reroute(begun, two, there)?.steps).toEqual([step('leads', 2), step('security')]);
  });

  it('counts a decision for what it was made for, though the policies put another step before it', () => {
    const begun = asked([step('leads'), step('heads')], [decided('priya', 0, 'leads')]);
    const changed = reroute(begun, wants([step('security'), step('leads'), step('heads')]), there);
    expect(changed?.steps).toEqual([step('leads'), step('security'), step('heads')]);
    expect(currentStep(approved(begun, changed?.steps))).toBe(1);
  });

  it('asks for every step where a decided one is not to be found among more of them', () => {
    const begun = asked([step('leads'), step('heads')], [decided('priya', 0, 'leads')]);
    const changed = reroute(begun, wants([step('security'), step('owners'), step('heads')]), there);
    expect(changed?.steps).toEqual([former('leads'), step('security'), step('owners'), step('heads')]);
  });

  it('keeps a decision though who made it approves no more, and asks those in full who approve now', () => {
    const begun = asked([step('leads'), step('heads')], [decided('priya', 0, 'leads')]);
    const changed = reroute(begun, wants([step('others', 2), step('heads')]), there);
    expect(changed?.steps).toEqual([former('leads'), step('others', 2), step('heads')]);
    expect(currentStep(approved(begun, changed?.steps))).toBe(1);
    const alone = asked([step('b', 2)], [decided('bob', 0, 'b')]);
    expect(reroute(alone, wants([step('a', 2)]), there)?.steps).toEqual([former('b'), step('a', 2)]);
    // Two were wanted, and two it is.
    expect(reroute(alone, wants([step('a')]), there)?.steps).toEqual([former('b'), step('a')]);
    const third = asked([step('b', 3)], [decided('bob', 0, 'b')]);
    expect(reroute(third, wants([step('a')]), there)?.steps).toEqual([former('b'), step('a', 2)]);
  });

  it('counts a decision for a step that names who made it, by the group that made them an approver or by themselves', () => {
    const begun = (namedBy: string) => asked([step('a b', 2)], [decided('bob', 0, namedBy)]);
    const names = (approvers: string) => wants([step(approvers, 2)]);
    expect(reroute(begun('b'), names('b c'), there)?.steps).toEqual([step('b c', 2)]);
    expect(reroute(begun('b'), names('a c'), there)?.steps).toEqual([former('b'), step('a c', 2)]);
    expect(reroute(begun('a b'), names('a c'), there)?.steps).toEqual([step('a c', 2)]);
    const bob = { approvers: ['USER:bob', 'GROUP:x'], approvalsNeeded: 2 };
    expect(reroute(begun('b'), wants([bob]), there)?.steps).toEqual([bob]);
  });

  it('asks one more where one of the approvals in a step was by somebody whom it names no more', () => {
    const begun = asked([step('a c', 3)], [decided('alice', 0, 'a'), decided('carol', 0, 'c')]);
    expect(reroute(begun, wants([step('a', 3)]), there)?.steps).toEqual([step('a', 4)]);
  });

  it('drops what only a former policy added and nobody has decided', () => {
    const request = asked([step('a')]);
    const more = reroute(request, wants([step('a', 2), step('security', 2)]), there);
    expect(more?.steps).toEqual([step('a', 2), step('security', 2)]);
    expect(reroute({ ...request, steps: more?.steps ?? [] }, wants([step('a')]), there)).toMatchObject({
      steps: [step('a')],
      reason: 'The policy “leads” was changed. It needs 1 approval now, and 4 before.',
    });
  });

  it('waits for one more of the last approvers where what is left of a policy was approved before', () => {
    const request = { ...asked([step('a')], [decided('alice', 0, 'a')]), steps: [step('a'), step('b')] };
    expect(reroute(request, wants([step('a')]), there)?.steps).toEqual([step('a'), step('a')]);
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
    expect(currentStep(approved(request, orphaned?.steps))).toBe(0);
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
