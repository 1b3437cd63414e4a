import { alone } from '../platform/alone.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { createDriftReader, type Pace } from './aws-reader.ts';
import { clearOutOfReach } from './clear-out-of-reach.ts';
import { ownPairs } from './known-store.ts';
import { compareAccount, comparePair, compareUser, type Pass } from './pass.ts';
import { askHourly, type DriftRequest, finish, nextAccount, nextRequest, noteProgress } from './requests-store.ts';

/** What one replica does at a time: any numbers that nothing else takes. */
const ASKED_LOCK = 7_203_115;
const ROLLING_LOCK = 7_203_116;
/** A run of the rolling comparison ends after this, so that another process may take over; the schedule starts the next. */
const LONGEST_RUN_MS = 5 * 60_000;
const MOST_FAILURES = 2;

/** Works off what was asked for. Null where another process is at it. */
export async function workAsked(platform: Platform, signal: AbortSignal): Promise<number | null> {
  return alone(platform, ASKED_LOCK, async () => {
    let worked = 0;
    for (;;) {
      const request = await nextRequest(platform.db.prisma, 'asked');
      if (request === null) return worked;
      await answer(platform, request, 'asked', signal);
      worked += 1;
    }
  });
}

/**
 * Compares our own assignments where an hour has passed, and then account by account, the one that was read the
 * longest ago first, within a small share of AWS's quota. How many accounts it read; null where another process is at it.
 */
export async function workRolling(platform: Platform, signal: AbortSignal): Promise<number | null> {
  return alone(platform, ROLLING_LOCK, async () => {
    const startedAt = performance.now();
    const { db } = platform;
    const pass: Pass = { platform, reader: createDriftReader(platform, 'slow', signal), signal };
    const failed: string[] = [];
    let read = 0;
    while (performance.now() - startedAt < LONGEST_RUN_MS) {
      await askHourly(db.prisma);
      const hourly = await nextRequest(db.prisma, 'hourly');
      if (hourly) await answer(platform, hourly, 'slow', signal);
      const accountId = await nextAccount(db.prisma, failed);
      if (accountId === null) break;
      try {
        await compareAccount(pass, accountId);
        read += 1;
      } catch (error) {
        signal.throwIfAborted();
        platform.log.warn({ err: error, accountId }, 'the assignments of an account could not be compared');
        failed.push(accountId);
        // One account that cannot be read holds up no other; where none can, AWS is away.
        if (failed.length > read + MOST_FAILURES) break;
      }
    }
    await clearOutOfReach(platform);
    return read;
  });
}

/** Throws only where the process stops or the database is away: then it is taken up again where it was. */
async function answer(platform: Platform, request: DriftRequest, pace: Pace, signal: AbortSignal): Promise<void> {
  const { db, log } = platform;
  const pass: Pass = { platform, reader: createDriftReader(platform, pace, signal), signal };
  try {
    const found = await compareAll(pass, request);
    await finish(db.prisma, request.id, { found, error: null });
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error, scope: request.scope, scopeId: request.scopeId }, 'a comparison with AWS did not succeed');
    await finish(db.prisma, request.id, { found: null, error: inWords(error, request) });
  }
}

async function compareAll(pass: Pass, request: DriftRequest): Promise<number> {
  const { id, scope, scopeId } = request;
  const { prisma } = pass.platform.db;
  if (scope === 'account' && scopeId !== null) {
    return compareAccount(pass, scopeId, (done, expected) => noteProgress(prisma, id, { done, expected }));
  }
  if (scope === 'user' && scopeId !== null) return compareUser(pass, scopeId);
  return compareOwn(pass, request);
}

/** One question to AWS for each pair of account and permission set, whoever has it there. */
async function compareOwn(pass: Pass, { id, place, found: before }: DriftRequest): Promise<number> {
  const { prisma } = pass.platform.db;
  const pairs = await ownPairs(prisma);
  let found = before ?? 0;
  for (const [index, { accountId, permissionSetArn }] of pairs.entries()) {
    const here = `${accountId} ${permissionSetArn}`;
    if (place !== null && here <= place) continue;
    found += await comparePair(pass, accountId, permissionSetArn);
    await noteProgress(prisma, id, { done: index + 1, expected: pairs.length, place: here });
  }
  return found;
}

function inWords(error: unknown, { scope }: DriftRequest): string {
  const denied = error instanceof Error && error.name === 'AccessDeniedException';
  if (denied && scope === 'user') {
    return 'AWS tells what one person has to the management account only, and Latchkey runs outside of it. Compare the accounts instead.';
  }
  if (denied) {
    return `AWS does not let Latchkey list assignments (${messageOf(error)}). Check the permissions of its role; nothing was concluded.`;
  }
  return `AWS could not be read (${messageOf(error)}). Nothing was concluded; try again in a minute.`;
}
