import type { Platform } from '../platform/index.ts';
import { ACCESS_QUEUE, type Alarm } from './alarm.ts';
import type { Converger } from './converger.ts';

export { ACCESS_QUEUES } from './alarm.ts';

/** Immediate alarms wake at once, and what falls due is on the timetable: what polling finds was missed by both. */
const POLL_SECONDS = 2;

/**
 * Works the alarms. The handler hands over to the runner and is done: how long the work takes, and whether it
 * fails, is the rows' business, and one assignment that hangs keeps no other alarm from being heard.
 */
export async function registerAccessJobs({ queue }: Platform, converger: Converger): Promise<void> {
  await queue.work<Alarm>(
    ACCESS_QUEUE,
    { batch: 100, pollSeconds: POLL_SECONDS },
    async ({ assignmentId, purpose, owner }) => converger.wake(assignmentId, purpose, owner),
  );
}
