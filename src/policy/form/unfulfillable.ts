import { requirement } from '../approval.ts';
import {
  type CompiledApproval,
  type CompiledEligibility,
  compilePlaces,
  coversPlace,
  holds,
  type Place,
  type Places,
  type Policies,
} from '../compile.ts';
import { boundsOf } from '../guard.ts';
import { type Approvable, approvable, type Deciders } from '../impact/approvable.ts';
import { idOf, type PolicyChange } from '../impact/change.ts';
import { remembered } from '../impact/paths.ts';
import { withoutApproval } from '../offers.ts';
import type { PolicyLimits, PrincipalRef, TargetRef } from '../types.ts';

/** Where some of those who may ask would find too few people to approve. */
export interface Shortage {
  /** One of the accounts, and how many there are for which the same policies hold. */
  place: Place;
  accounts: number;
  permissionSetArn: string;
  /** The eligibility policies by which one may ask there, and whom they name. */
  policyIds: string[];
  principals: PrincipalRef[];
  /** Only they are concerned, because they are approvers themselves; null: whoever asks. */
  only: ReadonlySet<string> | null;
}

export interface Circumstances {
  /** The accounts and permission sets that can be given. */
  places: readonly Place[];
  roles: ReadonlySet<string>;
  deciders: Deciders;
  limits: PolicyLimits;
  now: Date;
}

/** Enough for a warning; whoever mends these is told of the next. */
const MOST = 100;

/**
 * Where and for which roles of those that are asked about a request may find too few approvers. `policies`: all of
 * them, with the one that is asked about as it stands. Who of the people there is really stuck `stuckPeople` tells.
 */
export function shortages(policies: Policies, about: About, circumstances: Circumstances): Shortage[] {
  const { deciders, limits, now } = circumstances;
  const asking = askingFor(policies, about, circumstances);
  const byTarget = new Map<TargetRef, CompiledEligibility[]>();
  for (const each of asking)
    for (const target of each.policy.targets) remembered(byTarget, target, () => []).push(each);

  const known = new Map<string, Map<string, Approvable[]>>();
  const outcomes = new Map<string, Approvable>();
  const found: Shortage[] = [];
  for (const { place, accounts } of placeClasses(policies, asking, about.places, circumstances.places)) {
    const reaching = candidates(byTarget, place).filter((each) => coversPlace(each.places, place));
    if (reaching.length === 0) continue;
    const deciding = candidates(policies.byApprovalTarget, place).filter(
      (each) => holds(each.policy, now) && coversPlace(each.places, place),
    );
    const narrowed = deciding.filter(({ permissionSets }) => permissionSets.size > 0);
    // Most accounts share who decides, and most roles are named by no approval policy: each such class is judged once.
    const judged = remembered(known, deciding.map(({ policy }) => policy.id).join(), () => new Map());
    const shortFor = (role: string) => {
      const naming = narrowed.filter(({ permissionSets }) => permissionSets.has(role));
      return remembered(judged, naming.map(({ policy }) => policy.id).join(), () =>
        variantsOf(deciding.filter((each) => each.permissionSets.size === 0 || naming.includes(each)))
          .map((groupIds) => {
            const ask = { ...place, permissionSetArn: role };
            const { steps } = requirement(policies, { userId: '', groupIds }, ask, now);
            return remembered(outcomes, JSON.stringify(steps), () => approvable(steps, deciders));
          })
          .filter(({ byOthers, except }) => !byOthers || except.size > 0),
      );
    };
    const special = new Set(narrowed.flatMap(({ policy }) => policy.permissionSets));
    const isMeant = (role: string) =>
      circumstances.roles.has(role) && (about.roles.size === 0 || about.roles.has(role));
    const roles = shortFor('').length > 0 ? reaching.flatMap(({ policy }) => policy.permissionSets) : special;
    for (const role of new Set([...roles, ...special])) {
      if (!isMeant(role)) continue;
      const bounds = boundsOf(policies, place, role, limits);
      const takers = reaching.filter(
        (each) => each.permissionSets.has(role) && withoutApproval([each], limits, bounds).length === 0,
      );
      if (takers.length === 0) continue;
      const principals = takers.flatMap((each) => each.policy.principals);
      const policyIds = takers.map((each) => each.policy.id);
      for (const { byOthers, except } of shortFor(role)) {
        found.push({ place, accounts, permissionSetArn: role, policyIds, principals, only: byOthers ? except : null });
        if (found.length === MOST) return found;
      }
    }
  }
  return found;
}

