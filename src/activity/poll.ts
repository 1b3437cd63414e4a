import { appNow } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import type { EventSource } from './cloudtrail.ts';
import { matchesGrant } from './match.ts';
import {
  addCursors,
  advanceCursor,
  claimDueCursors,
  type DueCursor,
  delayCursor,
  readFrom,
  storeMatches,
} from './store.ts';

/** A longer range is read in slices, so that what was read stays read when a later slice fails. */
const SLICE_MS = 3_600_000;
/** Few, so that reading what was done never crowds out giving and taking. */
const AT_ONCE = 4;

/**
 * Reads the activity of all grants whose time it is. A failure delays that grant's Region and no other.
 * `partition` is AWS's: 'aws', 'aws-us-gov'.
 */
export async function pollActivity(
  platform: Platform,
  source: EventSource,
  partition: string,
  regions: string[],
  signal?: AbortSignal,
): Promise<void> {
  const { db, log } = platform;
  await addCursors(db, regions);
  for (;;) {
    const due = await claimDueCursors(db, AT_ONCE);
    await Promise.all(
      due.map(async (cursor) => {
        try {
          await readCursor(platform, source, partition, cursor, signal);
        } catch (error) {
          await delayCursor(db, cursor, messageOf(error));
          log.warn(
            { err: messageOf(error), account: cursor.accountId, region: cursor.region },
            'activity could not be read',
          );
        }
      }),
    );
    if (due.length < AT_ONCE) return;
  }
}

async function readCursor(
  { db }: Platform,
  source: EventSource,
  partition: string,
  cursor: DueCursor,
  signal?: AbortSignal,
): Promise<void> {
  const end = await appNow(db.prisma);
  let from = readFrom(cursor);
  do {
    const to = new Date(Math.min(from.getTime() + SLICE_MS, end.getTime()));
    const range = {
      partition,
      accountId: cursor.accountId,
      region: cursor.region,
      userName: cursor.userName,
      from,
      to,
    };
    for await (const events of source.read(range, signal)) {
      await storeMatches(
        db,
        cursor.grantId,
        events.filter((event) => matchesGrant(event.identity, cursor)),
      );
    }
    await advanceCursor(db, cursor, to);
    from = to;
  } while (from < end);
}
