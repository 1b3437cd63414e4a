import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { SYNC_QUEUE } from './queues.ts';

/** Asks for a new copy as soon as possible. Where one waits already, that one does; one under way is followed by this. */
export async function requestSync(platform: Pick<Platform, 'queue'>, tx: Tx, actor: Actor): Promise<void> {
  await record(tx, { kind: 'directory.copy-requested', actor, subject: { kind: 'directory', id: 'all' } });
  await platform.queue.send(tx, SYNC_QUEUE, {});
}
