import type { CompiledEligibility } from '../compile.ts';
import type { Bounds } from '../guard.ts';
import { longestOf, withoutApproval } from '../offers.ts';
import type { ApprovalStep, PolicyLimits } from '../types.ts';

/** The longest that one person may ask for one role in one account, in minutes; 0 where they may not. */
export interface Lengths {
  longest: number;
  /** The same without anybody's approval. */
  alone: number;
}

/** All that policies let one person ask for of one role in one account. */
export interface Right {
  withTicket: Lengths;
  withoutTicket: Lengths;
}

/** What the eligibility policies that reach a role in an account allow of it, within the bounds. */
export function rightOf(reaching: CompiledEligibility[], limits: PolicyLimits, bounds: Bounds): Right {
  const lengths = (list: CompiledEligibility[]): Lengths => ({
    longest: longestOf(list, limits, bounds),
    alone: longestOf(withoutApproval(list, limits, bounds), limits, bounds),
  });
  return {
    withTicket: lengths(reaching),
    withoutTicket: lengths(limits.ticketRequired ? [] : reaching.filter((each) => !each.policy.ticketRequired)),
  };
}

/** Whether some of what may be asked for needs approval. */
export function mayNeedApproval({ withTicket, withoutTicket }: Right): boolean {
  return withTicket.longest > withTicket.alone || withoutTicket.longest > withoutTicket.alone;
}

/** One person, role and account under the policies of one side of a change. */
export interface Standing {
  right: Right;
  /** Who would have to approve; empty where no approval policy covers it. Without meaning where nothing needs approval. */
  steps: ApprovalStep[];
  /** Whether enough people besides the requester could. */
  approvable: boolean;
}

/** What a change does to one combination of person, account and role. */
export const EFFECTS = [
  'gained',
  'lost',
  'longer',
  'shorter',
  'approval-dropped',
  'approval-added',
  'longer-alone',
  'shorter-alone',
  'ticket-dropped',
  'ticket-added',
  'ticket-differs',
  'other-approvers',
  'more-approvals',
  'fewer-approvals',
  'nobody-decides',
  'too-few-decide',
  'somebody-approves',
] as const;
export type Effect = (typeof EFFECTS)[number];

/** What differs between the two standings of one combination. */
export function effectsOf(before: Standing, after: Standing): Effect[] {
  const [had, has] = [before.right.withTicket, after.right.withTicket];
  const effects: Effect[] = [];
  if (had.longest === 0 && has.longest > 0) effects.push('gained');
  else if (had.longest > 0 && has.longest === 0) effects.push('lost');
  else if (has.longest > 0) effects.push(...limitEffects(before.right, after.right), ...stepEffects(before, after));

  const [wasStuck, isStuck] = [isBlocked(before), isBlocked(after)];
  if (isStuck && !wasStuck) effects.push(after.steps.length === 0 ? 'nobody-decides' : 'too-few-decide');
  if (wasStuck && !isStuck && mayNeedApproval(after.right)) effects.push('somebody-approves');
  return effects;
}

function limitEffects(before: Right, after: Right): Effect[] {
  const effects: Effect[] = [];
  const [had, has] = [before.withTicket, after.withTicket];
  if (has.longest > had.longest) effects.push('longer');
  if (has.longest < had.longest) effects.push('shorter');

  if (had.alone === 0 && has.alone > 0) effects.push('approval-dropped');
  else if (had.alone > 0 && has.alone === 0) effects.push('approval-added');
  else if (has.alone > had.alone) effects.push('longer-alone');
  else if (has.alone < had.alone) effects.push('shorter-alone');

  const [bare, bareNow] = [before.withoutTicket, after.withoutTicket];
  if (bare.longest === 0 && bareNow.longest > 0) effects.push('ticket-dropped');
  else if (bare.longest > 0 && bareNow.longest === 0) effects.push('ticket-added');
  else if (effects.length === 0 && (bare.longest !== bareNow.longest || bare.alone !== bareNow.alone)) {
    effects.push('ticket-differs');
  }
  return effects;
}

function stepEffects(before: Standing, after: Standing): Effect[] {
  if (!mayNeedApproval(before.right) || !mayNeedApproval(after.right)) return [];
  if (before.steps === after.steps || before.steps.length === 0 || after.steps.length === 0) return [];
  const effects: Effect[] = [];
  const [was, is] = [told(before.steps), told(after.steps)];
  if (is.needed > was.needed) effects.push('more-approvals');
  if (is.needed < was.needed) effects.push('fewer-approvals');
  if (effects.length > 0 ? is.approvers !== was.approvers : is.all !== was.all) effects.push('other-approvers');
  return effects;
}

/** What is compared of steps, worked out once for each. */
const toldOf = new WeakMap<ApprovalStep[], { needed: number; approvers: string; all: string }>();

function told(steps: ApprovalStep[]) {
  const there = toldOf.get(steps);
  if (there) return there;
  const made = {
    needed: steps.reduce((sum, step) => sum + step.approvalsNeeded, 0),
    approvers: JSON.stringify([...new Set(steps.flatMap((step) => step.approvers))].sort()),
    all: JSON.stringify(steps),
  };
  toldOf.set(steps, made);
  return made;
}

/** Somebody may ask for what nobody could approve. */
function isBlocked({ right, approvable }: Standing): boolean {
  return mayNeedApproval(right) && !approvable;
}
