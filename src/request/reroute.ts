import type { PolicyRef, Requirement } from '../policy/index.ts';
import { keyOf, type StepsSoFar, stepsUnder } from './reroute-steps.ts';
import type { RequestStep } from './types.ts';

/** What re-routing needs to know of a request. */
export interface Routed extends StepsSoFar {
  steps: RequestStep[];
  policies: PolicyRef[];
}

export interface Rerouted {
  steps: RequestStep[];
  policies: PolicyRef[];
  /** Why, in plain sentences: which policies, and how many more or fewer approvals it needs. */
  reason: string;
}

/**
 * The steps of a pending request as the policies want them now; null where that changes nothing. Approvers are those of
 * today. What it needs is never less than when it was sent in: a step that the policies no longer have is left to the
 * last approvers that they name, or to nobody where they name none. Steps in which somebody decided stay where they are,
 * and each decision counts for a step that names who made it; everything else is asked for after them.
 * `exists`: whether a policy with this ID is still there.
 */
export function reroute(
  request: Routed,
  required: Requirement,
  exists: (policyId: string) => boolean,
): Rerouted | null {
  const steps = stepsUnder(request, required.steps);
  if (sameSteps(request.steps, steps)) return null;
  const eligibility = request.policies.filter(({ kind }) => kind !== 'approval');
  const before = request.policies.filter(({ kind }) => kind === 'approval');
  return {
    steps,
    policies: [...eligibility, ...required.policies],
    reason: [whichPolicies(before, required.policies, exists), ...howMany(request.steps, steps)].join(' '),
  };
}

function sameSteps(a: RequestStep[], b: RequestStep[]): boolean {
  const same = (one: RequestStep, other: RequestStep | undefined) =>
    keyOf(one) === keyOf(other) && one.approvalsNeeded === other?.approvalsNeeded && one.former === other.former;
  return a.length === b.length && a.every((step, at) => same(step, b[at]));
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

function howMany(before: RequestStep[], after: RequestStep[]): string[] {
  const total = (steps: RequestStep[]) => steps.reduce((sum, step) => sum + step.approvalsNeeded, 0);
  const needed = total(after);
  if (needed === total(before)) return [];
  return [`It needs ${needed} ${needed === 1 ? 'approval' : 'approvals'} now, and ${total(before)} before.`];
}
