import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { SYNC_QUEUE } from './queues.ts';
import { askForKinds, SYNC_KINDS, type SyncKind } from './runs-store.ts';

/**
 * Asks for a new copy of these kinds as soon as possible; all of them unless told otherwise. What is asked for stands
 * in rows, so that it does not matter whether this job or one that waits already finds it. A copy that is under way
 * is followed by this one.
 */
export async function requestSync(
  platform: Pick<Platform, 'queue'>,
  tx: Tx,
  actor: Actor,
  kinds: readonly SyncKind[] = SYNC_KINDS,
): Promise<void> {
  const id = kinds.length === SYNC_KINDS.length ? 'all' : kinds.join(',');
  await record(tx, { kind: 'directory.copy-requested', actor, subject: { kind: 'directory', id } });
  await askForKinds(tx, kinds);
  await platform.queue.send(tx, SYNC_QUEUE, {});
}
