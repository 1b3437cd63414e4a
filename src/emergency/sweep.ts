import { endGrant } from '../access/index.ts';
import type { Actor } from '../audit/index.ts';
import { ConflictError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { claimEmergency, type Emergency, grantsToEnd, markSwept, unsweptEmergencies } from './store.ts';

/** So many end in one transaction: few enough that nobody waits long for their locks. */
const BATCH = 25;
/** The actor of `latchkey revoke`. */
export const COMMAND_LINE = 'command-line';

/**
 * Ends what is left to end of every emergency: in batches, each in a transaction of its own, so that whoever dies in
 * between leaves the rest to the next. A grant that cannot be ended holds up no other. How many it ended. Throws where
 * the database is away.
 */
export async function sweep(platform: Platform, signal?: AbortSignal): Promise<number> {
  let ended = 0;
  for (const emergency of await unsweptEmergencies(platform.db.prisma)) {
    ended += await sweepOne(platform, emergency, signal);
  }
  return ended;
}

async function sweepOne(platform: Platform, emergency: Emergency, signal?: AbortSignal): Promise<number> {
  const troubled: string[] = [];
  let ended = 0;
  while (!signal?.aborted) {
    const ids = await grantsToEnd(platform.db.prisma, emergency.id, { size: BATCH, without: troubled });
    if (ids.length === 0) break;
    const done = await endBatch(platform, emergency, ids).catch(() => null);
    // Another process is at it.
    if (done === 0) return ended;
    ended += done ?? (await endEach(platform, emergency, ids, troubled));
  }
  if (troubled.length === 0) await markSwept(platform.db.prisma, emergency.id);
  return ended;
}

/** One after the other, so that those that cannot be ended are found and left for the next time. */
async function endEach(platform: Platform, emergency: Emergency, ids: string[], troubled: string[]): Promise<number> {
  let ended = 0;
  for (const id of ids) {
    try {
      ended += await endBatch(platform, emergency, [id]);
    } catch (error) {
      troubled.push(id);
      platform.log.error({ err: error, emergency: emergency.id, grant: id }, 'a grant could not be ended; tried again');
    }
  }
  return ended;
}

/** How many of them were looked at; 0: another process is at this emergency. */
async function endBatch(platform: Platform, emergency: Emergency, ids: string[]): Promise<number> {
  return platform.db.tx(async (tx) => {
    if (!(await claimEmergency(tx, emergency.id))) return 0;
    for (const grantId of ids) {
      try {
        await endGrant(platform, tx, {
          grantId,
          cause: 'admin',
          comment: emergency.reason,
          actor: actorOf(emergency),
          emergencyId: emergency.id,
        });
      } catch (error) {
        // It is over meanwhile: nothing was written for it.
        if (!(error instanceof ConflictError)) throw error;
      }
    }
    return ids.length;
  });
}

function actorOf({ startedById: id, startedByName: name }: Emergency): Actor {
  return id === COMMAND_LINE ? { kind: 'system', id, name, via: 'cli' } : { kind: 'user', id, name, via: 'worker' };
}
