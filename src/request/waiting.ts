import {
  type AwsAway,
  type Grant,
  inTheWay,
  readAwsAway,
  type Trouble,
  troubleOf,
  type WaitingPlace,
  waitingPlace,
} from '../access/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Seen } from './status.ts';

/** What a grant waits for, in sentences. */
export interface Waiting {
  /** In place of what is usually said of such a grant; null: that holds. */
  next: string | null;
  notes: string[];
  /** Stands for the sentences: an open page asks whether they are still the same. */
  mark: string;
}

const RESTS = 'It waits because giving access is stopped for now. AWS has not been asked for it.';
const NOT_GIVEN_YET = 'AWS has not given the access yet, and the last try did not work. Latchkey keeps trying.';
const NOT_TAKEN_YET = 'The access is to be taken away, and the last try did not work. Latchkey keeps trying.';
const NOTHING: Waiting = { next: null, notes: [], mark: '' };

/** The place in the line of a grant that waits for AWS, and what stands in the way of one that is late. */
export async function waitingOf(
  tx: Tx,
  grant: Grant | null,
  { seen, stopped, now, format }: { seen: Seen; stopped: boolean; now: Date; format: (at: Date) => string },
): Promise<Waiting> {
  if (grant === null) return NOTHING;
  if (seen.status === 'activating') {
    const trouble = await troubleOf(tx, grant.assignmentId);
    const place = await waitingPlace(tx, grant.id);
    // Where no access is given nobody can say when its turn comes, and the next try gives nothing.
    if (stopped && place !== null) return { next: RESTS, notes: [], mark: 'rests' };
    if (trouble.lastError !== null) {
      // When its turn comes does not depend on who is before it.
      const note = `${inWords(trouble, true)}${nextTry(trouble, now, format)}`;
      return { next: NOT_GIVEN_YET, notes: [note], mark: markOf(null, trouble) };
    }
    const away = place && (await readAwsAway(tx));
    if (away) return { next: awayInWords(away, format), notes: [], mark: `away.${away.since.getTime()}` };
    return { next: place && placeInWords(place), notes: [], mark: markOf(place, trouble) };
  }
  if (!seen.overdue && seen.status !== 'ending') return NOTHING;
  const trouble = await troubleOf(tx, grant.assignmentId);
  if (!seen.overdue) {
    // Nothing went wrong so far: what is usually said holds.
    if (trouble.lastError === null) return NOTHING;
    const note = `${inWords(trouble, false)}${nextTry(trouble, now, format)}`;
    return { next: NOT_TAKEN_YET, notes: [note], mark: markOf(null, trouble) };
  }
  const dueAt = grant.endDueAt ?? grant.closesAt;
  const since = dueAt ? `It is overdue since ${format(dueAt)}. ` : '';
  return {
    next: null,
    notes: [`${since}${inWords(trouble, false)}${nextTry(trouble, now, format)}`],
    mark: markOf(null, trouble),
  };
}

/** Pure: '3 are before it; AWS is asked in about 20 seconds.' */
export function placeInWords({ place, expectedSeconds }: WaitingPlace): string {
  if (place === 1) return 'It is next: AWS is asked for the access in a moment.';
  const before = place - 1;
  return `${before} ${before === 1 ? 'grant is' : 'grants are'} before it; AWS is asked for the access in about ${roughly(expectedSeconds)}.`;
}

function awayInWords({ since }: AwsAway, format: (at: Date) => string): string {
  return `AWS has not answered since ${format(since)}. It is asked for the access once it answers again.`;
}

/** As exact as an estimate is. */
function roughly(seconds: number): string {
  if (seconds < 90) {
    const rounded = seconds <= 10 ? Math.max(1, seconds) : Math.ceil(seconds / 5) * 5;
    return `${rounded} ${rounded === 1 ? 'second' : 'seconds'}`;
  }
  return `${Math.ceil(seconds / 60)} minutes`;
}

function inWords(trouble: Trouble, giving: boolean): string {
  const { why, says } = inTheWay(trouble, giving);
  return says === null ? why : `${why} AWS says: ${says}${/[.!]$/.test(says) ? '' : '.'}`;
}

function nextTry({ nextTryAt }: Trouble, now: Date, format: (at: Date) => string): string {
  return nextTryAt !== null && nextTryAt > now
    ? ` The next try is at ${format(nextTryAt)}.`
    : ' It is being tried now.';
}

function markOf(place: WaitingPlace | null, { lastError, nextTryAt }: Trouble): string {
  return [place?.place ?? '', place?.expectedSeconds ?? '', lastError?.length ?? '', nextTryAt?.getTime() ?? ''].join(
    '.',
  );
}
