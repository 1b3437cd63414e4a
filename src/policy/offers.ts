import { type CompiledEligibility, coversPlace, holds, type Place, type Policies, policiesOf } from './compile.ts';
import { type Bounds, boundsOf, longestOffered } from './guard.ts';
import { type AccountScope, isInScope, scopeOf } from './scope.ts';
import type { PolicyLimits, Subject } from './types.ts';

/** A role that a person may ask for in one account. */
export interface RoleOffer {
  permissionSetArn: string;
  longestMinutes: number;
  /** The longest without approval; 0 where approval is always needed. */
  longestWithoutApprovalMinutes: number;
  /** Approval is needed for any duration. */
  approvalNeeded: boolean;
  ticketNeeded: boolean;
}

/** What a person may ask for. */
export interface Offers {
  /** Where they may ask for something, for a query over the accounts. */
  scope: AccountScope;
  /** Whether they may ask for something in this account. */
  offersAccount(place: Place): boolean;
  /** The roles that they may ask for in this account, by ARN. */
  rolesIn(place: Place): RoleOffer[];
}

/**
 * What a person may ask for, from the same policies that `evaluate` judges by. Says nothing of whether an account is
 * active or a permission set still exists: the directory does.
 */
export function offers(policies: Policies, subject: Subject, limits: PolicyLimits, now: Date): Offers {
  const own = policiesOf(policies, subject).filter((each) => holds(each.policy, now));
  const scope = scopeOf(own);
  return {
    scope,
    offersAccount: (place) => isInScope(scope, place),
    rolesIn: (place) => {
      return [...reachingByRole(own, place)]
        .map(([arn, reaching]) => roleOffer(arn, reaching, limits, boundsOf(policies, place, arn, limits)))
        .toSorted((a, b) => (a.permissionSetArn < b.permissionSetArn ? -1 : 1));
    },
  };
}

/** Of a person's policies those that take the account, by the ARN of each role that they give there. */
export function reachingByRole(own: readonly CompiledEligibility[], place: Place): Map<string, CompiledEligibility[]> {
  const byRole = new Map<string, CompiledEligibility[]>();
  for (const each of own) {
    if (!coversPlace(each.places, place)) continue;
    for (const arn of each.permissionSets) {
      const there = byRole.get(arn);
      if (there) there.push(each);
      else byRole.set(arn, [each]);
    }
  }
  return byRole;
}

/** What the eligibility policies that reach a role in an account offer of it, within the bounds. */
export function roleOffer(
  permissionSetArn: string,
  reaching: CompiledEligibility[],
  limits: PolicyLimits,
  bounds: Bounds,
): RoleOffer {
  const longestWithoutApprovalMinutes = longestOf(withoutApproval(reaching, limits, bounds), limits, bounds);
  return {
    permissionSetArn,
    longestMinutes: longestOf(reaching, limits, bounds),
    longestWithoutApprovalMinutes,
    approvalNeeded: longestWithoutApprovalMinutes === 0,
    ticketNeeded: limits.ticketRequired || reaching.every((each) => each.policy.ticketRequired),
  };
}

/** The policies that give without approval, as things stand. */
export function withoutApproval(
  reaching: CompiledEligibility[],
  { approvalEnabled }: Pick<PolicyLimits, 'approvalEnabled'>,
  { neverSelfServed }: Pick<Bounds, 'neverSelfServed'>,
): CompiledEligibility[] {
  if (neverSelfServed) return [];
  return approvalEnabled ? reaching.filter((each) => !each.policy.approvalRequired) : reaching;
}

/** The longest that some of the policies allow, within the bounds. Minutes; 0 where there is none. */
export function longestOf(
  list: CompiledEligibility[],
  limits: Pick<PolicyLimits, 'allowedDurationsMinutes'>,
  { longestMinutes }: Pick<Bounds, 'longestMinutes'>,
): number {
  const longest = Math.max(0, ...list.map((each) => each.policy.maxDurationMinutes));
  return longestOffered(Math.min(longestMinutes, longest), limits);
}
