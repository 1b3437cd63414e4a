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
} from '../compile.ts';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail, PolicyContent, PrincipalRef, Subject } from '../types.ts';

/** What one policy would say; null: it would be deleted. `id`: the policy that is changed; null: a new one. */
export type PolicyChange = { id: string | null } & (
  | { kind: 'eligibility'; policy: PolicyContent<EligibilityPolicy> | null }
  | { kind: 'approval'; policy: PolicyContent<ApprovalPolicy> | null }
  | { kind: 'guardrail'; policy: PolicyContent<Guardrail> | null }
);

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
  const which = { id: idOf(change), version: 0 };
  switch (change.kind) {
    case 'eligibility': {
      const added = change.policy === null ? [] : [compileEligibility({ ...change.policy, ...which })];
      return assemble({ eligibility: [...others(eligibility), ...added], approval, guardrails });
    }
    case 'approval': {
      const added = change.policy === null ? [] : [compileApproval({ ...change.policy, ...which })];
      return assemble({ eligibility, approval: [...others(approval), ...added], guardrails });
    }
    case 'guardrail': {
      const added = change.policy === null ? [] : [compileGuardrail({ ...change.policy, ...which })];
      return assemble({ eligibility, approval, guardrails: [...others(guardrails), ...added] });
    }
  }
}

/** How a policy is called among the others while it has no ID of its own. */
export function idOf({ id }: { id: string | null }): string {
  return id ?? 'new';
}

/** What a change can matter for: outside of it everything is as before. */
export interface Reach {
  person(subject: Subject): boolean;
  place(place: Place): boolean;
  role(permissionSetArn: string): boolean;
}

/** What the policies that differ between before and after take, as far as they hold at this moment; null: at any. */
export function reachOf({ before, after }: Changed, now: Date | null): Reach {
  const meant = (each: CompiledEligibility | CompiledApproval) => now === null || holds(each.policy, now);
  const reaches = [
    ...difference(before.eligibility, after.eligibility).filter(meant).map(reachOfEligibility),
    ...difference(before.approval, after.approval).filter(meant).map(reachOfApproval),
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

/** Now, and each later moment at which a policy that differs begins or ends to hold, on either side of the change. */
export function momentsOf({ before, after }: Changed, now: Date): Date[] {
  const times = [
    ...difference<CompiledEligibility | CompiledApproval>(before.eligibility, after.eligibility),
    ...difference<CompiledEligibility | CompiledApproval>(before.approval, after.approval),
  ]
    .filter(({ policy }) => policy.enabled)
    .flatMap(({ policy }) => [policy.startsAt, policy.endsAt])
    .flatMap((at) => (at !== null && at > now ? [at.getTime()] : []));
  return [now, ...[...new Set(times)].sort((a, b) => a - b).map((time) => new Date(time))];
}

/** The groups that policies name, by ID. */
export function groupsNamedIn({ eligibility, approval }: Policies): Set<string> {
  const refs = [
    ...eligibility.flatMap((each) => each.policy.principals),
    ...approval.flatMap((each) => [...each.approvers, ...each.policy.requesterGroups.map((id) => `GROUP:${id}`)]),
  ];
  return new Set(refs.filter((ref) => ref.startsWith('GROUP:')).map((ref) => ref.slice('GROUP:'.length)));
}

/** Whose standing a change can matter for: who is one of these principals. */
export function audienceOf({ before, after }: Changed): PrincipalRef[] {
  const eligibility = difference(before.eligibility, after.eligibility);
  const approval = difference(before.approval, after.approval);
  const guardrails = difference(before.guardrails, after.guardrails);
  const refs = eligibility.flatMap((each) => each.policy.principals);
  for (const each of approval) for (const id of each.requesterGroups) refs.push(`GROUP:${id}`);
  const forAll = [...approval.filter((each) => each.requesterGroups.size === 0), ...guardrails];
  if (forAll.length > 0) {
    for (const each of rolesMeet(before.eligibility, forAll)) refs.push(...each.policy.principals);
  }
  return [...new Set(refs)];
}

/** The groups that tell those people apart: by what they may ask for, and by who decides on it. */
export function groupsThatMatter({ before, after }: Changed): string[] {
  const changed = [
    ...difference(before.eligibility, after.eligibility),
    ...difference(before.approval, after.approval),
    ...difference(before.guardrails, after.guardrails),
  ];
  const ids = new Set<string>();
  for (const each of rolesMeet(new Set([...before.eligibility, ...after.eligibility]), changed)) {
    for (const ref of each.policy.principals) if (ref.startsWith('GROUP:')) ids.add(ref.slice('GROUP:'.length));
  }
  for (const each of rolesMeet(new Set([...before.approval, ...after.approval]), changed)) {
    for (const id of each.requesterGroups) ids.add(id);
  }
  return [...ids];
}

/** Those that share a permission set with one of the others; a policy without permission sets is about all of them. */
function rolesMeet<C extends { permissionSets: ReadonlySet<string> }>(
  policies: Iterable<C>,
  others: readonly { permissionSets: ReadonlySet<string> }[],
): C[] {
  const anyRole = others.some((other) => other.permissionSets.size === 0);
  const roles = new Set(others.flatMap((other) => [...other.permissionSets]));
  return [...policies].filter(
    ({ permissionSets }) => anyRole || permissionSets.size === 0 || [...permissionSets].some((arn) => roles.has(arn)),
  );
}

/** What only one of the lists has. */
function difference<T>(a: readonly T[], b: readonly T[]): T[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((each) => !inB.has(each)), ...b.filter((each) => !inA.has(each))];
}
