import type { ApprovalPolicy, EligibilityPolicy, PolicyRef, PrincipalRef, Subject, TargetRef } from './types.ts';

/** Where something lies in the organization. `ancestorIds`: the account's OUs, the root first, its own parent last. */
export interface Place {
  accountId: string;
  ancestorIds: string[];
}

export interface CompiledEligibility {
  policy: EligibilityPolicy;
  targets: ReadonlySet<TargetRef>;
  permissionSets: ReadonlySet<string>;
}

export interface CompiledApproval {
  policy: ApprovalPolicy;
  targets: ReadonlySet<TargetRef>;
  permissionSets: ReadonlySet<string>;
  requesterGroups: ReadonlySet<string>;
  approvers: ReadonlySet<PrincipalRef>;
  /** Narrowed to permission sets or requester groups. */
  narrowed: boolean;
}

/** All policies, indexed once so that a verdict looks only at those that can matter. */
export interface Policies {
  eligibility: CompiledEligibility[];
  approval: CompiledApproval[];
  byPrincipal: ReadonlyMap<PrincipalRef, CompiledEligibility[]>;
  byApprovalTarget: ReadonlyMap<TargetRef, CompiledApproval[]>;
}

/** Indexes the policies. Their order has no meaning: what comes out is ordered by name, then ID. */
export function compile(policies: { eligibility: EligibilityPolicy[]; approval: ApprovalPolicy[] }): Policies {
  const eligibility = policies.eligibility.toSorted(byName).map((policy) => ({
    policy,
    targets: new Set(policy.targets),
    permissionSets: new Set(policy.permissionSets),
  }));
  const approval = policies.approval.toSorted(byName).map((policy) => ({
    policy,
    targets: new Set(policy.targets),
    permissionSets: new Set(policy.permissionSets),
    requesterGroups: new Set(policy.requesterGroups),
    approvers: new Set(policy.steps.flatMap((step) => step.approvers)),
    narrowed: policy.permissionSets.length > 0 || policy.requesterGroups.length > 0,
  }));
  return {
    eligibility,
    approval,
    byPrincipal: indexBy(eligibility, (each) => each.policy.principals),
    byApprovalTarget: indexBy(approval, (each) => each.policy.targets),
  };
}

/** The principals that a person is: themselves and each of their groups. */
export function principalsOf(subject: Subject): PrincipalRef[] {
  return [`USER:${subject.userId}`, ...subject.groupIds.map((id) => `GROUP:${id}`)];
}

/** The eligibility policies that name the person or one of their groups. */
export function policiesOf(policies: Policies, subject: Subject): CompiledEligibility[] {
  const found = new Set<CompiledEligibility>();
  for (const principal of principalsOf(subject)) {
    for (const each of policies.byPrincipal.get(principal) ?? []) found.add(each);
  }
  return [...found];
}

/**
 * Whether the targets take the account: by its ID, by its own parent, or, with nested OUs, by any OU above it.
 * The root is an OU like the others.
 */
export function coversPlace(
  targets: ReadonlySet<TargetRef>,
  policy: { includeNestedOus: boolean },
  place: Place,
): boolean {
  if (targets.has(`ACCOUNT:${place.accountId}`)) return true;
  if (policy.includeNestedOus) return place.ancestorIds.some((id) => targets.has(`OU:${id}`));
  const parent = place.ancestorIds.at(-1);
  return parent !== undefined && targets.has(`OU:${parent}`);
}

/** Whether an approval policy takes a request: its place, its role, and who asks. */
export function coversRequest(
  each: CompiledApproval,
  asked: Place & { permissionSetArn: string },
  requesterGroupIds: readonly string[],
): boolean {
  return (
    coversPlace(each.targets, each.policy, asked) &&
    (each.permissionSets.size === 0 || each.permissionSets.has(asked.permissionSetArn)) &&
    (each.requesterGroups.size === 0 || requesterGroupIds.some((id) => each.requesterGroups.has(id)))
  );
}

export function eligibilityRef(policy: EligibilityPolicy): PolicyRef {
  return { id: policy.id, version: policy.version, name: policy.name, kind: 'eligibility' };
}

export function approvalRef(policy: ApprovalPolicy): PolicyRef {
  return { id: policy.id, version: policy.version, name: policy.name, kind: 'approval' };
}

/** By name and then ID, the same on every machine. */
export function byName(a: { name: string; id: string }, b: { name: string; id: string }): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function indexBy<K, T>(items: T[], keysOf: (item: T) => K[]): Map<K, T[]> {
  const index = new Map<K, T[]>();
  for (const item of items) {
    for (const key of new Set(keysOf(item))) {
      const there = index.get(key);
      if (there) there.push(item);
      else index.set(key, [item]);
    }
  }
  return index;
}