/** What is asked about: these requests, and no others. */
export interface About {
  /** Null: everywhere. */
  places: Places | null;
  /** Empty: all. */
  roles: ReadonlySet<string>;
  /** Only what this eligibility policy gives; null: what any gives. */
  policyId: string | null;
  /** Only by people in one of these groups; empty: by whoever may ask. */
  requesterGroups: ReadonlySet<string>;
}

/** What a policy is about as it stands in a form. Null where it says too little yet, or nothing by which somebody would need approval. */
export function aboutOf({ kind, policy, id }: PolicyChange): About | null {
  if (policy === null) return null;
  const about = { roles: new Set(policy.permissionSets), policyId: null, requesterGroups: new Set<string>() };
  if (kind === 'guardrail') {
    if (!policy.neverSelfServed || policy.permissionSets.length + policy.targets.length === 0) return null;
    const places = compilePlaces({ targets: policy.targets, exclusions: [], includeNestedOus: true });
    return { ...about, places: policy.targets.length === 0 ? null : places };
  }
  const places = compilePlaces(policy);
  if (kind === 'eligibility') {
    return policy.permissionSets.length === 0 ? null : { ...about, places, policyId: idOf({ id }) };
  }
  if (policy.steps.some((step) => step.approvers.length === 0)) return null;
  return { ...about, places, requesterGroups: new Set(policy.requesterGroups) };
}

/** The eligibility policies by which somebody may ask for what the policy is about and could need approval. */
function askingFor(
  policies: Policies,
  { roles, policyId }: About,
  { limits, now }: Circumstances,
): CompiledEligibility[] {
  const guarded = policies.guardrails.some(({ policy }) => policy.neverSelfServed);
  return policies.eligibility.filter(
    ({ policy, permissionSets }) =>
      holds(policy, now) &&
      (guarded || (limits.approvalEnabled && policy.approvalRequired)) &&
      (roles.size === 0 || policy.permissionSets.some((arn) => roles.has(arn))) &&
      (policyId === null || policy.id === policyId) &&
      permissionSets.size > 0,
  );
}

/** Accounts side by side in one OU are alike unless some policy names one of them. */
function placeClasses(
  { approval, guardrails }: Policies,
  asking: readonly CompiledEligibility[],
  within: Places | null,
  places: readonly Place[],
): { place: Place; accounts: number }[] {
  const named = new Set<string>();
  for (const { places: own } of [...asking, ...approval, ...guardrails]) {
    for (const id of own.accountIds) named.add(id);
    for (const id of own.exceptAccountIds) named.add(id);
  }
  const classes = new Map<string, { place: Place; accounts: number }>();
  for (const place of places) {
    if (within !== null && !coversPlace(within, place)) continue;
    const key = named.has(place.accountId) ? place.accountId : place.ancestorIds.join();
    remembered(classes, key, () => ({ place, accounts: 0 })).accounts += 1;
  }
  return [...classes.values()];
}

function candidates<C>(byTarget: ReadonlyMap<TargetRef, C[]>, { accountId, ancestorIds }: Place): C[] {
  const refs = [`ACCOUNT:${accountId}`, ...ancestorIds.map((id) => `OU:${id}`)];
  return [...new Set(refs.flatMap((ref) => byTarget.get(ref) ?? []))];
}

/** Who asks, as far as it matters for who decides: nobody in particular, and each group that a policy is narrowed to. */
function variantsOf(deciding: readonly CompiledApproval[]): string[][] {
  const groups = new Set(deciding.flatMap((each) => [...each.requesterGroups]));
  return [[], ...[...groups].map((id) => [id])];
}
