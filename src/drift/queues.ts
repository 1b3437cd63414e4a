import type { QueueDefinition } from '../platform/queue.ts';

/** Comparisons that somebody asked for. */
export const DRIFT_ASKED = 'drift-asked';
/** Our own assignments every hour, and all accounts one after the other. */
export const DRIFT_ROLLING = 'drift-rolling';

// `stately`: at most one waits and one runs, for all replicas together. The heartbeat frees the place of a process that died.
const oneAtATime = { policy: 'stately', retryLimit: 0, heartbeatSeconds: 30 } as const;

export const DRIFT_QUEUES: QueueDefinition[] = [
  { name: DRIFT_ASKED, ...oneAtATime, notify: true, expireInSeconds: 3_600 },
  { name: DRIFT_ROLLING, ...oneAtATime, notify: true, expireInSeconds: 3_600 },
];
