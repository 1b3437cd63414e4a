import type {
  ApprovalPolicy,
  EligibilityPolicy,
  Guardrail,
  PolicyKind,
  PolicyRef,
  PrincipalRef,
  Subject,
  TargetRef,
  When,
  Where,
} from './types.ts';

/** Where something lies in the organization. `ancestorIds`: the account's OUs, the root first, its own parent last. */
export interface Place {
  accountId: string;
  ancestorIds: string[];
}

/** `Where`, split by kind once, so that a look at a place builds no strings. */
export interface Places {
  accountIds: ReadonlySet<string>;
  ouIds: ReadonlySet<string>;
  nested: boolean;
  exceptAccountIds: ReadonlySet<string>;
  exceptOuIds: ReadonlySet<string>;
}

export interface CompiledEligibility {
  policy: EligibilityPolicy;
  places: Places;
  permissionSets: ReadonlySet<string>;
}

export interface CompiledApproval {
  policy: ApprovalPolicy;
  places: Places;
  permissionSets: ReadonlySet<string>;
  requesterGroups: ReadonlySet<string>;
  approvers: ReadonlySet<PrincipalRef>;
  /** Narrowed to permission sets or requester groups. */
  narrowed: boolean;
}

export interface CompiledGuardrail {
  policy: Guardrail;
  places: Places;
  permissionSets: ReadonlySet<string>;
}

/** All policies, indexed once so that a verdict looks only at those that can matter. */
export interface Policies {
  eligibility: CompiledEligibility[];
  approval: CompiledApproval[];
  guardrails: CompiledGuardrail[];
  byPrincipal: ReadonlyMap<PrincipalRef, CompiledEligibility[]>;
  byPermissionSet: ReadonlyMap<string, CompiledEligibility[]>;
  byApprovalTarget: ReadonlyMap<TargetRef, CompiledApproval[]>;
}

export interface PolicyLists {
  eligibility: EligibilityPolicy[];
  approval: ApprovalPolicy[];
  guardrails?: Guardrail[];
}

/** Indexes the policies. Their order has no meaning: what comes out is ordered by name, then ID. */
export function compile(policies: PolicyLists): Policies {
  return assemble({
    eligibility: policies.eligibility.map(compileEligibility),
    approval: policies.approval.map(compileApproval),
    guardrails: (policies.guardrails ?? []).map(compileGuardrail),
  });
}

/** Policies that were compiled one by one. */
export interface CompiledParts {
  eligibility: CompiledEligibility[];
  approval: CompiledApproval[];
  guardrails: CompiledGuardrail[];
}

/** The same as `compile`, of policies that were compiled one by one. */
export function assemble(parts: CompiledParts): Policies {
  const inOrder = <C extends { policy: { name: string; id: string } }>(list: C[]) =>
    list.toSorted((a, b) => byName(a.policy, b.policy));
  const [eligibility, approval] = [inOrder(parts.eligibility), inOrder(parts.approval)];
  return {
    eligibility,
    approval,
    guardrails: inOrder(parts.guardrails),
    byPrincipal: indexBy(eligibility, (each) => each.policy.principals),
    byPermissionSet: indexBy(eligibility, (each) => each.policy.permissionSets),
    byApprovalTarget: indexBy(approval, (each) => each.policy.targets),
  };
}

export function compileEligibility(policy: EligibilityPolicy): CompiledEligibility {
  return { policy, places: compilePlaces(policy), permissionSets: new Set(policy.permissionSets) };
}

export function compileApproval(policy: ApprovalPolicy): CompiledApproval {
  return {
    policy,
    places: compilePlaces(policy),
    permissionSets: new Set(policy.permissionSets),
    requesterGroups: new Set(policy.requesterGroups),
    approvers: new Set(policy.steps.flatMap((step) => step.approvers)),
    narrowed: policy.permissionSets.length > 0 || policy.requesterGroups.length > 0,
  };
}

export function compileGuardrail(policy: Guardrail): CompiledGuardrail {
  const places = compilePlaces({ targets: policy.targets, exclusions: [], includeNestedOus: true });
  return { policy, places, permissionSets: new Set(policy.permissionSets) };
}

