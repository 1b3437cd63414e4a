import { createHash } from 'node:crypto';
import {
  type Attention,
  type AwsAway,
  failedGrants,
  type GivingStop,
  type LeftBehind,
  leftBehind,
  listReplicas,
  type OverdueGrant,
  overdueGrants,
  type Promises,
  type Replica,
  readAttention,
  readAwsAway,
  readGiving,
  readPromises,
  type StuckGrant,
  stuckGrants,
} from '../access/index.ts';
import { directoryAge, type KindAge } from '../directory/index.ts';
import type { Platform } from '../platform/index.ts';
import { type PortalState, type QueueDepth, readPortalState, readQueueDepths } from './state-queries.ts';

/** So many rows of a kind are on the page; the rest is counted. */
const SHOWN = 50;
/** What is measured over 30 days changes slowly, and costs more than the rest together. */
const PROMISES_KEPT_MS = 30_000;

/** How Latchkey is, as the page shows it. */
export interface Health {
  attention: Attention;
  /** Null: AWS answers. */
  away: AwsAway | null;
  overdue: OverdueGrant[];
  leftBehind: LeftBehind[];
  stuck: StuckGrant[];
  failed: StuckGrant[];
  giving: GivingStop | null;
  state: PortalState;
  /** Null: the queue's tables are gone. */
  queues: QueueDepth[] | null;
  copies: KindAge[];
  replicas: Replica[];
  promises: Promises;
}

/** Reads everything from the database, and nothing from AWS: it works when AWS is away. */
export function createHealthReader({ db }: Pick<Platform, 'db'>): () => Promise<Health> {
  let promises: { value: Promise<Promises>; at: number } | null = null;

  function keptPromises(): Promise<Promises> {
    if (promises === null || performance.now() - promises.at > PROMISES_KEPT_MS) {
      const value = readPromises(db.prisma);
      promises = { value, at: performance.now() };
      value.catch(() => {
        promises = null;
      });
    }
    return promises.value;
  }

  return async () => {
    const { prisma } = db;
    const attention = await readAttention(prisma);
    const [overdue, left, stuck, failed, giving, state, queues, copies, replicas, kept, away] = await Promise.all([
      attention.overdue > 0 ? overdueGrants(prisma) : [],
      attention.leftBehind > 0 ? leftBehind(prisma, SHOWN) : [],
      attention.stuck > 0 ? stuckGrants(prisma, SHOWN) : [],
      failedGrants(prisma, SHOWN),
      readGiving(prisma),
      readPortalState(prisma),
      readQueueDepths(db),
      directoryAge(prisma),
      listReplicas(prisma),
      keptPromises(),
      readAwsAway(prisma),
    ]);
    return {
      attention,
      away,
      overdue: overdue.slice(0, SHOWN),
      leftBehind: left,
      stuck,
      failed,
      giving,
      state,
      queues,
      copies: copies.kinds,
      replicas,
      promises: kept,
    };
  };
}

/** Stands for what a page shows: another one means that it shows something old. */
export function versionOf(shown: object): string {
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 16);
}
