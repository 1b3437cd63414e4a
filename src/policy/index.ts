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
export { deleteApprovalPolicy } from './delete-approval-policy.ts';
export { deleteEligibilityPolicy } from './delete-eligibility-policy.ts';
export { evaluate, withApprovers } from './evaluate.ts';
export { type Offers, offers, type RoleOffer } from './offers.ts';
export { saveApprovalPolicy } from './save-approval-policy.ts';
export { saveEligibilityPolicy } from './save-eligibility-policy.ts';
export { type AccountScope, isEmptyScope, isInScope } from './scope.ts';
export { loadPolicies } from './store.ts';
export type {
  ApprovalPolicy,
  ApprovalStep,
  Ask,
  EligibilityPolicy,
  NearMiss,
  PolicyContent,
  PolicyLimits,
  PolicyRef,
  PrincipalRef,
  Subject,
  TargetRef,
  Verdict,
} from './types.ts';
