import type { Platform } from '../platform/index.ts';
import type { QueueDefinition } from '../platform/queue.ts';
import { setAlarm } from './alarm.ts';
import type { Runner } from './runner.ts';
import { type Call, HORIZON_MS, type Timetable } from './timetable.ts';

/** How often each process looks, in milliseconds. */
export const WATCHDOG_PERIOD_MS = 2_000;
/** So many are seen in one look: what is to be taken away first, and of each person the first before anyone's second. */
const SEEN_AT_ONCE = 2_000;
/** So many of those that do not move are enqueued in one go; the rest next time. */
const ENQUEUED_AT_ONCE = 200;
/** In milliseconds: how long an alarm has its chance, and after which it did not help. */
const OVERDUE_AFTER = 2_000;
const NEGLECTED_AFTER = 6_000;

interface Due extends Call {
  /** Milliseconds until it is due; negative: since then. */
  inMs: number;
}

/**
 * Looks at what is due or about to be. What falls due before the next look is put on the timetable, to be woken on
 * time (null: this process works on nothing while others do). What is due and not moving (no job came, or its process
 * died) is set going by a new job; and where jobs do not help, because the queue is broken or nobody works it, in this
 * process. Depends on nothing of the queue. Returns how many did not move.
 */
export async function watchdogTick(
  platform: Platform,
  queues: QueueDefinition[],
  { wake, knows }: Pick<Runner, 'wake' | 'knows'>,
  timetable: Timetable | null,
): Promise<number> {
  const horizon = timetable === null ? 0 : HORIZON_MS / 1_000;
  const { rows } = await platform.db.pool.query<Due>(DUE, [horizon, SEEN_AT_ONCE]);
  for (const { inMs, ...call } of rows) if (inMs > 0) timetable?.set(call, inMs);
  // What this process is at, or has in line, moves.
  const resting = rows.filter(({ id, inMs }) => inMs <= -OVERDUE_AFTER && !knows(id)).slice(0, ENQUEUED_AT_ONCE);
  if (resting.length === 0) return 0;
  const neglected = resting.filter(({ inMs }) => inMs <= -NEGLECTED_AFTER);
  platform.log.warn({ due: resting.length, neglected: neglected.length }, 'access work was due and not moving');
  const here = (calls: Call[]) => {
    for (const { id, purpose, owner } of calls) wake(id, purpose, owner);
  };
  if (!(await enqueue(platform, resting))) {
    // The queue's tables may be gone; making them again is what starting does.
    const mended = await platform.queue.start(queues).then(
      () => enqueue(platform, resting),
      () => false,
    );
    if (!mended) here(resting);
  }
  here(neglected);
  return resting.length;
}

async function enqueue(platform: Platform, due: Due[]): Promise<boolean> {
  let sent = true;
  await platform.db.tx(async (tx) => {
    for (const { id, purpose, owner } of due) {
      sent = (await setAlarm(platform, tx, { assignmentId: id, purpose, owner }, 'now')) && sent;
      if (!sent) return;
    }
  });
  return sent;
}

const DUE = `
  with due as (
    select a.id, a.principal_id as owner, a.next_at, case when exists (
        select from grants g where g.assignment_id = a.id
        and (g.status = 'ending' or (g.status = 'active' and g.closes_at <= greatest(app_now(), a.next_at)))
      ) or a.take_after is not null then 'take'
      when exists (select from grants g where g.assignment_id = a.id and g.status in ('scheduled', 'activating', 'active')) then 'give'
      else 'watch' end as purpose
    from assignments a
    where a.next_at <= app_now() + make_interval(secs => $1) and (a.lease_until is null or a.lease_until <= app_now())
  )
  select id, owner, purpose, extract(epoch from next_at - app_now())::float8 * 1000 as "inMs" from due
  order by array_position(array['take', 'give', 'watch'], purpose), row_number() over (partition by purpose, owner order by next_at), next_at limit $2`;
