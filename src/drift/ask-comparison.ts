import { type Actor, record } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { DRIFT_ASKED } from './queues.ts';

/** What is to be compared: our own assignments, everything in one account, or everything that one person has. */
export type Wish =
  | { scope: 'own'; scopeId: null }
  | { scope: 'account'; scopeId: string }
  | { scope: 'user'; scopeId: string };

/** Asks for a comparison as soon as possible; one that waits already serves both. */
export async function askComparison(
  platform: Pick<Platform, 'queue'>,
  tx: Tx,
  wish: Wish,
  actor: Actor,
): Promise<void> {
  const { scope, scopeId } = wish;
  const waiting = await tx.driftRequest.count({ where: { scope, scopeId, finishedAt: null, done: 0, expected: null } });
  if (waiting === 0) {
    await tx.driftRequest.create({
      data: { scope, scopeId, requestedById: actor.id, requestedByName: actor.name },
    });
    await record(tx, {
      kind: 'drift.asked',
      actor,
      subject: { kind: 'drift', id: scopeId ?? scope },
      after: { scope, scopeId },
    });
  }
  await platform.queue.send(tx, DRIFT_ASKED, {});
}
