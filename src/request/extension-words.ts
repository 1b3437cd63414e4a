import type { NotExtendable } from '../access/index.ts';
import { ConflictError } from '../platform/errors.ts';
import { formatMinutes } from '../platform/time.ts';
import { requestNumber } from './number.ts';

const SENTENCES: Record<NotExtendable, string> = {
  over: 'The end of this access has begun, so it can no longer be extended. You can ask for it again with a new request.',
  'not-there-yet': 'This access is not active, so there is no end to move.',
  'removed-outside':
    'This access was taken away outside Latchkey, so it is not extended. You can ask for it again with a new request.',
};

/** Access whose end cannot move, as its person reads it. */
export function notExtendable(why: NotExtendable): ConflictError {
  return new ConflictError(`grant-${why}`, SENTENCES[why]);
}

/** The portal offers nothing that short. */
export function nothingFits(spareMinutes: number): ConflictError {
  return new ConflictError(
    'no-time-left',
    `This access may last ${formatMinutes(spareMinutes)} longer, which is less than the shortest duration that this portal offers. Ask with a new request for what comes after it.`,
  );
}

/** One extension waits at a time. */
export function askedBefore(waiting: { number: number }): ConflictError {
  return new ConflictError(
    'extension-waits',
    `You asked for more time already: ${requestNumber(waiting)} waits for a decision. Cancel it first if you need another length.`,
  );
}
