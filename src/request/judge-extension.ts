import { extendedBy, type Grant } from '../access/index.ts';
import type { Tx } from '../platform/db.ts';
import { type AppError, ConflictError, ForbiddenError, InvalidInputError } from '../platform/errors.ts';
import { formatMinutes } from '../platform/time.ts';
import type { Subject } from '../policy/index.ts';
import { type Judgement, judge, lasting } from './judge.ts';
import { requestNumber } from './number.ts';
import type { AccessRequest } from './types.ts';

/** Access that is there, the request that it was given for, and its end. */
export interface Extendable {
  original: AccessRequest;
  grant: Grant;
  closesAt: Date;
}

/**
 * Judges so many minutes more as one request for the whole time, from the activation to the new end. The durations that
 * the portal offers are for what is added; they do not limit the whole.
 */
export async function judgeExtension(
  tx: Tx,
  subject: Subject,
  { original, grant, closesAt }: Extendable,
  minutes: number,
): Promise<Judgement> {
  const { totalMinutes } = extendedBy({ ...grant, closesAt }, minutes);
  const { accountId, permissionSetArn, ticket } = original;
  const ask = { accountId, permissionSetArn, durationMinutes: totalMinutes, ticketGiven: ticket !== '' };
  return await judge(tx, subject, ask, lasting);
}

/** How many minutes the access may last longer, by what it was judged by; 0 or less: none. */
export function minutesToSpare({ verdict }: Judgement, { grant, closesAt }: Extendable): number {
  return verdict.longestMinutes - extendedBy({ ...grant, closesAt }, 0).totalMinutes;
}

/** Why the access cannot last so many minutes longer, as its person reads it; null where it can. */
export function whyNotLonger(judgement: Judgement, extendable: Extendable, minutes: number): AppError | null {
  const { verdict, settings } = judgement;
  const { allowedDurationsMinutes: allowed } = settings;
  switch (verdict.allowed ? '' : verdict.code) {
    case '': {
      if (allowed.length === 0 || allowed.includes(minutes)) return null;
      const sentence = `Choose one of these durations: ${allowed.map(formatMinutes).join(', ')}.`;
      return new InvalidInputError({ durationMinutes: sentence });
    }
    case 'too-long':
    case 'invalid-duration': {
      const spare = minutesToSpare(judgement, extendable);
      const longest = formatMinutes(verdict.longestMinutes);
      if (spare <= 0) return new ConflictError('no-time-left', lastsAsLongAsItMay(longest));
      const sentence = `In all, this access may last up to ${longest}. Choose at most ${formatMinutes(spare)} more.`;
      return new InvalidInputError({ durationMinutes: sentence });
    }
    case 'ticket-missing':
      return new ConflictError(
        'ticket-missing',
        `A ticket is needed for this now, and ${requestNumber(extendable.original)} has none. Ask with a new request that names one.`,
      );
    case 'no-approvers':
      return new ConflictError(verdict.code, verdict.reason);
    default:
      return new ForbiddenError(verdict.code, verdict.reason);
  }
}

function lastsAsLongAsItMay(longest: string): string {
  return `This access lasts as long as it may already: ${longest} in all. Ask with a new request for what comes after it.`;
}
