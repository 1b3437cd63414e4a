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
        ? `One grant is overdue since ${age}: its access should be gone and is not.`
        : `${overdue} grants are overdue, the oldest since ${age}: their access should be gone and is not.`,
    );
  }
  if (cannotRevoke > 0) {
    parts.push(
      `AWS forbids Latchkey to take the access of ${cannotRevoke === 1 ? 'one grant' : `${cannotRevoke} grants`} away.`,
    );
  }
  if (leftBehind > 0 && overdue === 0) {
    parts.push(
      `${leftBehind === 1 ? 'One assignment is' : `${leftBehind} assignments are`} left over from access that could not be given.`,
    );
  }
  if (parts.length > 0) return { good: false, text: parts.join(' ') };
  return { good: true, text: `No access is overdue.${giving ? '' : ' New access is not given at the moment.'}` };
}
