import { ListUsersCommand } from '@aws-sdk/client-identitystore';
import type { Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, type CallOptions, callAwsForAll } from './aws-call.ts';
import { eachOf } from './each-of.ts';
import { boundInstance } from './instance.ts';
import { describeUser } from './live.ts';
import { storeUser } from './store-user.ts';

export interface WatchOptions {
  /** The users who hold a grant or a session. */
  watched: (tx: Tx) => Promise<string[]>;
  /** Ends what the user has. Called again at the next watch for as long as the user is watched. */
  onGone: (userId: string, why: 'user_disabled' | 'user_deleted') => Promise<void>;
  signal?: AbortSignal;
}

/** How many users are asked for at the same time; the budget paces them. */
const AT_ONCE = 8;
/** Users a page of ListUsers (Identity Store API Reference). */
const PAGE = 100;
/** Where AWS is away, asking for the rest would only take until the next watch. */
const MOST_FAILURES_IN_A_ROW = 3;

/**
 * Asks Identity Center for each watched user, and tells who was disabled or deleted. Someone who cannot be asked for,
 * because AWS is away, stays as they are: nothing is concluded from silence. Gives how many were seen and how many
 * are gone; throws the last failure at the end.
 *
 * It takes at most as many calls as the whole identity store has pages, and one for each who is not simply there: a
 * minute for the 100,000 users that AWS allows, however many of them are watched.
 */
export async function watchUsers(platform: Platform, options: WatchOptions): Promise<{ seen: number; gone: number }> {
  const { db, log } = platform;
  const watched = [...new Set(await options.watched(db.prisma))];
  const call: CallOptions = { priority: 'poll', attempts: 2, signal: options.signal };
  const inQuestion = await withoutEnabled(platform, watched, call);
  let seen = watched.length - inQuestion.length;
  let gone = 0;
  let failure: unknown;
  let failuresInARow = 0;
  await eachOf(inQuestion, AT_ONCE, async (userId) => {
    options.signal?.throwIfAborted();
    if (failuresInARow >= MOST_FAILURES_IN_A_ROW) return;
    try {
      const user = await describeUser(platform, userId, call);
      seen += 1;
      failuresInARow = 0;
      if (user?.enabled) return;
      gone += 1;
      // First what matters: the copy is only looked at.
      await options.onGone(userId, user === null ? 'user_deleted' : 'user_disabled');
      await db.tx((tx) => storeUser(tx, userId, user));
    } catch (error) {
      failure = error;
      if (error instanceof AwsReadError) failuresInARow += 1;
      log.warn({ err: error, userId }, 'a user could not be watched; the next watch tries again');
    }
  });
  if (failure !== undefined) throw failure;
  return { seen, gone };
}

/**
 * Those whom a list of all users does not show as enabled; all of them where asking for each takes fewer calls. What
 * the list shows of somebody counts in their favour only: whoever it lacks is asked for by name.
 */
async function withoutEnabled(platform: Platform, userIds: string[], call: CallOptions): Promise<string[]> {
  const pages = Math.ceil((await platform.db.prisma.user.count()) / PAGE) + 1;
  if (userIds.length <= pages) return userIds;
  try {
    const { identityStoreId } = await boundInstance(platform);
    const enabled = await callAwsForAll(platform, 'identitystore:ListUsers', call, async (NextToken, options) => {
      const command = new ListUsersCommand({ IdentityStoreId: identityStoreId, MaxResults: PAGE, NextToken });
      const { Users, NextToken: next } = await platform.aws.identityStore.send(command, options);
      // The status is optional in the API: without it, nothing is said.
      return { items: Users?.flatMap((user) => (user.UserStatus === 'ENABLED' ? (user.UserId ?? []) : [])), next };
    });
    const there = new Set(enabled);
    return userIds.filter((id) => !there.has(id));
  } catch (error) {
    call.signal?.throwIfAborted();
    if (!(error instanceof AwsReadError) || error.failure === 'away') throw error;
    platform.log.warn({ err: messageOf(error) }, 'users could not be listed; each is asked for by name');
    return userIds;
  }
}
