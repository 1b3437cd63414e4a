import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { AwsReadError } from './aws-call.ts';
import { describeUser } from './live.ts';
import { storeUser } from './store-user.ts';

export interface WatchOptions {
  /** The users who hold a grant or a session. */
  watched: (tx: Tx) => Promise<string[]>;
  /** Ends what the user has. Called again at the next watch for as long as the user is watched. */
  onGone: (userId: string, why: 'user_disabled' | 'user_deleted') => Promise<void>;
  signal?: AbortSignal;
}

/**
 * Asks Identity Center for each watched user, and tells who was disabled or deleted. Someone who cannot be asked for,
 * because AWS is away, stays as they are: nothing is concluded from silence. Gives how many were seen and how many
 * are gone; throws the last failure at the end.
 */
export async function watchUsers(platform: Platform, options: WatchOptions): Promise<{ seen: number; gone: number }> {
  const { db, log } = platform;
  const userIds = [...new Set(await options.watched(db.prisma))];
  let seen = 0;
  let gone = 0;
  let failure: unknown;
  let failuresInARow = 0;
  for (const userId of userIds) {
    options.signal?.throwIfAborted();
    // Where AWS is away, asking for the rest would only take until the next watch.
    if (failuresInARow >= 3) break;
    try {
      const user = await describeUser(platform, userId, { priority: 'poll', attempts: 2, signal: options.signal });
      seen += 1;
      failuresInARow = 0;
      if (user?.enabled) continue;
      gone += 1;
      await db.tx((tx) => storeUser(tx, userId, user));
      await options.onGone(userId, user === null ? 'user_deleted' : 'user_disabled');
    } catch (error) {
      failure = error;
      if (error instanceof AwsReadError) failuresInARow += 1;
      log.warn({ err: error, userId }, 'a user could not be watched; the next watch tries again');
    }
  }
  if (failure !== undefined) throw failure;
  return { seen, gone };
}
