import type { QueueDefinition } from '../platform/queue.ts';

export const SYNC_QUEUE = 'directory-sync';

// `stately`: at most one waits and one runs, for all replicas together. A run that failed is not repeated: the
// schedule does that anyway. The heartbeat frees the place of a process that died.
const oneAtATime = { policy: 'stately', retryLimit: 0, heartbeatSeconds: 30 } as const;

export const DIRECTORY_QUEUES: QueueDefinition[] = [{ name: SYNC_QUEUE, ...oneAtATime, expireInSeconds: 3_600 }];
