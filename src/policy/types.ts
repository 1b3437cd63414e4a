/** 'USER:id' or 'GROUP:id'. */
export type PrincipalRef = string;
/** 'ACCOUNT:id' or 'OU:id'. */
export type TargetRef = string;

/** Where a policy holds. An excluded OU takes its whole subtree out; an exclusion beats every target. */
export interface Where {
  targets: TargetRef[];
  exclusions: TargetRef[];
  includeNestedOus: boolean;
}

/** When a policy holds: while it is enabled, from `startsAt` on, and until before `endsAt`. */
export interface When {
  enabled: boolean;
  startsAt: Date | null;
  endsAt: Date | null;
}

/** What every policy tells about itself. `ticket`: of its last change. */
interface About {
  id: string;
  version: number;
  name: string;
  note: string;
  ticket: string;
}

export interface EligibilityPolicy extends About, Where, When {
  principals: PrincipalRef[];
  permissionSets: string[];
  maxDurationMinutes: number;
  approvalRequired: boolean;
  ticketRequired: boolean;
}

export interface ApprovalStep {
  approvers: PrincipalRef[];
  approvalsNeeded: number;
}

export interface ApprovalPolicy extends About, Where, When {
  /** Empty: all. */
  permissionSets: string[];
  /** Group IDs; empty: everyone. */
  requesterGroups: string[];
  broaderMayDecide: boolean;
  steps: ApprovalStep[];
}

/** A limit above all policies: for these permission sets (empty: all) in these places (empty: everywhere). OUs are meant with their subtree. */
export interface Guardrail extends About {
  permissionSets: string[];
  targets: TargetRef[];
  /** Approval is needed whatever any policy, or the portal's own switch, says. */
  neverSelfServed: boolean;
  /** Null: this guardrail limits no duration. */
  maxDurationMinutes: number | null;
}

export type PolicyKind = 'eligibility' | 'approval' | 'guardrail';

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
  /** The only durations that may be asked for; empty: any up to the longest. */
  allowedDurationsMinutes: readonly number[];
  ticketRequired: boolean;
  /** Off: nobody needs approval, save where a guardrail asks for it. */
  approvalEnabled: boolean;
}

export interface PolicyRef {
  id: string;
  version: number;
  name: string;
  kind: PolicyKind;
}

/** What an eligibility policy can lack to allow a request. */
export type Missing =
  | 'principal'
  | 'target'
  | 'excluded'
  | 'permission-set'
  | 'duration'
  | 'ticket'
  | 'disabled'
  | 'not-yet'
  | 'over';

/** What one eligibility policy lacked to allow the request. */
export interface NearMiss {
  policy: PolicyRef;
  missing: Missing[];
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
  /** The longest that may be asked for here, whatever the duration of this ask; 0 where no policy covers it. */
  longestMinutes: number;
  /** The longest without approval; 0 where approval is always needed. */
  longestWithoutApprovalMinutes: number;
  ticketNeeded: boolean;
  approvalNeeded: boolean;
  /** Who must say yes; empty where no approval is needed. */
  steps: ApprovalStep[];
  /** The approval policies that apply. */
  approvalPolicies: PolicyRef[];
  /** The approval policies whose approvers a narrower one replaces for this request; part of `approvalPolicies`. */
  replacedPolicies: PolicyRef[];
  /** The guardrails that take this account and role. */
  guardrails: PolicyRef[];
}
