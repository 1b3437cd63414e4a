import type { ApprovalStep, PolicyRef } from '../policy/index.ts';

export type RequestStatus = 'pending' | 'approved' | 'rejected' | 'cancelled' | 'expired';

/** The one status that people see, from the request and its grants together. */
export type SeenStatus =
  | Exclude<RequestStatus, 'approved'>
  | 'scheduled'
  | 'activating'
  | 'active'
  | 'ending'
  | 'ended'
  | 'revoked'
  | 'failed';

/** One approver's yes or no. */
export interface Decision {
  approverId: string;
  approverName: string;
  verdict: 'approve' | 'reject';
  /** Which step it counts for, from 0. */
  step: number;
  /** Where the approver shortened the access. */
  durationMinutes: number | null;
  comment: string;
  decidedAt: Date;
  /** Which approvers of the step the person was one of, when they decided. */
  namedBy: ApprovalStep['approvers'];
}

export interface RequestStep extends ApprovalStep {
  /** Approved by people whom the policies name no more: its approvals stand, and it asks for no further ones. */
  former?: true;
}

/** One person asks for one permission set in one account for one window. Names are as they were at submission. */
export interface AccessRequest {
  id: string;
  number: number;
  status: RequestStatus;
  version: number;
  requesterId: string;
  requesterName: string;
  requesterUserName: string;
  requesterEmail: string | null;
  accountId: string;
  accountName: string;
  ouPath: string;
  permissionSetArn: string;
  permissionSetName: string;
  sessionSeconds: number;
  /** Null: as soon as it is approved. */
  startsAt: Date | null;
  durationMinutes: number;
  ticket: string;
  justification: string;
  approvalNeeded: boolean;
  /** The requirement, which follows the policies while it is pending; empty without approval. */
  steps: RequestStep[];
  /** The requirement as the policies had it at submission: it never needs less. */
  submittedSteps: ApprovalStep[];
  policies: PolicyRef[];
  submittedAt: Date;
  expiresAt: Date;
  approvedDurationMinutes: number | null;
  closedAt: Date | null;
  closedById: string | null;
  closedByName: string | null;
  closeComment: string | null;
  decisions: Decision[];
  /** The grant whose end it moves: then `durationMinutes` is how much longer. Null: it is for access of its own. */
  extendsGrantId: string | null;
}

/** What a form of a new request says, checked for shape only. */
export interface Submission {
  accountId: string;
  permissionSetArn: string;
  startsAt: Date | null;
  durationMinutes: number;
  ticket: string;
  justification: string;
  /** Names the form: sent twice, it is one request. */
  formKey: string;
}
