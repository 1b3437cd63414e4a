import {
  assemble,
  type CompiledApproval,
  type CompiledEligibility,
  type CompiledGuardrail,
  compileApproval,
  compileEligibility,
  compileGuardrail,
  coversPlace,
  holds,
  type Place,
  type Policies,
  principalsOf,
} from './compile.ts';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail, Subject } from './types.ts';

/** One policy as it would be; null: it would be deleted. `id`: which policy is changed; null: a new one. */
export type PolicyChange =
  | { kind: 'eligibility'; id: string | null; after: EligibilityPolicy | null }
  | { kind: 'approval'; id: string | null; after: ApprovalPolicy | null }
  | { kind: 'guardrail'; id: string | null; after: Guardrail | null };

/** All policies before and after one change; what does not change is the same object in both. */
export interface Changed {
  before: Policies;
  after: Policies;
}

/** The policies as they would be after the change. */
export function withChange(before: Policies, change: PolicyChange): Policies {
  const { eligibility, approval, guardrails } = before;
  const others = <C extends { policy: { id: string } }>(list: C[]) =>
    list.filter((each) => each.policy.id !== change.id);
  switch (change.kind) {
    case 'eligibility': {
      const added = change.after === null ? [] : [compileEligibility(change.after)];
      return assemble({ eligibility: [...others(eligibility), ...added], approval, guardrails });
    }
    case 'approval': {
      const added = change.after === null ? [] : [compileApproval(change.after)];
      return assemble({ eligibility, approval: [...others(approval), ...added], guardrails });
    }
    case 'guardrail': {
      const added = change.after === null ? [] : [compileGuardrail(change.after)];
      return assemble({ eligibility, approval, guardrails: [...others(guardrails), ...added] });
    }
  }
}

/** What a change can matter for: outside of it everything is as before. */
export interface Reach {
  person(subject: Subject): boolean;
  place(place: Place): boolean;
  role(permissionSetArn: string): boolean;
}

/** What the policies that differ between before and after take, as far as they hold at this moment. */
export function reachOf({ before, after }: Changed, now: Date): Reach {
  const reaches = [
    ...difference(before.eligibility, after.eligibility)
      .filter((each) => holds(each.policy, now))
      .map(reachOfEligibility),
    ...difference(before.approval, after.approval)
      .filter((each) => holds(each.policy, now))
      .map(reachOfApproval),
    ...difference(before.guardrails, after.guardrails).map(reachOfGuardrail),
  ];
  return {
    person: (subject) => reaches.some((each) => each.person(subject)),
    place: (place) => reaches.some((each) => each.place(place)),
    role: (arn) => reaches.some((each) => each.role(arn)),
  };
}

function reachOfEligibility(each: CompiledEligibility): Reach {
  const principals = new Set(each.policy.principals);
  return {
    person: (subject) => principalsOf(subject).some((ref) => principals.has(ref)),
    place: (place) => coversPlace(each.places, place),
    role: (arn) => each.permissionSets.has(arn),
  };
}

function reachOfApproval(each: CompiledApproval): Reach {
  const groups = each.requesterGroups;
  return {
    person: (subject) => groups.size === 0 || subject.groupIds.some((id) => groups.has(id)),
    place: (place) => coversPlace(each.places, place),
    role: (arn) => each.permissionSets.size === 0 || each.permissionSets.has(arn),
  };
}

function reachOfGuardrail(each: CompiledGuardrail): Reach {
  return {
    person: () => true,
    place: (place) => each.policy.targets.length === 0 || coversPlace(each.places, place),
    role: (arn) => each.permissionSets.size === 0 || each.permissionSets.has(arn),
  };
}

/** What only one of the lists has. */
function difference<T>(a: readonly T[], b: readonly T[]): T[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((each) => !inB.has(each)), ...b.filter((each) => !inA.has(each))];
}
