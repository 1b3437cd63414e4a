/** 'USER:id' or 'GROUP:id'. */
export type PrincipalRef = string;
/** 'ACCOUNT:id' or 'OU:id'. */
export type TargetRef = string;

export interface EligibilityPolicy {
  id: string;
  version: number;
  name: string;
  principals: PrincipalRef[];
  targets: TargetRef[];
  includeNestedOus: boolean;
  permissionSets: string[];
  maxDurationMinutes: number;
  approvalRequired: boolean;
  ticketRequired: boolean;
  note: string;
}

export interface ApprovalStep {
  approvers: PrincipalRef[];
  approvalsNeeded: number;
}

export interface ApprovalPolicy {
  id: string;
  version: number;
  name: string;
  targets: TargetRef[];
  includeNestedOus: boolean;
  /** Empty: all. */
  permissionSets: string[];
  /** Group IDs; empty: everyone. */
  requesterGroups: string[];
  broaderMayDecide: boolean;
  steps: ApprovalStep[];
  note: string;
}

/** What a policy says, without which policy it is. */
export type PolicyContent<P extends { id: string; version: number }> = Omit<P, 'id' | 'version'>;

/** Who asks, as the evaluation sees them. */
export interface Subject {
  userId: string;
  groupIds: string[];
}

/** What is asked for. `ancestorIds`: the account's OUs, the root first, its own parent last. */
export interface Ask {
  accountId: string;
  ancestorIds: string[];
  permissionSetArn: string;
  durationMinutes: number;
  ticketGiven: boolean;
}

/** The portal-wide settings that cap or loosen every policy. */
export interface PolicyLimits {
  maxDurationMinutes: number;
  ticketRequired: boolean;
  /** Off: nobody needs approval anywhere. */
  approvalEnabled: boolean;
}

export interface PolicyRef {
  id: string;
  version: number;
  name: string;
  kind: 'eligibility' | 'approval';
}

/** What one eligibility policy lacked to allow the request. */
export interface NearMiss {
  policy: PolicyRef;
  missing: ('principal' | 'target' | 'permission-set' | 'duration' | 'ticket')[];
}

/** The answer to: may this person have this role in this account for so long? */
export interface Verdict {
  allowed: boolean;
  /** Why not, as one sentence for the person. Empty where allowed. */
  reason: string;
  /** A stable word for the reason: 'not-eligible', 'too-long', 'ticket-missing', 'no-approvers' … Empty where allowed. */
  code: string;
  /** The eligibility policies that allow it. */
  allowedBy: PolicyRef[];
  nearMisses: NearMiss[];
  /** The longest that some covering policy and the portal allow for this account and role; 0 where none covers it. */
  longestMinutes: number;
  ticketNeeded: boolean;
  approvalNeeded: boolean;
  /** Who must say yes; empty where no approval is needed. */
  steps: ApprovalStep[];
  /** The approval policies that apply. */
  approvalPolicies: PolicyRef[];
}
