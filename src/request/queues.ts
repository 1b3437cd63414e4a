import type { QueueDefinition } from '../platform/queue.ts';
import { POLICIES_CHANGED } from '../policy/index.ts';

/** Wakes one request when its waiting time is up. */
export const EXPIRE_REQUEST = 'request-expire';
/** Each minute: whatever is due by its row, for the jobs that got lost. */
export const EXPIRE_DUE = 'request-expire-due';

export const REQUEST_QUEUES: QueueDefinition[] = [
  { name: EXPIRE_REQUEST, retryLimit: 5, retryDelay: 5, retryBackoff: true, retryDelayMax: 60, notify: true },
  { name: EXPIRE_DUE, policy: 'short', retryLimit: 0, notify: true },
  // `short`: however much changes at once, one run waits, and looks at every pending request. Each minute there is a
  // run anyway: policies begin and end by their dates too.
  { name: POLICIES_CHANGED, policy: 'short', retryLimit: 5, retryDelay: 5, retryBackoff: true, notify: true },
];
