import { type AppError, ConflictError, ForbiddenError, InvalidInputError } from '../platform/errors.ts';
import { formatInZone, formatMinutes } from '../platform/time.ts';
import { minutesLeft, type Refusal, type StartRefusal } from './machine.ts';
import { requestNumber } from './number.ts';
import type { AccessRequest, RequestStatus } from './types.ts';

const CLOSED_WORDS: Record<Exclude<RequestStatus, 'pending'>, string> = {
  approved: 'was approved',
  rejected: 'was rejected',
  cancelled: 'was cancelled',
  expired: 'expired without a decision',
};

export const COMMENT_MISSING = 'Say in a few words why, for the requester and the record.';

export const START_SENTENCES: Record<StartRefusal, string> = {
  'start-in-past': 'This start is in the past. Choose a later one, or leave it empty to start as soon as possible.',
  'start-too-far': 'Choose a start within the next 90 days.',
};

/** The machine's refusal as an error that a person can read. Times are shown in `timeZone`. */
export function refusalError(refusal: Refusal, request: AccessRequest, timeZone: string): AppError {
  const number = requestNumber(request);
  switch (refusal) {
    case 'not-pending':
      return alreadyClosed(request, timeZone);
    case 'too-late':
      return new ConflictError(
        'too-late',
        `${number} waited for a decision until ${formatInZone(request.expiresAt, timeZone)} (${timeZone}) and can no longer be decided. Ask ${request.requesterName} to send a new request.`,
      );
    case 'not-due':
      return new ConflictError('not-due', `${number} can still be decided.`);
    case 'own-request':
      return new ForbiddenError(
        'own-request',
        'Nobody decides their own request. Another approver has to decide this one.',
      );
    case 'decided-before':
      return new ConflictError('decided-before', `You have already decided ${number}; one person counts once.`);
    case 'not-approver':
      return new ForbiddenError(
        'not-approver',
        `You are not an approver for ${request.permissionSetName} in ${request.accountName} any more. Another approver has to decide ${number}.`,
      );
    case 'not-your-step':
      return new ForbiddenError(
        'not-your-step',
        `${number} waits for the approvers of another step. Nothing to do yet.`,
      );
    case 'not-shorter':
      return new InvalidInputError({
        durationMinutes: `Choose at most ${formatMinutes(minutesLeft(request))}: an approver can shorten access, not lengthen it.`,
      });
    case 'not-requester':
      return new ForbiddenError('not-requester', `Only ${request.requesterName} can cancel ${number}.`);
  }
}

/** Somebody was quicker: by whom and when. */
export function alreadyClosed(request: AccessRequest, timeZone: string): ConflictError {
  if (request.status === 'pending') return movedOn(request, null, timeZone);
  const by = request.closedByName && request.status !== 'expired' ? ` by ${request.closedByName}` : '';
  const at = request.closedAt ? ` at ${formatInZone(request.closedAt, timeZone)} (${timeZone})` : '';
  return new ConflictError(
    'already-decided',
    `${requestNumber(request)} ${CLOSED_WORDS[request.status]}${by}${at}. Nothing was changed.`,
  );
}

/** The request changed since the person's page was made, and is still open. `rerouted`: the last time approvers changed. */
export function movedOn(
  request: AccessRequest,
  rerouted: { at: Date; reason: string } | null,
  timeZone: string,
): ConflictError {
  const last = request.decisions.at(-1);
  const at = (time: Date) => `at ${formatInZone(time, timeZone)} (${timeZone})`;
  const what =
    rerouted && (!last || rerouted.at >= last.decidedAt)
      ? `Its approvers changed ${at(rerouted.at)}. ${rerouted.reason}`
      : last
        ? `${last.approverName} ${last.verdict === 'approve' ? 'approved' : 'rejected'} it ${at(last.decidedAt)}.`
        : 'It changed.';
  return new ConflictError(
    'moved-on',
    `${requestNumber(request)} is no longer as your page showed it. ${what} Look again, then decide.`,
  );
}
