import type { Tx } from '../platform/db.ts';

/** What stands in the way of giving a grant, or of taking its access away. */
export interface Trouble {
  lastError: string | null;
  nextTryAt: Date | null;
  /** Since when AWS forbids us to take it away. */
  cannotRevokeSince: Date | null;
}

export async function troubleOf(tx: Tx, assignmentId: string): Promise<Trouble> {
  const { lastError, nextAt, cannotRevokeSince } = await tx.assignment.findUniqueOrThrow({
    where: { id: assignmentId },
    select: { lastError: true, nextAt: true, cannotRevokeSince: true },
  });
  return { lastError, nextTryAt: nextAt, cannotRevokeSince };
}

/** What an error says, in plain words; the first that fits. */
const PLAIN: [RegExp, string][] = [
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/, 'AWS cannot be reached.'],
  [/thrott|rate exceeded|too many requests/i, 'AWS is busy and asks for fewer calls.'],
  [/not authorized|access ?denied|forbidden/i, 'AWS does not allow Latchkey to do it.'],
  [/conflict/i, 'AWS is still working on another change of the same access.'],
  [/token.*(expired|invalid)|signature|credentials/i, 'AWS does not accept the credentials of Latchkey.'],
  [/timed? ?out|timeout|aborted|socket hang up|ECONNRESET/i, 'AWS did not answer in time.'],
  [/unavailable|internal/i, 'AWS does not work as it should.'],
  [/not found|does not exist/i, 'AWS does not know the account, the role or the person.'],
];

/** What stands in the way, for people. Null error: nothing went wrong as far as is known. */
export function whyNotDone(lastError: string | null, cannotRevokeSince: Date | null, giving: boolean): string {
  if (cannotRevokeSince !== null) return 'AWS forbids Latchkey to take this access away.';
  if (lastError === null) {
    return giving
      ? 'Nothing went wrong so far; AWS has not confirmed the access yet, or it waits for its turn.'
      : 'Nothing went wrong so far; AWS has not confirmed that it is gone.';
  }
  return PLAIN.find(([pattern]) => pattern.test(lastError))?.[1] ?? 'AWS answered with an error.';
}
