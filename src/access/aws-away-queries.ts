import type { Tx } from '../platform/db.ts';
import { saysAway } from './trouble.ts';

/** AWS does not answer. */
export interface AwsAway {
  /** When it last did, as far as is written down. */
  since: Date;
  /** Ends that wait for it, and grants that wait to be given. */
  ends: number;
  grants: number;
}

/** Shorter than this it is a call that failed, and not AWS that is away. */
const AWAY_AFTER_MS = 30_000;

/**
 * Whether AWS is away, as the rows have it, so that every process says the same: something waits whose last try AWS
 * did not answer, or a copy of the directory could not be renewed, and nothing was heard of AWS since. Null: it is not.
 */
export async function readAwsAway(tx: Tx): Promise<AwsAway | null> {
  const failed = await tx.$queryRaw<{ error: string; ends: number; grants: number }[]>`
    select a.last_error as error,
      count(distinct a.id) filter (where g.status <> 'activating')::int as ends,
      count(distinct g.id) filter (where g.status = 'activating')::int as grants
    from grants g join assignments a on a.id = g.assignment_id
    where a.last_error is not null and (g.status in ('activating', 'ending')
      or (g.status = 'active' and g.closes_at < (select app_now())))
    group by a.last_error
    union all
    select error, 0, 0 from directory_syncs where error is not null and failed_at > coalesce(succeeded_at, '-infinity')`;
  const unanswered = failed.filter(({ error }) => saysAway(error));
  if (unanswered.length === 0) return null;
  const [last] = await tx.$queryRaw<{ since: Date | null; now: Date }[]>`
    select app_now() as now, greatest(
      (select max(observed_at) from assignments),
      (select max(asked_at) from assignment_operations
        where outcome in ('in_progress', 'succeeded', 'failed') and asked_at > (select app_now()) - interval '1 day'),
      (select max(succeeded_at) from directory_syncs),
      (select max(read_at) from drift_accounts)
    ) as since`;
  if (!last?.since || last.now.getTime() - last.since.getTime() < AWAY_AFTER_MS) return null;
  const sum = (of: 'ends' | 'grants') => unanswered.reduce((total, each) => total + each[of], 0);
  return { since: last.since, ends: sum('ends'), grants: sum('grants') };
}
