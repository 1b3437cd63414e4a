import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import type { QueueDefinition } from '../platform/queue.ts';
import type { ReadPurpose } from './plan.ts';
import type { Now } from './store.ts';

/** The queue of alarms: each says "look after this assignment now". Rows say what is due; a lost alarm is only late. */
export const ACCESS_QUEUE = 'access';

export const ACCESS_QUEUES: QueueDefinition[] = [
  {
    name: ACCESS_QUEUE,
    // One waiting alarm per key; one that is being worked on does not swallow the next.
    policy: 'short',
    notify: true,
    // Whoever loses an alarm is late by the watchdog's seconds; a retried alarm would only come later than that.
    retryLimit: 0,
    deleteAfterSeconds: 3_600,
  },
];

export interface Alarm {
  assignmentId: string;
  purpose: ReadPurpose;
  /** The person whom the assignment is for: one who asked for many does not make others wait behind all of them. */
  owner?: string;
}

/**
 * Enqueues, in the transaction of the change, that the assignment is looked after now or at the given time.
 * Waiting alarms are told apart by their time: one for later must not swallow one for now. False: the queue is broken.
 */
export async function setAlarm(
  { queue }: Pick<Platform, 'queue'>,
  tx: Tx,
  alarm: Alarm,
  when: 'now' | { at: Date; clock: Now },
): Promise<boolean> {
  const key = `${alarm.purpose}/${alarm.assignmentId}`;
  if (when === 'now') return queue.send(tx, ACCESS_QUEUE, alarm, { key });
  const { at, clock } = when;
  // The queue runs on the database's real clock. The two differ in tests only, where app_now() is moved.
  const startAfter = new Date(at.getTime() - clock.now.getTime() + clock.real.getTime());
  return queue.send(tx, ACCESS_QUEUE, alarm, { key: `${key}@${at.toISOString()}`, startAfter });
}
