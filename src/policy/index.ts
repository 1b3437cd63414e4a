export {
  approversIn,
  type Fulfilment,
  fulfilment,
  isApprover,
  mayDecide,
  type Requirement,
  requirement,
} from './approval.ts';
export { type Approvable, type ApproverScope, approverScope, type ScopeRule } from './approver-scope.ts';
export { groupsNamedInPolicies, resolveApprovers, resolveSteps } from './approvers.ts';
export { compile, type Place, type Policies } from './compile.ts';
export { evaluate, withApprovers } from './evaluate.ts';
export { type Offers, offers, type RoleOffer } from './offers.ts';
export { type AccountScope, isEmptyScope, isInScope } from './scope.ts';
export { loadPolicies } from './store.ts';
export type {
  ApprovalPolicy,
  ApprovalStep,
  Ask,
  EligibilityPolicy,
  NearMiss,
  PolicyLimits,
  PolicyRef,
  PrincipalRef,
  Subject,
  TargetRef,
  Verdict,
} from './types.ts';
