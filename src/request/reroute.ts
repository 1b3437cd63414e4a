import type { ApprovalStep, PolicyRef, Requirement } from '../policy/index.ts';
import type { PastDecision } from './machine.ts';

/** What re-routing needs to know of a request. */
export interface Routed {
  steps: ApprovalStep[];
  policies: PolicyRef[];
  decisions: PastDecision[];
}

export interface Rerouted {
  steps: ApprovalStep[];
  policies: PolicyRef[];
  /** Why, in plain sentences: which policies, and which step needs more than before. */
  reason: string;
}

/**
 * The steps of a pending request as the policies want them now; null where that changes nothing. Approvers are those
 * of today. What a step needs is never lowered, and a step is never dropped: one that the policies no longer have is
 * left to the last approvers that they name, or to nobody where they name none. Steps in which somebody decided stay
 * where they are, so that each decision counts for what it was made for; a step that was added is asked for after them.
 * `exists`: whether a policy with this ID is still there.
 */
export function reroute(
  request: Routed,
  required: Requirement,
  exists: (policyId: string) => boolean,
): Rerouted | null {
  const steps = mergeSteps(request, required.steps);
  if (sameSteps(request.steps, steps)) return null;
  const eligibility = request.policies.filter(({ kind }) => kind !== 'approval');
  const before = request.policies.filter(({ kind }) => kind === 'approval');
  return {
    steps,
    policies: [...eligibility, ...required.policies],
    reason: [whichPolicies(before, required.policies, exists), ...whatIsMore(request.steps, steps)].join(' '),
  };
}

function mergeSteps(request: Routed, required: ApprovalStep[]): ApprovalStep[] {
  const partner = partnersOf(request.steps, required);
  const last = required.at(-1)?.approvers ?? [];
  const merged = request.steps.map((step, index): ApprovalStep => {
    const now = required[partner[index] ?? -1];
    if (now) return { approvers: now.approvers, approvalsNeeded: Math.max(step.approvalsNeeded, now.approvalsNeeded) };
    return isComplete(request, index) ? step : { ...step, approvers: last };
  });
  const begun = Math.max(0, ...request.decisions.map(({ step }) => step + 1));
  const indexes = merged.map((_, index) => index);
  const open = indexes.slice(begun);
  return [
    ...merged.slice(0, begun),
    ...required.flatMap((now, at) => {
      const index = partner.indexOf(at);
      if (index === -1) return [now];
      return index < begun ? [] : (merged[index] ?? []);
    }),
    ...open.filter((index) => partner[index] === null).flatMap((index) => merged[index] ?? []),
  ];
}

/**
 * For each copied step the required one that it became, by index; null where there is none. The surest signs go first:
 * the same approvers, some of the same approvers, and the same place only where the policies added no step, for then it
 * would be a guess. Steps of the same approvers are told apart by their order, so that a second look changes nothing.
 */
function partnersOf(copied: ApprovalStep[], required: ApprovalStep[]): (number | null)[] {
  const partner: (number | null)[] = copied.map(() => null);
  const signs: ((copiedAt: number, requiredAt: number) => boolean)[] = [
    (a, b) => keyOf(copied[a]) === keyOf(required[b]),
    (a, b) => copied[a]?.approvers.some((each) => required[b]?.approvers.includes(each)) ?? false,
    (a, b) => a === b && required.length <= copied.length,
  ];
  for (const shows of signs) {
    for (const [index, found] of partner.entries()) {
      if (found !== null) continue;
      const at = required.findIndex((_, candidate) => !partner.includes(candidate) && shows(index, candidate));
      if (at !== -1) partner[index] = at;
    }
  }
  return partner;
}

function isComplete({ steps, decisions }: Routed, index: number): boolean {
  const yes = decisions.filter((each) => each.verdict === 'approve' && each.step === index);
  return new Set(yes.map((each) => each.approverId)).size >= (steps[index]?.approvalsNeeded ?? 0);
}

function sameSteps(a: ApprovalStep[], b: ApprovalStep[]): boolean {
  return (
    a.length === b.length &&
    a.every((step, at) => keyOf(step) === keyOf(b[at]) && step.approvalsNeeded === b[at]?.approvalsNeeded)
  );
}

/** The same for the same approvers in whatever order. */
function keyOf(step: ApprovalStep | undefined): string {
  return JSON.stringify(step?.approvers.toSorted());
}

function whichPolicies(before: PolicyRef[], after: PolicyRef[], exists: (policyId: string) => boolean): string {
  const said: string[] = [];
  for (const { id, name, version } of before) {
    const now = after.find((each) => each.id === id);
    if (now && now.version !== version) said.push(`The policy “${now.name}” was changed.`);
    if (!now)
      said.push(exists(id) ? `The policy “${name}” no longer applies to it.` : `The policy “${name}” was deleted.`);
  }
  for (const { id, name } of after) {
    if (!before.some((each) => each.id === id)) said.push(`The policy “${name}” applies to it now.`);
  }
  return said.length > 0 ? said.join(' ') : 'What the policies say about it changed.';
}

function whatIsMore(before: ApprovalStep[], after: ApprovalStep[]): string[] {
  const total = (steps: ApprovalStep[]) => steps.reduce((sum, step) => sum + step.approvalsNeeded, 0);
  if (total(after) <= total(before)) return [];
  return [`It needs ${total(after)} approvals now, and ${total(before)} before.`];
}
