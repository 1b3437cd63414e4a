import type { Platform } from '../platform/index.ts';
import type { QueueDefinition } from '../platform/queue.ts';
import { createCloudTrailSource } from './cloudtrail.ts';
import { pollActivity } from './poll.ts';

const POLL = 'activity.poll';

/** `singleton`: one poll at a time, of all replicas; what it misses the next minute's finds. */
export const ACTIVITY_QUEUES: QueueDefinition[] = [
  { name: POLL, policy: 'singleton', retryLimit: 0, expireInSeconds: 900 },
];

/** Polls every minute where a role to read with is configured; otherwise nothing runs, and the pages say how to. */
export async function registerActivityJobs(platform: Platform, partition: string): Promise<void> {
  const { activity } = platform.config;
  if (activity === null) return;
  const source = createCloudTrailSource(platform, activity.roleName);
  await platform.queue.work(POLL, { pollSeconds: 30 }, (_, signal) =>
    pollActivity(platform, source, partition, activity.regions, signal),
  );
  await platform.queue.schedule(POLL, '* * * * *');
}
