import { type CompiledEligibility, coversPlace, type Place, type Policies, policiesOf } from './compile.ts';
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
export function offers(policies: Policies, subject: Subject, limits: PolicyLimits): Offers {
  const own = policiesOf(policies, subject);
  const scope = scopeOf(own);
  return {
    scope,
    offersAccount: (place) => isInScope(scope, place),
    rolesIn: (place) => {
      const byRole = new Map<string, CompiledEligibility[]>();
      for (const each of own) {
        if (!coversPlace(each.targets, each.policy, place)) continue;
        for (const arn of each.permissionSets) byRole.set(arn, [...(byRole.get(arn) ?? []), each]);
      }
      return [...byRole]
        .map(([arn, reaching]) => roleOffer(arn, reaching, limits))
        .toSorted((a, b) => (a.permissionSetArn < b.permissionSetArn ? -1 : 1));
    },
  };
}

function roleOffer(permissionSetArn: string, reaching: CompiledEligibility[], limits: PolicyLimits): RoleOffer {
  const withoutApproval = limits.approvalEnabled ? reaching.filter((each) => !each.policy.approvalRequired) : reaching;
  const longest = (list: CompiledEligibility[]) =>
    Math.min(limits.maxDurationMinutes, Math.max(0, ...list.map((each) => each.policy.maxDurationMinutes)));
  return {
    permissionSetArn,
    longestMinutes: longest(reaching),
    longestWithoutApprovalMinutes: longest(withoutApproval),
    approvalNeeded: withoutApproval.length === 0,
    ticketNeeded: limits.ticketRequired || reaching.every((each) => each.policy.ticketRequired),
  };
}
