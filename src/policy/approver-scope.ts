import { type CompiledApproval, coversRequest, holds, type Place, type Policies, principalsOf } from './compile.ts';
import { type AccountScope, isInScope, scopeOf } from './scope.ts';
import type { Subject } from './types.ts';

/** A rule about requests: these places, these permission sets (empty: all), these requester groups (empty: everyone). */
export interface ScopeRule {
  scope: AccountScope;
  permissionSets: ReadonlySet<string>;
  requesterGroups: ReadonlySet<string>;
}

/** A request, as far as it matters for who may approve it. */
export interface Approvable extends Place {
  permissionSetArn: string;
  requesterGroupIds: readonly string[];
}

/**
 * What a person may approve for today: what lies in `narrowed`, and what lies in `broad` unless a narrowed policy
 * that keeps broader approvers out (`keptOut`) takes it too. The same that `requirement` says for each request.
 */
export interface ApproverScope {
  narrowed: ScopeRule[];
  broad: AccountScope;
  keptOut: ScopeRule[];
  covers(request: Approvable): boolean;
}

export function approverScope(policies: Policies, subject: Subject, now: Date): ApproverScope {
  const principals = principalsOf(subject);
  const held = policies.approval.filter((each) => holds(each.policy, now));
  const mine = held.filter((each) => principals.some((principal) => each.approvers.has(principal)));
  const narrowed = mine.filter((each) => each.narrowed).map(ruleOf);
  const broad = scopeOf(mine.filter((each) => !each.narrowed));
  const keepers = held.filter((each) => each.narrowed && !each.policy.broaderMayDecide);
  return {
    narrowed,
    broad,
    keptOut: keepers.map(ruleOf),
    covers: (request) =>
      mine.some((each) => each.narrowed && coversRequest(each, request, request.requesterGroupIds)) ||
      (isInScope(broad, request) && !keepers.some((each) => coversRequest(each, request, request.requesterGroupIds))),
  };
}

function ruleOf(each: CompiledApproval): ScopeRule {
  return { scope: scopeOf([each]), permissionSets: each.permissionSets, requesterGroups: each.requesterGroups };
}
