import type { Grant } from '../access/index.ts';
import type { Person } from '../identity/index.ts';
import { whoAddress } from '../policy/index.ts';
import { stepsOf } from './decide-as.ts';
import { currentStep } from './machine.ts';
import { GRANT_PRECEDENCE } from './status.ts';
import type { AccessRequest, SeenStatus } from './types.ts';
import type { View } from './visibility.ts';

/** Access is there, or is to come. */
export const OPEN: ReadonlySet<string> = new Set(['scheduled', 'activating', 'active', 'ending']);

/** Why the person cannot decide it now; empty where they can. */
export function whyNotDecide(request: AccessRequest, view: View, person: Person, now: Date): string {
  if (view.requester) return 'This is your own request, so somebody else has to decide it.';
  if (request.status !== 'pending') return '';
  if (request.decisions.some((each) => each.approverId === person.userId)) {
    return 'You have decided already; it waits for others.';
  }
  if (request.expiresAt <= now) return 'Its waiting time is over.';
  const mine = stepsOf(request, person.userId, person.groupIds);
  if (mine.length === 0) return 'You are not among those who were named to decide it.';
  return mine.includes(currentStep(request)) ? '' : 'It waits for the approvers of another step first.';
}

/** Where the reader would look for it. */
export function sectionOf(view: View, status: SeenStatus): string {
  if (view.requester) return '/requests';
  if (view.auditor) return '/audit/approvals';
  if (status === 'pending') return '/approvals';
  if (OPEN.has(status)) return '/access/active';
  return view.decider ? '/approvals/mine' : '/access/ended';
}

/** The grant that the status goes by. */
export function leadGrant(grants: Grant[]): Grant | null {
  const rank = (grant: Grant) => GRANT_PRECEDENCE.indexOf(grant.status);
  return grants.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}

/** For administrators: person, account, role, window and status, and nothing that people wrote. */
export function withoutWords(request: AccessRequest): AccessRequest {
  return {
    ...request,
    justification: '',
    ticket: '',
    closeComment: null,
    decisions: request.decisions.map((each) => ({ ...each, comment: '' })),
  };
}

/** Says that there is a ticket, never which: admins do not read it. */
export function whyAddress(request: AccessRequest): string {
  return whoAddress({
    person: request.requesterId,
    account: request.accountId,
    role: request.permissionSetArn,
    durationMinutes: request.durationMinutes,
    ticket: request.ticket === '' ? '' : 'given',
  });
}
