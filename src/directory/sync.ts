import { record, systemActor } from '../audit/index.ts';
import { alone } from '../platform/alone.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import type { CallOptions } from './aws-call.ts';
import { forgetOldChanges } from './change-store.ts';
import type { Changes } from './copy-store.ts';
import { dueKinds } from './due.ts';
import { boundInstance } from './instance.ts';
import { countProgress } from './progress.ts';
import { type ReadOptions, readKind } from './read-kind.ts';
import {
  answerRequests,
  askedKinds,
  lockRun,
  noteFailure,
  noteProgress,
  noteSuccess,
  Overtaken,
  SYNC_KINDS,
  type SyncKind,
  startRun,
} from './runs-store.ts';

export interface SyncOptions extends ReadOptions {
  /** Called in the transaction that stores a copy in which something is not as it was. */
  onChanged?: (tx: Tx, kind: SyncKind) => Promise<void>;
  /** All of them unless told otherwise. */
  kinds?: readonly SyncKind[];
  /** How often a call is tried where AWS throttles it or is away; eight times unless told otherwise. */
  attempts?: number;
  signal?: AbortSignal;
}

/** How a kind's run ended. */
export type SyncOutcome = ({ ok: true; rows: number } & Changes) | { ok: false; error: string };
type Outcomes = Map<SyncKind, SyncOutcome>;

/** What one replica does at a time: any number that nothing else takes. */
const LOCK = 7_203_114;
/** Enough to outlast half a minute of throttling, little enough to end well before the next run. */
const ATTEMPTS = 8;
/** Storing 50,000 people for the first time takes its time on a busy database. */
const LONGEST_STORING_SECONDS = 120;

/**
 * Copies accounts, units, permission sets, users, groups and the members of the named groups from AWS: all kinds, or
 * those given. Each kind is one transaction, written only when all of it was read: one that fails keeps its old copy,
 * says why in `directory_syncs`, and stops no other. Null where a copy runs already, here or on another replica.
 */
export async function syncDirectory(platform: Platform, options: SyncOptions): Promise<Outcomes | null> {
  const kinds = SYNC_KINDS.filter((kind) => (options.kinds ?? SYNC_KINDS).includes(kind));
  return alone(platform, LOCK, () => syncKinds(platform, options, kinds));
}

/**
 * Copies what was asked for or is old, until nothing is: what is asked for while a copy runs is copied after it. Null
 * where a copy runs already, here or on another replica, which then sees what was asked for.
 */
export async function syncWhatIsDue(platform: Platform, options: Omit<SyncOptions, 'kinds'>): Promise<Outcomes | null> {
  const { db } = platform;
  return alone(platform, LOCK, async () => {
    const outcomes: Outcomes = new Map();
    for (;;) {
      options.signal?.throwIfAborted();
      const [standings, asked] = await Promise.all([db.prisma.directorySync.findMany(), askedKinds(db.prisma)]);
      const kinds = dueKinds(SYNC_KINDS, standings, asked, await appNow(db.prisma));
      if (kinds.length === 0) return outcomes;
      await answerRequests(db.prisma, kinds);
      for (const [kind, outcome] of await syncKinds(platform, options, kinds)) outcomes.set(kind, outcome);
    }
  });
}

/** All at the same time, so that the slowest of AWS's limits alone says how long it takes. */
async function syncKinds(platform: Platform, options: SyncOptions, kinds: readonly SyncKind[]): Promise<Outcomes> {
  const settled = await Promise.allSettled(
    kinds.map(async (kind) => [kind, await syncKind(platform, kind, options)] as const),
  );
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  await forgetOldChanges(platform.db.prisma);
  return new Map(settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
}

async function syncKind(platform: Platform, kind: SyncKind, options: SyncOptions): Promise<SyncOutcome> {
  const { db, log } = platform;
  const run = await startRun(db.prisma, kind);
  const progress = countProgress(run.rowsBefore, (done, expected) => noteProgress(db.prisma, run, done, expected));
  try {
    const call: CallOptions = {
      priority: 'sync',
      attempts: options.attempts ?? ATTEMPTS,
      signal: options.signal,
      onRead: (things) => progress.read(things),
    };
    const read = await readKind(platform, kind, await boundInstance(platform), options, call, progress);
    await progress.stop();
    const changes = await db.tx(
      async (tx) => {
        const before = await lockRun(tx, run);
        const counts = await read.store(tx, { tell: !before.first });
        const total = counts.added + counts.changed + counts.removed;
        await noteSuccess(tx, run, counts, read.rows, await appNow(tx));
        if (total > 0 || before.error !== null)
          await tell(tx, 'directory.copied', kind, { ...counts, rows: read.rows });
        if (total > 0) await options.onChanged?.(tx, kind);
        return counts;
      },
      { seconds: LONGEST_STORING_SECONDS },
    );
    return { ok: true, rows: read.rows, ...changes };
  } catch (error) {
    await progress.stop();
    // A process that stops did not fail, and one that was overtaken has nothing to say any more.
    if (options.signal?.aborted || error instanceof Overtaken) throw error;
    const sentence = messageOf(error);
    log.warn({ err: error, kind }, 'the copy of the directory could not be renewed');
    await db.tx(async (tx) => {
      const before = await lockRun(tx, run);
      await noteFailure(tx, run, sentence, await appNow(tx));
      // A failure that lasts is one event, not one every ten minutes.
      if (before.error === null) await tell(tx, 'directory.copy-failed', kind, { error: sentence });
    });
    return { ok: false, error: sentence };
  }
}

async function tell(tx: Tx, event: string, kind: SyncKind, after: Record<string, unknown>): Promise<void> {
  await record(tx, { kind: event, actor: systemActor('directory'), subject: { kind: 'directory', id: kind }, after });
}
