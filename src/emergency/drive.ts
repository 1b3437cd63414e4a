import { setTimeout as sleep } from 'node:timers/promises';
import type { Converger } from '../access/index.ts';
import { isDatabaseAway } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { type Progress, readProgress } from './queries.ts';
import { whyStillGoing } from './still-in-words.ts';
import type { Emergency } from './store.ts';
import { sweep } from './sweep.ts';

const PERIOD_MS = 500;
/** So many are driven at once; one that backs off must not hide one that could go. */
const DRIVEN = 20_000;

export interface Driving {
  converger: Pick<Converger, 'wake'>;
  say(line: string): void;
  /** False: only what is to end is written down, and AWS not waited for. */
  wait: boolean;
  signal: AbortSignal;
}

/**
 * Ends what the emergency is about with no other process needed, and returns when AWS has confirmed all of it, or when
 * it is told to stop. How far it is then. While database or AWS are away it says so and goes on trying.
 */
export async function drive(
  platform: Platform,
  emergency: Emergency,
  { converger, say, wait, signal }: Driving,
): Promise<Progress> {
  let said = '';
  const sayOnce = (line: string) => {
    if (line !== said) say(line);
    said = line;
  };
  for (;;) {
    try {
      await sweep(platform, signal);
      const progress = await readProgress(platform.db.prisma, emergency, DRIVEN);
      sayOnce(inWords(progress));
      if (progress.done || signal.aborted || (!wait && progress.waiting === 0)) return progress;
      for (const { due, assignmentId } of progress.still) if (due) converger.wake(assignmentId, 'take');
    } catch (error) {
      if (!isDatabaseAway(error) || signal.aborted) throw error;
      sayOnce('The database is away; trying on.');
    }
    await sleep(PERIOD_MS, null, { signal }).catch(() => {});
  }
}

function inWords({ total, ended, cannotRevoke, still }: Progress): string {
  const trouble = still.find(({ lastError }) => lastError !== null);
  const forbidden = cannotRevoke > 0 ? ` AWS forbids ${cannotRevoke}.` : '';
  const why = trouble
    ? ` ${trouble.accountName}, ${trouble.roleName}: ${Object.values(whyStillGoing(trouble)).join(' ').trim()} Trying on.`
    : '';
  return `${ended} of ${total} gone, confirmed by AWS.${forbidden}${why}`;
}
