import type { ApprovalStep } from '../types.ts';

/** The approvals that a pending request has to get. */
export interface PendingSteps {
  /** As it was sent in. */
  steps: ApprovalStep[];
  /** For each approval so far the step that it was given in. */
  approvals: number[];
}

/**
 * What a pending request still needs where the policies require these steps. It follows the policies in who decides and
 * where they want more approvals, and never needs less than it was sent in with; steps are matched by their place, so that nothing is
 * promised which a closer look would not find.
 */
export function stepsLeft({ steps, approvals }: PendingSteps, required: readonly ApprovalStep[]): ApprovalStep[] {
  const own = steps.map(({ approvalsNeeded }, index) => ({
    approvalsNeeded,
    given: approvals.filter((at) => at === index).length,
  }));
  const last = required.at(-1)?.approvers ?? [];
  const left: ApprovalStep[] = [];
  for (let index = 0; index < Math.max(own.length, required.length); index++) {
    const [has, wants] = [own[index], required[index]];
    const needed = Math.max(has?.approvalsNeeded ?? 0, wants?.approvalsNeeded ?? 0) - (has?.given ?? 0);
    if (needed > 0) left.push({ approvers: wants?.approvers ?? last, approvalsNeeded: needed });
  }
  return left;
}
