import { z } from 'zod';
import type { Platform } from '../platform/index.ts';
import { POLICIES_CHANGED } from '../policy/index.ts';
import { expireDueRequests, expireRequest } from './expire-requests.ts';
import { EXPIRE_DUE, EXPIRE_REQUEST } from './queues.ts';
import { rerouteRequests } from './reroute-requests.ts';

const Job = z.object({ requestId: z.uuid() });

/** Works the queues that expire what nobody decides and let what is pending follow the policies. */
export async function registerRequestJobs(platform: Platform): Promise<void> {
  await platform.queue.work(EXPIRE_REQUEST, {}, async (data: object) => {
    await expireRequest(platform, Job.parse(data).requestId);
  });
  await platform.queue.work(EXPIRE_DUE, {}, async () => {
    await expireDueRequests(platform);
  });
  await platform.queue.work(POLICIES_CHANGED, {}, async (_data, signal) => {
    await rerouteRequests(platform, signal);
  });
  await platform.queue.schedule(EXPIRE_DUE, '* * * * *');
  await platform.queue.schedule(POLICIES_CHANGED, '* * * * *');
}
