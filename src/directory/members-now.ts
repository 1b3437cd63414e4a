import { UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readMemberships } from './aws-reader.ts';
import { boundInstance } from './instance.ts';

/** How long a page waits for it. */
const PATIENCE_MS = 2_000;
/** A group of 10,000 has 100 pages, which take so long at the pace that the budget allows; then it is known. */
const LONGEST_MS = 20_000;
/** A form that asks again with every change asks AWS once in so long. */
const KEPT_MS = 60_000;

interface Reading {
  at: number;
  members: Promise<string[] | null>;
}
const readings = new WeakMap<Platform, Map<string, Reading>>();

/**
 * The user IDs of each group's members by Identity Center, as of the last minute; null for a group that AWS could not
 * tell of in the time that a page waits. For looking ahead only: a group that policies name already is in the copy.
 */
export async function readMembersNow(platform: Platform, groupIds: string[]): Promise<Map<string, string[] | null>> {
  const known = readings.get(platform) ?? new Map<string, Reading>();
  readings.set(platform, known);
  const now = performance.now();
  for (const [groupId, { at }] of known) if (now - at > KEPT_MS) known.delete(groupId);
  const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null).unref());
  return new Map(
    await Promise.all(
      groupIds.map(async (groupId) => {
        const reading = known.get(groupId) ?? { at: now, members: readOne(platform, groupId) };
        known.set(groupId, reading);
        return [groupId, await Promise.race([reading.members, late])] as const;
      }),
    ),
  );
}

async function readOne(platform: Platform, groupId: string): Promise<string[] | null> {
  const call = { priority: 'poll', attempts: 1, signal: AbortSignal.timeout(LONGEST_MS) } as const;
  try {
    const members = await readMemberships(platform, await boundInstance(platform), [groupId], call, UNWATCHED);
    return members.map(({ userId }) => userId);
  } catch (error) {
    if (error instanceof UnavailableError || call.signal.aborted) return null;
    throw error;
  }
}

const UNWATCHED = { expect() {}, read() {}, async stop() {} };
