import type { Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import { NO_REASON } from './learn.ts';
import { WAYS } from './ways.ts';

/** What stands in the way of giving a grant, or of taking its access away. */
export interface Trouble {
  lastError: string | null;
  nextTryAt: Date | null;
  /** Since when AWS forbids us to take it away, and what it said. */
  cannotRevokeSince: Date | null;
  cannotRevokeReason: string | null;
}

export async function troubleOf(tx: Tx, assignmentId: string): Promise<Trouble> {
  const { nextAt, ...rest } = await tx.assignment.findUniqueOrThrow({
    where: { id: assignmentId },
    select: { lastError: true, nextAt: true, cannotRevokeSince: true, cannotRevokeReason: true },
  });
  return { ...rest, nextTryAt: nextAt };
}

/** What an error says, in plain words; the first that fits. */
const PLAIN: [RegExp, string][] = [
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/, 'AWS cannot be reached.'],
  [/thrott|rate exceeded|too many requests/i, 'AWS is busy and asks for fewer calls.'],
  [/not authorized|access ?denied|forbidden/i, 'AWS does not allow Latchkey to do it.'],
  [/conflict/i, 'AWS is still working on another change of the same access.'],
  [/token.*(expired|invalid)|signature|credentials/i, 'AWS does not accept the credentials of Latchkey.'],
  [/timed? ?out|did not answer|timeout|aborted|socket hang up|ECONNRESET/i, 'AWS did not answer in time.'],
  [/unavailable|unable to handle|internal/i, 'AWS does not work as it should.'],
  [/not found|does not exist/i, 'AWS does not know the account, the role or the person.'],
];
/** Those that mean that AWS itself is away. */
const AWAY = new Set(['AWS cannot be reached.', 'AWS did not answer in time.', 'AWS does not work as it should.']);

const UNCHECKED = 'Latchkey cannot check the rights behind this access at the moment, and gives nothing unchecked.';

/** What is kept of a check of rights that could not be made: our words, not AWS's. */
export function rightsUnchecked(error: unknown): string {
  // The sentence itself is for the person who asks; beneath it is what went wrong.
  return `${UNCHECKED} ${messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error)}`;
}

/** What stands in the way, for people, and what AWS said about it in its own words; null where it said nothing. */
export function inTheWay(
  trouble: Pick<Trouble, 'lastError' | 'cannotRevokeSince' | 'cannotRevokeReason'>,
  giving: boolean,
): { why: string; says: string | null } {
  const { lastError, cannotRevokeSince, cannotRevokeReason } = trouble;
  if (cannotRevokeSince !== null) {
    const why = 'AWS forbids Latchkey to take this access away.';
    const says = cannotRevokeReason ?? lastError;
    if (lastError === null || lastError === says) return { why, says };
    return { why: `${why} The last try came to something else: ${explained(lastError).why}`, says };
  }
  if (lastError !== null) return explained(lastError);
  const why = giving
    ? 'Nothing went wrong so far; AWS has not confirmed the access yet, or it waits for its turn.'
    : 'Nothing went wrong so far; AWS has not confirmed that it is gone.';
  return { why, says: null };
}

/** True where what went wrong is that AWS did not answer, or not as it should. */
export function saysAway(lastError: string): boolean {
  return AWAY.has(plain(lastError));
}

function explained(lastError: string): { why: string; says: string | null } {
  if (lastError.startsWith(UNCHECKED)) return { why: lastError, says: null };
  if (lastError === NO_REASON) return { why: 'AWS could not do it, and gave no reason.', says: null };
  const { words } = WAYS.suspended;
  if (lastError.startsWith(words))
    return { why: words, says: lastError.slice(words.length).replace(' AWS says: ', '') };
  return { why: plain(lastError), says: lastError };
}

function plain(lastError: string): string {
  return PLAIN.find(([pattern]) => pattern.test(lastError))?.[1] ?? 'AWS answered with an error.';
}
