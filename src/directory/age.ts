import { appNow, type Tx } from '../platform/db.ts';
import { formatMinutes } from '../platform/time.ts';
import { SYNC_KINDS, type SyncKind } from './runs-store.ts';

/** How one kind of copy stands. */
export interface KindAge {
  kind: SyncKind;
  /** When AWS was last read completely; null: never yet. */
  succeededAt: Date | null;
  /** The last run's failure; null where it succeeded. */
  failedAt: Date | null;
  error: string | null;
  /** Since when a run is under way. */
  runningSince: Date | null;
  rowCount: number | null;
  /** Of the run under way: things read so far, and how many there will be as far as that is known. */
  progress: number | null;
  expected: number | null;
}

export interface DirectoryAge {
  kinds: KindAge[];
  /** The age in words: 'Directory copied 3 minutes ago.' */
  text: string;
  /** What is wrong with the copy, for people; null where nothing is. */
  warning: string | null;
  /** Why, in AWS's words, for operators; null where nothing is wrong. */
  cause: string | null;
  /** The age of the oldest kind; null where some kind was never copied. */
  oldestAt: Date | null;
}

export const KIND_NAMES: Record<SyncKind, string> = {
  organization: 'accounts and organizational units',
  permission_sets: 'permission sets',
  users: 'users',
  groups: 'groups',
  memberships: 'group members',
};
/** A run that takes longer has died with its process. */
const LONGEST_RUN_MS = 30 * 60_000;

/** How old the copy is and what is wrong with it: all kinds, or those that a page shows. For `views/directory/_age`. */
export async function directoryAge(tx: Tx, kinds: readonly SyncKind[] = SYNC_KINDS): Promise<DirectoryAge> {
  const now = await appNow(tx);
  const rows = await tx.directorySync.findMany({ where: { kind: { in: [...kinds] } } });
  const ages = kinds.map((kind): KindAge => {
    const row = rows.find((each) => each.kind === kind);
    const { startedAt = null, succeededAt = null, failedAt = null, error = null, rowCount = null } = row ?? {};
    const { progress = null, expected = null } = row ?? {};
    const endedAt = Math.max(succeededAt?.getTime() ?? 0, failedAt?.getTime() ?? 0);
    const running =
      startedAt !== null && startedAt.getTime() > endedAt && now.getTime() - startedAt.getTime() < LONGEST_RUN_MS;
    return {
      kind,
      succeededAt,
      failedAt,
      error,
      rowCount,
      progress,
      expected,
      runningSince: running ? startedAt : null,
    };
  });
  return { kinds: ages, ...describe(ages, now) };
}

function describe(ages: KindAge[], now: Date): Pick<DirectoryAge, 'text' | 'warning' | 'cause' | 'oldestAt'> {
  const times = ages.map(({ succeededAt }) => succeededAt?.getTime());
  const oldest = times.every((time) => time !== undefined) ? Math.min(...times) : null;
  const running = ages.some(({ runningSince }) => runningSince !== null);
  const text =
    oldest === null
      ? `The directory ${running ? 'is being copied for the first time' : 'has not been copied completely yet'}.`
      : `Directory copied ${ago(oldest, now)}${running ? '; a new copy is under way' : ''}.`;
  const cause = ages.find(({ error }) => error !== null)?.error ?? null;
  return { text, warning: warningOf(ages, now), cause, oldestAt: oldest === null ? null : new Date(oldest) };
}

function warningOf(ages: KindAge[], now: Date): string | null {
  const failing = ages.filter(({ error }) => error !== null);
  const [first] = failing;
  if (!first) return null;
  const names = failing.map(({ kind }) => KIND_NAMES[kind]);
  const what = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0];
  const since = first.succeededAt
    ? `What you see is as it was ${ago(first.succeededAt.getTime(), now)}.`
    : 'They were never copied yet.';
  return `The last copy of ${what} failed. ${since}`;
}

/** 'just now', '12 minutes ago', '1 h ago'. */
export function ago(time: number, now: Date): string {
  const minutes = Math.floor((now.getTime() - time) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago`;
  return `${formatMinutes(minutes)} ago`;
}
