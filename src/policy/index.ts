export {
  approversIn,
  type Fulfilment,
  fulfilment,
  isApprover,
  mayDecide,
  type Requirement,
  requirement,
} from './approval.ts';
export { type ApproverScope, approverScope, type ScopeRule } from './approver-scope.ts';
export { groupsNamedInPolicies, resolveApprovers, resolveSteps, vanishedApprovers } from './approvers.ts';
export { countWaitingChanges } from './change/change-store.ts';
export { policyNavCounts } from './change/nav-counts.ts';
export { compile, type Policies } from './compile.ts';
export { evaluate, withApprovers } from './evaluate.ts';
export { type Explanation, explain } from './explain.ts';
export { countStalePolicies } from './form/count-stale.ts';
export { allowance, hintsInWords, inWords } from './in-words.ts';
export { loadPolicies, settledPolicies } from './load-store.ts';
export { type Offers, offers, type RoleOffer } from './offers.ts';
export { type OwnWords, readOwnWords } from './own-words.ts';
export { POLICIES_CHANGED } from './queues.ts';
export { type AccountScope, isEmptyScope } from './scope.ts';
export type {
  ApprovalPolicy,
  ApprovalStep,
  Ask,
  EligibilityPolicy,
  Guardrail,
  NearMiss,
  PolicyContent,
  PolicyLimits,
  PolicyRef,
  Subject,
  Verdict,
} from './types.ts';
export { whoAddress } from './who/input.ts';
export { readWhoPickers } from './who/pickers.ts';
