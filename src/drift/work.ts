import { alone } from '../platform/alone.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { ASKED, createDriftReader, mayPass, type Pace, SLOW } from './aws-reader.ts';
import { clearOutOfReach } from './clear-out-of-reach.ts';
import { compareOwn, type Outcome } from './compare-own.ts';
import { compareAccount, compareUser, type Pass } from './pass.ts';
import { reopenFailed } from './reopen-failed.ts';
import { type DriftRequest, finish, nextAsked, nextStep, noteProgress } from './requests-store.ts';

/** What one replica does at a time: any numbers that nothing else takes. */
const ASKED_LOCK = 7_203_115;
const ROLLING_LOCK = 7_203_116;
/** A run of the rolling comparison ends after this, so that another process may take over; the schedule starts the next. */
const LONGEST_RUN_MS = 5 * 60_000;
const MOST_FAILURES = 2;

/** Works off what was asked for. Null where another process is at it. */
export async function workAsked(platform: Platform, signal: AbortSignal, pace = ASKED): Promise<number | null> {
  return alone(platform, ASKED_LOCK, async () => {
    let worked = 0;
    for (;;) {
      const request = await nextAsked(platform.db.prisma);
      if (request === null) return worked;
      await answer(platform, request, pace, signal);
      worked += 1;
    }
  });
}

/**
 * Compares our own assignments where an hour has passed, and then account by account, the one that was read the
 * longest ago first, at most one call to AWS a second. How many accounts it read; null where another process is at it.
 */
export async function workRolling(platform: Platform, signal: AbortSignal, pace = SLOW): Promise<number | null> {
  return alone(platform, ROLLING_LOCK, async () => {
    const startedAt = performance.now();
    const { db } = platform;
    const pass: Pass = { platform, reader: createDriftReader(platform, pace, signal), signal };
    const failed: string[] = [];
    let read = 0;
    let unanswered = 0;
    while (performance.now() - startedAt < LONGEST_RUN_MS) {
      const { hourly, accountId } = await nextStep(db.prisma, failed);
      if (hourly !== null) await answer(platform, hourly, pace, signal);
      if (accountId === null) break;
      try {
        await compareAccount(pass, accountId);
        read += 1;
      } catch (error) {
        signal.throwIfAborted();
        platform.log.warn({ err: error, accountId }, 'the assignments of an account could not be compared');
        failed.push(accountId);
        // What AWS refuses, it refuses for that account alone; where it answers for none, it is away.
        if (mayPass(error)) unanswered += 1;
        if (unanswered > read + MOST_FAILURES) break;
      }
    }
    await reopenFailed(platform);
    await clearOutOfReach(platform);
    return read;
  });
}

/** Throws only where the process stops or the database is away: then it is taken up again where it was. */
async function answer(platform: Platform, request: DriftRequest, pace: Pace, signal: AbortSignal): Promise<void> {
  const { db, log } = platform;
  const pass: Pass = { platform, reader: createDriftReader(platform, pace, signal), signal };
  try {
    await finish(db.prisma, request.id, await compareAll(pass, request));
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error, scope: request.scope, scopeId: request.scopeId }, 'a comparison with AWS did not succeed');
    await finish(db.prisma, request.id, { found: null, error: inWords(error, request) });
  }
}

async function compareAll(pass: Pass, request: DriftRequest): Promise<Outcome> {
  const { id, scope, scopeId } = request;
  const { prisma } = pass.platform.db;
  if (scope === 'account' && scopeId !== null) {
    const onProgress = (done: number, expected: number) => noteProgress(prisma, id, { done, expected });
    return { found: await compareAccount(pass, scopeId, onProgress), error: null };
  }
  if (scope === 'user' && scopeId !== null) return { found: await compareUser(pass, scopeId), error: null };
  return compareOwn(pass, request);
}

function inWords(error: unknown, { scope }: DriftRequest): string {
  const denied = error instanceof Error && error.name === 'AccessDeniedException';
  if (denied && scope === 'user') {
    return 'AWS tells what one person has to the management account only, and Latchkey runs outside of it. Compare the accounts instead.';
  }
  if (denied) {
    return `AWS does not let Latchkey list assignments (${messageOf(error)}). Check the permissions of its role. Of what it may not list nothing was concluded.`;
  }
  return `AWS could not be read (${messageOf(error)}). Nothing was concluded; try again in a minute.`;
}
