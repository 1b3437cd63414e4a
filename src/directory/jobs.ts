import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { type AlarmAddress, raiseManagementAlarm } from './management-alarm.ts';
import { SYNC_QUEUE } from './queues.ts';
import { askForKinds } from './runs-store.ts';
import { type SyncOptions, syncWhatIsDue } from './sync.ts';

export interface DirectoryJobs extends Pick<SyncOptions, 'onChanged'>, AlarmAddress {
  /** The groups that policies and personas name. */
  groups: (tx: Tx) => Promise<string[]>;
}

/** Works the directory's queues, and asks for a first copy. Call it after the queue was started and AWS was bound. */
export async function registerDirectoryJobs(
  platform: Platform,
  { groups, onChanged, ...address }: DirectoryJobs,
): Promise<void> {
  const { queue, db } = platform;
  await queue.work(SYNC_QUEUE, { pollSeconds: 2 }, async (_data, signal) => {
    await syncWhatIsDue(platform, {
      groups: () => groups(db.prisma),
      ...(onChanged ? { onChanged } : {}),
      onReachedManagementAccount: (tx, reached) => raiseManagementAlarm(tx, reached, address),
      signal,
    });
  });
  await queue.schedule(SYNC_QUEUE, '*/10 * * * *');
  await db.tx(async (tx) => {
    // Whoever starts Latchkey with other administrators' groups waits for nothing; everything else is copied as it ages.
    await askForKinds(tx, ['memberships']);
    await queue.send(tx, SYNC_QUEUE, {});
  });
}
