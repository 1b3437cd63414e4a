import type { AwsAway, GivingStop } from '../access/index.ts';
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

type Stands = { overdue: number; oldestDueAt: Date | null; cannotRevoke: number; leftBehind: number; now: Date };

/** The one line at the top of the page. `format` puts a time into the words of who reads. */
export function verdictOf(
  attention: Stands,
  { away, giving }: { away: AwsAway | null; giving: GivingStop | null },
  format: (at: Date) => string,
): { good: boolean; text: string } {
  const wrong = [...(away ? [awayInWords(away, format)] : []), ...troubles(attention)];
  const stopped = giving ? [notGivenInWords(giving, format)] : [];
  if (wrong.length > 0) return { good: false, text: [...wrong, ...stopped].join(' ') };
  return { good: true, text: ['No access is overdue.', ...stopped].join(' ') };
}

/** What should be gone and is not, in sentences; none where nothing is. */
export function troubles({ overdue, oldestDueAt, cannotRevoke, leftBehind, now }: Stands): string[] {
  const parts: string[] = [];
  if (overdue > 0 && oldestDueAt !== null) {
    const age = lasting(now.getTime() - oldestDueAt.getTime());
    parts.push(
      overdue === 1
        ? `One grant is overdue for ${age}: its access should be gone and is not.`
        : `${overdue} grants are overdue, the oldest for ${age}: their access should be gone and is not.`,
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
  return parts;
}

function awayInWords({ since, ends, grants }: AwsAway, format: (at: Date) => string): string {
  const counted = [
    ...(ends > 0 ? [`${ends} ${ends === 1 ? 'end' : 'ends'}`] : []),
    ...(grants > 0 ? [`${grants} ${grants === 1 ? 'grant' : 'grants'}`] : []),
  ];
  const waits = ends + grants === 1 ? 'waits' : 'wait';
  return `AWS has not answered since ${format(since)}; ${counted.length > 0 ? `${counted.join(' and ')} ${waits}` : 'nothing waits'} for it.`;
}

function notGivenInWords(stop: GivingStop, format: (at: Date) => string): string {
  return stop.cause === 'stopped'
    ? `New access is not given: stopped by ${stop.byName} since ${format(stop.since)}.`
    : `New access is not given: held since a backup was restored at ${format(stop.since)}, until an administrator has looked at it.`;
}
