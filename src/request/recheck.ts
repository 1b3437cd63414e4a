import { extendedBy, type Grant, whyNotExtendable } from '../access/index.ts';
import {
  type Account,
  type Availability,
  findAccount,
  findPermissionSet,
  type PermissionSet,
  type PersonNow,
  readAvailability,
  readPersonNow,
} from '../directory/index.ts';
import { ConflictError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatInZone, formatMinutes } from '../platform/time.ts';
import type { Policies, Verdict } from '../policy/index.ts';
import type { Settings } from '../settings/index.ts';
import { judgeBy, lasting } from './judge.ts';
import { requestNumber } from './number.ts';
import { findRequest } from './store.ts';
import type { AccessRequest } from './types.ts';

/** What a request is judged by once more when somebody approves it. */
export interface Recheck {
  /** As Identity Center has them at this moment; null: gone. */
  requester: PersonNow | null;
  account: Account | null;
  permissionSet: PermissionSet | null;
  availability: Availability;
}

/**
 * Reads it, before the transaction of the decision. Null where there is no such request. Throws `UnavailableError` where
 * Identity Center does not answer: then nothing is decided.
 */
export async function readRecheck(platform: Platform, requestId: string): Promise<Recheck | null> {
  const tx = platform.db.prisma;
  const request = await findRequest(tx, requestId);
  if (request === null) return null;
  const [requester, account, permissionSet, availability] = await Promise.all([
    readPersonNow(platform, request.requesterId),
    findAccount(tx, request.accountId),
    findPermissionSet(tx, request.permissionSetArn),
    readAvailability(tx),
  ]);
  return { requester, account, permissionSet, availability };
}

/** Why the request cannot be approved for so long any more, as the approver reads it; null where it can. */
export function whyNoLonger(
  request: AccessRequest,
  durationMinutes: number,
  recheck: Recheck,
  by: { policies: Policies; settings: Settings; timeZone: string; now: Date; extended: Grant | null },
): ConflictError | null {
  const { requester, account, permissionSet, availability } = recheck;
  const { policies, settings, timeZone, now, extended } = by;
  const refuse = (code: string, why: string) =>
    new ConflictError(
      code,
      `${requestNumber(request)} cannot be approved any more. ${why} Reject it, or let it expire at ${formatInZone(request.expiresAt, timeZone)} (${timeZone}).`,
    );
  if (requester === null || !requester.user.enabled) {
    const state = requester === null ? 'no longer exists' : 'is disabled';
    return refuse('requester-gone', `${request.requesterName} ${state} in Identity Center.`);
  }
  if (extended && whyNotExtendable(extended, now) !== null) {
    return refuse('grant-over', 'The end of the access that it would have made longer has begun.');
  }
  const whole = extended?.closesAt
    ? extendedBy({ ...extended, closesAt: extended.closesAt }, durationMinutes).totalMinutes
    : durationMinutes;
  const { verdict } = judgeBy(
    { settings: lasting(settings), policies, account, permissionSet, availability, now },
    { userId: request.requesterId, groupIds: requester.groupIds },
    {
      accountId: request.accountId,
      permissionSetArn: request.permissionSetArn,
      durationMinutes: whole,
      ticketGiven: request.ticket !== '',
    },
  );
  // Whether somebody can approve is answered by who does.
  if (verdict.allowed || verdict.code === 'no-approvers') return null;
  return refuse(
    verdict.code,
    account && permissionSet ? forApprovers(verdict, request, whole - durationMinutes) : NOT_KNOWN,
  );
}

const NOT_KNOWN = 'AWS does not have the account or the role any more.';

/** The verdict's reason is written for the requester. */
function forApprovers(verdict: Verdict, request: AccessRequest, lastsAlready: number): string {
  const { requesterName, permissionSetName, accountName } = request;
  const what = `${permissionSetName} in ${accountName}`;
  switch (verdict.code) {
    case 'too-long':
      if (lastsAlready > 0) return tooLongInAll(verdict, requesterName, what, lastsAlready);
      return `The policies let ${requesterName} have ${what} for up to ${formatMinutes(verdict.longestMinutes)} now: approve it for that long or less.`;
    case 'ticket-missing':
      return 'The policies want a ticket for it now, and it has none.';
    case 'unavailable':
      return verdict.reason;
    default:
      return `No policy lets ${requesterName} ask for ${what} any more.`;
  }
}

function tooLongInAll({ longestMinutes }: Verdict, requesterName: string, what: string, lastsAlready: number): string {
  const most = `The policies let ${requesterName} have ${what} for up to ${formatMinutes(longestMinutes)} in all now`;
  const left = longestMinutes - lastsAlready;
  return left > 0
    ? `${most}: approve at most ${formatMinutes(left)} more.`
    : `${most}, and it lasts that long already.`;
}
