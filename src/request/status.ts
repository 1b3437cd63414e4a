import type { GrantStatus } from '../access/index.ts';
import type { RequestStatus, SeenStatus } from './types.ts';

/** What the status needs to know of a grant. */
export interface GrantFacts {
  status: GrantStatus;
  closesAt: Date | null;
  endDueAt: Date | null;
}

export interface Seen {
  status: SeenStatus;
  /** The access should be gone by now and is not. */
  overdue: boolean;
}

/** The most alive first: what a person has now matters more than what they had. */
export const GRANT_PRECEDENCE: readonly GrantStatus[] = [
  'active',
  'ending',
  'activating',
  'scheduled',
  'failed',
  'revoked',
  'ended',
];

/** How late an end may be before it is called overdue: AWS itself takes up to a minute. */
export const OVERDUE_AFTER_MINUTES = 1;

/** The one status that people see. An approved request without a grant yet is about to be scheduled. */
export function seenStatus(request: { status: RequestStatus }, grants: GrantFacts[], now: Date): Seen {
  if (request.status !== 'approved') return { status: request.status, overdue: false };
  const status = GRANT_PRECEDENCE.find((each) => grants.some((grant) => grant.status === each)) ?? 'scheduled';
  return { status, overdue: grants.some((grant) => isOverdue(grant, now)) };
}

function isOverdue(grant: GrantFacts, now: Date): boolean {
  if (grant.status !== 'active' && grant.status !== 'ending') return false;
  const due = grant.endDueAt ?? grant.closesAt;
  return due !== null && now.getTime() > due.getTime() + OVERDUE_AFTER_MINUTES * 60_000;
}
