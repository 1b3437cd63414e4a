import { z } from 'zod';
import type { Platform } from '../platform/index.ts';
import { expireDueRequests, expireRequest } from './expire-requests.ts';
import { EXPIRE_DUE, EXPIRE_REQUEST } from './queues.ts';

const Job = z.object({ requestId: z.uuid() });

/** Works the queues that expire what nobody decides. */
export async function registerRequestJobs(platform: Platform): Promise<void> {
  await platform.queue.work(EXPIRE_REQUEST, {}, async (data: object) => {
    await expireRequest(platform, Job.parse(data).requestId);
  });
  await platform.queue.work(EXPIRE_DUE, {}, async () => {
    await expireDueRequests(platform);
  });
  await platform.queue.schedule(EXPIRE_DUE, '* * * * *');
}
