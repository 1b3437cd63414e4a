import { Gauge } from 'prom-client';
import { accessMetrics, listReplicas, readAttention, readGiving } from '../access/index.ts';
import { directoryAge } from '../directory/index.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { type Figures, GAUGES } from './gauges.ts';
import { countGrants, readPortalState, readQueueDepths } from './state-queries.ts';

/** A scrape within this time of the last one gets the same figures. */
const KEPT_MS = 5_000;
/** A database that takes longer is away, as far as a scrape is concerned. */
const PATIENCE_MS = 4_000;

/**
 * Adds what the database says to what Prometheus reads, asked when it reads it. Where the database is away the scrape
 * answers all the same: `latchkey_database_up` is 0 then, and what only the database knows is missing.
 */
export function registerHealthMetrics(platform: Pick<Platform, 'db' | 'log' | 'metrics'>): void {
  const { metrics, log } = platform;
  accessMetrics(metrics);
  let kept: { figures: Promise<Figures | null>; at: number } | null = null;

  function figures(): Promise<Figures | null> {
    if (kept !== null && performance.now() - kept.at < KEPT_MS) return kept.figures;
    const fresh = withPatience(readFigures(platform)).catch((error: unknown) => {
      log.warn({ err: messageOf(error) }, 'the database did not answer for the metrics');
      kept = null;
      return null;
    });
    kept = { figures: fresh, at: performance.now() };
    return fresh;
  }

  const registers = [metrics];
  new Gauge({
    name: 'latchkey_database_up',
    help: '1 where the database answered this scrape.',
    registers,
    async collect() {
      this.set((await figures()) === null ? 0 : 1);
    },
  });
  for (const { name, help, labels = [], samples } of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers,
      async collect() {
        const read = await figures();
        this.reset();
        // Without labels a gauge starts again at 0, which nobody said.
        if (labels.length === 0) this.remove();
        if (read !== null) for (const [values, value] of samples(read)) this.set(values, value);
      },
    });
  }
}

async function readFigures({ db }: Pick<Platform, 'db'>): Promise<Figures> {
  const { prisma } = db;
  const [attention, grants, state, queues, { kinds }, replicas, giving] = await Promise.all([
    readAttention(prisma),
    countGrants(prisma),
    readPortalState(prisma),
    readQueueDepths(db),
    directoryAge(prisma),
    listReplicas(prisma),
    readGiving(prisma),
  ]);
  const copies = kinds.flatMap(({ kind, succeededAt }) =>
    succeededAt ? [{ kind, ageSeconds: (attention.now.getTime() - succeededAt.getTime()) / 1_000 }] : [],
  );
  const alive = replicas.filter((each) => each.alive).length;
  return { attention, grants, state, queues, copies, replicas: alive, givingStopped: giving !== null };
}

async function withPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the database took too long')), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
