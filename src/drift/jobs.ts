import type { Platform } from '../platform/index.ts';
import { DRIFT_ASKED, DRIFT_ROLLING } from './queues.ts';
import { isNeglected, nextAsked } from './requests-store.ts';
import { workAsked, workRolling } from './work.ts';

// What is asked for wakes the worker, and the schedule comes every minute: to look for jobs in between is of no use.
const RARELY = { pollSeconds: 30 };

/**
 * Works the queues of drift. What is asked for stands in rows: a lost job is found by the next minute's, and where the
 * queue itself is broken, by `compareNeglected`.
 */
export async function registerDriftJobs(platform: Platform): Promise<void> {
  const { db, queue } = platform;
  await queue.work(DRIFT_ASKED, RARELY, async (_data, signal) => void (await workAsked(platform, signal)));
  await queue.work(DRIFT_ROLLING, RARELY, async (_data, signal) => void (await workRolling(platform, signal)));
  await queue.schedule(DRIFT_ASKED, '* * * * *');
  await queue.schedule(DRIFT_ROLLING, '* * * * *');
  // What was asked for while nobody was there, say for a restored backup, waits for no schedule.
  await db.tx(async (tx) => {
    if ((await nextAsked(tx)) === null) return;
    await queue.send(tx, DRIFT_ASKED, {});
    await queue.send(tx, DRIFT_ROLLING, {});
  });
}

/** Does itself what waits for longer than a job takes to come. */
export async function compareNeglected(platform: Platform, signal: AbortSignal): Promise<void> {
  if (!(await isNeglected(platform.db.prisma))) return;
  platform.log.warn('a comparison was asked for and no job came');
  await workAsked(platform, signal);
}
