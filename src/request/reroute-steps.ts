import type { ApprovalStep } from '../policy/index.ts';
import type { RequestStep } from './types.ts';

/** What the steps of a request follow from, besides the policies of today. Nothing that a former policy left in it. */
export interface StepsSoFar {
  /** As it was sent in. */
  submittedSteps: ApprovalStep[];
  /** The approvals so far, oldest first. */
  decisions: PastApproval[];
}

export interface PastApproval {
  approverId: string;
  step: number;
  /** Which approvers of the step the person was one of, when they decided. */
  namedBy: ApprovalStep['approvers'];
}

/** A step on its way. */
interface Slot {
  step: RequestStep;
  /** Policy: a step that the policies want. Former: its approvals stand, it asks nobody. Left: to the last approvers. */
  kind: 'policy' | 'former' | 'left';
  /** The approvals in it. */
  made: number;
  /** Of the policies' steps the one that it is, by index. */
  partner: number | null;
}

/**
 * The steps that a pending request has under these policies: those in which somebody decided, in their place; then those
 * that the policies want besides; then what is left of those that it was sent in with. Follows from what was sent in, the
 * decisions and the policies alone, so that it is the same at every look, and whatever the policies were in between.
 */
export function stepsUnder(request: StepsSoFar, required: ApprovalStep[]): RequestStep[] {
  const last = required.at(-1)?.approvers ?? [];
  const decided = decidedSlots(request, required);
  const added = required.flatMap((step, at): Slot[] =>
    decided.some(({ partner }) => partner === at) ? [] : [{ step, kind: 'policy', made: 0, partner: at }],
  );
  const slots = [...decided, ...added];
  const left = raiseToSubmitted(request.submittedSteps, slots);
  const steps = slots.map(({ step }) => step);
  for (const approvalsNeeded of left) steps.push({ approvers: last, approvalsNeeded });
  // A change of the policies approves nothing: somebody says the last yes.
  const isOpen = slots.some(({ step, made }) => made < step.approvalsNeeded) || left.length > 0;
  return isOpen ? steps : [...steps, { approvers: last, approvalsNeeded: 1 }];
}

/**
 * The steps in which somebody decided. Such a step is one of the policies' if that names who decided first in it, and
 * else, if the policies have no such step left, one of the last approvers if they name them; whoever else decided in it
 * counts if they are named too. Going by the first alone, a later decision changes no step. A step that is neither has
 * its approvals and needs no more, for the policies' own steps are asked for in full.
 */
function decidedSlots({ decisions }: StepsSoFar, required: ApprovalStep[]): Slot[] {
  const last = required.at(-1);
  const slots: Slot[] = [];
  const begun = Math.max(0, ...decisions.map(({ step }) => step + 1));
  for (let index = 0; index < begun; index++) {
    const own = decisions.filter(({ step }) => step === index);
    const made = own.length;
    const first = own[0];
    const taken = new Set(slots.map(({ partner }) => partner));
    const at = required.findIndex((step, each) => first && !taken.has(each) && names(step, first));
    const now = required[at];
    if (now) {
      const strangers = own.filter((each) => !names(now, each)).length;
      const approvalsNeeded = Math.max(now.approvalsNeeded + strangers, made);
      const step = { approvers: now.approvers, approvalsNeeded };
      slots.push({ step, kind: 'policy', made, partner: at });
    } else if (first && last && names(last, first)) {
      slots.push({ step: { approvers: last.approvers, approvalsNeeded: made }, kind: 'left', made, partner: null });
    } else {
      const approvers = [...new Set(own.flatMap(({ namedBy }) => namedBy))].sort();
      slots.push({ step: { approvers, approvalsNeeded: made, former: true }, kind: 'former', made, partner: null });
    }
  }
  return slots;
}

function names({ approvers }: ApprovalStep, { approverId, namedBy }: PastApproval): boolean {
  return [...namedBy, `USER:${approverId}`].some((ref) => approvers.includes(ref));
}

/**
 * Raises what the steps need to what was sent in: each submitted step finds one of its own, the surest sign first. What
 * a former step did not get any more, and what finds no step, goes to the steps that are left to the last approvers;
 * gives how many approvals each further step of theirs needs.
 */
function raiseToSubmitted(submitted: ApprovalStep[], slots: Slot[]): number[] {
  const free = new Set(slots.filter(({ kind }) => kind !== 'left'));
  const found = new Map<ApprovalStep, Slot>();
  const signs: ((step: ApprovalStep, slot: Slot) => boolean)[] = [
    (step, slot) => keyOf(step) === keyOf(slot.step),
    (step, slot) => step.approvers.some((each) => slot.step.approvers.includes(each)),
    () => true,
  ];
  for (const shows of signs) {
    for (const step of submitted) {
      const slot = found.has(step) ? undefined : [...free].find((each) => shows(step, each));
      if (!slot) continue;
      found.set(step, slot);
      free.delete(slot);
    }
  }
  const open = [...free].filter(({ kind }) => kind === 'policy');
  const next = [...open, ...slots.filter(({ kind }) => kind === 'left')];
  const more: number[] = [];
  for (const step of submitted) {
    const slot = found.get(step);
    if (slot && slot.kind !== 'former') {
      raise(slot, step.approvalsNeeded);
      continue;
    }
    const missing = step.approvalsNeeded - (slot?.made ?? 0);
    if (missing <= 0) continue;
    const other = next.shift();
    if (other) raise(other, missing);
    else more.push(missing);
  }
  return more;
}

function raise(slot: Slot, approvalsNeeded: number): void {
  slot.step = { ...slot.step, approvalsNeeded: Math.max(slot.step.approvalsNeeded, approvalsNeeded) };
}

/** The same for the same approvers in whatever order. */
export function keyOf(step: ApprovalStep | undefined): string {
  return JSON.stringify(step?.approvers.toSorted());
}
