import type { Platform } from '../platform/index.ts';
import { DRIFT_ASKED, DRIFT_ROLLING } from './queues.ts';
import { workAsked, workRolling } from './work.ts';

/** Works the queues of drift. What is asked for stands in rows; a lost job is found by the next minute's. */
export async function registerDriftJobs(platform: Platform): Promise<void> {
  const { queue } = platform;
  await queue.work(DRIFT_ASKED, { pollSeconds: 2 }, async (_data, signal) => void (await workAsked(platform, signal)));
  await queue.work(DRIFT_ROLLING, {}, async (_data, signal) => void (await workRolling(platform, signal)));
  await queue.schedule(DRIFT_ASKED, '* * * * *');
  await queue.schedule(DRIFT_ROLLING, '* * * * *');
}