/** Splits `Where` by kind. */
export function compilePlaces({ targets, exclusions, includeNestedOus }: Where): Places {
  return {
    accountIds: idsOf('ACCOUNT:', targets),
    ouIds: idsOf('OU:', targets),
    nested: includeNestedOus,
    exceptAccountIds: idsOf('ACCOUNT:', exclusions),
    exceptOuIds: idsOf('OU:', exclusions),
  };
}

function idsOf(prefix: string, refs: TargetRef[]): Set<string> {
  const ids = new Set<string>();
  for (const ref of refs) if (ref.startsWith(prefix)) ids.add(ref.slice(prefix.length));
  return ids;
}

/** The principals that a person is: themselves and each of their groups. */
export function principalsOf(subject: Subject): PrincipalRef[] {
  return [`USER:${subject.userId}`, ...subject.groupIds.map((id) => `GROUP:${id}`)];
}

/** Where the same subject is judged again and again, as for all that a form says at once, this is found once. */
const foundBefore = new WeakMap<Subject, { policies: Policies; found: CompiledEligibility[] }>();

/** The eligibility policies that name the person or one of their groups, whether they hold now or not. */
export function policiesOf(policies: Policies, subject: Subject): readonly CompiledEligibility[] {
  const before = foundBefore.get(subject);
  if (before?.policies === policies) return before.found;
  const found = new Set<CompiledEligibility>();
  for (const principal of principalsOf(subject)) {
    for (const each of policies.byPrincipal.get(principal) ?? []) found.add(each);
  }
  foundBefore.set(subject, { policies, found: [...found] });
  return [...found];
}

/** Whether a policy holds at this moment. */
export function holds(policy: When, now: Date): boolean {
  return whyNotHeld(policy, now) === null;
}

/** Why a policy does not hold at this moment; null where it does. */
export function whyNotHeld(policy: When, now: Date): 'disabled' | 'not-yet' | 'over' | null {
  if (!policy.enabled) return 'disabled';
  if (policy.startsAt !== null && now < policy.startsAt) return 'not-yet';
  return policy.endsAt !== null && now >= policy.endsAt ? 'over' : null;
}

/**
 * Whether the targets take the account: by its ID, by its own parent, or, with nested OUs, by any OU above it, unless
 * it is excluded. The root is an OU like the others.
 */
export function coversPlace(places: Places, place: Place): boolean {
  return isNamed(places, place) && !isExcluded(places, place);
}

/** Whether the targets name the account, exclusions left aside. */
export function isNamed(places: Places, place: Place): boolean {
  if (places.accountIds.has(place.accountId)) return true;
  if (places.ouIds.size === 0) return false;
  if (places.nested) return place.ancestorIds.some((id) => places.ouIds.has(id));
  const parent = place.ancestorIds.at(-1);
  return parent !== undefined && places.ouIds.has(parent);
}

function isExcluded(places: Places, place: Place): boolean {
  return (
    places.exceptAccountIds.has(place.accountId) ||
    (places.exceptOuIds.size > 0 && place.ancestorIds.some((id) => places.exceptOuIds.has(id)))
  );
}

/** Whether an approval policy takes a request: its place, its role, and who asks. Says nothing of whether it holds. */
export function coversRequest(
  each: CompiledApproval,
  asked: Place & { permissionSetArn: string },
  requesterGroupIds: readonly string[],
): boolean {
  return (
    coversPlace(each.places, asked) &&
    (each.permissionSets.size === 0 || each.permissionSets.has(asked.permissionSetArn)) &&
    (each.requesterGroups.size === 0 || requesterGroupIds.some((id) => each.requesterGroups.has(id)))
  );
}

export function refOf(
  kind: PolicyKind,
  { id, version, name }: { id: string; version: number; name: string },
): PolicyRef {
  return { id, version, name, kind };
}

/** By name and then ID, the same on every machine. */
export function byName(a: { name: string; id: string }, b: { name: string; id: string }): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function indexBy<K, T>(items: T[], keysOf: (item: T) => K[]): Map<K, T[]> {
  const index = new Map<K, T[]>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      const there = index.get(key);
      if (there && there.at(-1) === item) continue;
      if (there) there.push(item);
      else index.set(key, [item]);
    }
  }
  return index;
}
