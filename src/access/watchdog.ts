import type { Platform } from '../platform/index.ts';
import type { QueueDefinition } from '../platform/queue.ts';
import { setAlarm } from './alarm.ts';
import type { Purpose } from './plan.ts';

/** How often each process looks, in milliseconds. */
export const WATCHDOG_PERIOD_MS = 2_000;
/** So many are looked at in one go, the longest overdue first; the rest next time. */
const AT_ONCE = 200;

interface Due {
  id: string;
  purpose: Purpose;
  /** Its alarm had its chance and did not help. */
  neglected: boolean;
}

/**
 * Finds what is due and not moving (no job came, or its process died), and sets it going: by a new job; and where
 * jobs do not help, because the queue is broken or nobody works it, in this process. Depends on nothing of the queue.
 */
export async function watchdogTick(
  platform: Platform,
  queues: QueueDefinition[],
  wake: (id: string, purpose: Purpose) => void,
): Promise<number> {
  const { rows } = await platform.db.pool.query<Due>(DUE, [AT_ONCE]);
  if (rows.length === 0) return 0;
  platform.log.warn(
    { due: rows.length, neglected: rows.filter((each) => each.neglected).length },
    'access work was due and not moving',
  );
  if (!(await enqueue(platform, rows))) {
    // The queue's tables may be gone; making them again is what starting does.
    const mended = await platform.queue.start(queues).then(
      () => enqueue(platform, rows),
      () => false,
    );
    if (!mended) for (const { id, purpose } of rows) wake(id, purpose);
  }
  for (const { id, purpose, neglected } of rows) if (neglected) wake(id, purpose);
  return rows.length;
}

async function enqueue(platform: Platform, due: Due[]): Promise<boolean> {
  let sent = true;
  await platform.db.tx(async (tx) => {
    for (const { id, purpose } of due) {
      sent = (await setAlarm(platform, tx, { assignmentId: id, purpose }, 'now')) && sent;
      if (!sent) return;
    }
  });
  return sent;
}

const DUE = `
  select a.id, case when exists (
      select from grants g where g.assignment_id = a.id
      and (g.status = 'ending' or (g.status = 'active' and g.closes_at <= app_now()))
    ) then 'take' else 'give' end as purpose,
    a.next_at <= app_now() - interval '6 seconds' as neglected
  from assignments a
  where a.next_at <= app_now() - interval '2 seconds' and (a.lease_until is null or a.lease_until <= app_now())
  order by a.next_at limit $1`;
