import { formatMinutes } from '../platform/time.ts';

/** 14 seconds, 3 min, 2 h 5 min, 3 d: how long something is or was. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  const minutes = Math.floor(seconds / 60);
  return formatMinutes(minutes >= 1_440 ? minutes - (minutes % 60) : minutes);
}

/** 850 ms, 2.4 s, 3 min: as exact as it matters. */
export function took(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : lasting(ms);
}

/** The last error in plain words; AWS's own stand beside it. */
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

/** The one line at the top of the page. */
export function verdictOf(
  attention: { overdue: number; oldestDueAt: Date | null; cannotRevoke: number; leftBehind: number; now: Date },
  giving: boolean,
): { good: boolean; text: string } {
  const { overdue, oldestDueAt, cannotRevoke, leftBehind, now } = attention;
  const parts: string[] = [];
  if (overdue > 0 && oldestDueAt !== null) {
    const age = lasting(now.getTime() - oldestDueAt.getTime());
    parts.push(
      overdue === 1
        ? `Access of one person is overdue since ${age}: it should be gone and is not.`
        : `${overdue} accesses are overdue, the oldest since ${age}: they should be gone and are not.`,
    );
  }
  if (cannotRevoke > 0) {
    parts.push(`AWS forbids Latchkey to take ${cannotRevoke === 1 ? 'one access' : `${cannotRevoke} accesses`} away.`);
  }
  if (leftBehind > 0 && overdue === 0) {
    parts.push(
      `${leftBehind === 1 ? 'One assignment is' : `${leftBehind} assignments are`} left over from access that could not be given.`,
    );
  }
  if (parts.length > 0) return { good: false, text: parts.join(' ') };
  return { good: true, text: `No access is overdue.${giving ? '' : ' New access is not given at the moment.'}` };
}
