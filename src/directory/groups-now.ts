import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, type CallOptions } from './aws-call.ts';
import { readMemberships } from './aws-reader.ts';
import { eachOf } from './each-of.ts';
import { boundInstance } from './instance.ts';
import { listGroupIds } from './live.ts';

/** How many are read at the same time; the budget paces them. */
const AT_ONCE = 8;
/** Members a page of ListGroupMemberships (Identity Store API Reference). */
const PAGE = 100;
/** Where AWS is away, asking for the rest is in vain. */
const MOST_FAILURES_IN_A_ROW = 3;
const UNWATCHED = { expect() {}, read() {}, async stop() {} };

/**
 * In which of these groups each of these users is, by Identity Center at this moment: asked group by group or user by
 * user, whichever takes fewer calls. What could not be read is left out, so that a group that is missing in an answer
 * proves nothing; a group that is in it proves membership. Throws `UnavailableError` where AWS is away.
 */
export async function readGroupsNow(
  platform: Platform,
  userIds: readonly string[],
  groupIds: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, Set<string>>> {
  const found = new Map(userIds.map((id) => [id, new Set<string>()]));
  const call: CallOptions = { priority: 'poll', attempts: 2, signal };
  if (found.size <= (await callsByGroup(platform, groupIds))) {
    await sturdily(platform, [...found.keys()], call, async (userId) => {
      for (const groupId of (await listGroupIds(platform, userId, call)) ?? []) found.get(userId)?.add(groupId);
    });
    return found;
  }
  const instance = await boundInstance(platform);
  await sturdily(platform, groupIds, call, async (groupId) => {
    const members = await readMemberships(platform, instance, [groupId], call, UNWATCHED);
    for (const { userId } of members) found.get(userId)?.add(groupId);
  });
  return found;
}

/** As many as the copy lets expect. */
async function callsByGroup({ db }: Platform, groupIds: readonly string[]): Promise<number> {
  const counted = await db.prisma.membership.groupBy({
    by: ['groupId'],
    where: { groupId: { in: [...groupIds] } },
    _count: true,
  });
  const more = counted.reduce((sum, { _count }) => sum + Math.max(0, Math.ceil(_count / PAGE) - 1), 0);
  return groupIds.length + more;
}

/** One that cannot be read holds no other up; many in a row mean that AWS is away. */
async function sturdily(
  platform: Platform,
  ids: readonly string[],
  { signal }: CallOptions,
  read: (id: string) => Promise<void>,
): Promise<void> {
  let failuresInARow = 0;
  await eachOf(ids, AT_ONCE, async (id) => {
    signal?.throwIfAborted();
    try {
      await read(id);
      failuresInARow = 0;
    } catch (error) {
      if (!(error instanceof AwsReadError) || ++failuresInARow >= MOST_FAILURES_IN_A_ROW) throw error;
      platform.log.warn({ err: messageOf(error), id }, 'memberships could not be read; the next watch tries again');
    }
  });
}
