import { fromPrisma, type JobWithMetadata, PgBoss, type Queue as QueueOptions } from 'pg-boss';
import type { Tx } from './db.ts';
import { messageOf } from './errors.ts';
import { connectionFailure, type Log } from './log.ts';

/** How a queue behaves. All of them are declared in one table, in worker.ts. */
export interface QueueDefinition extends Omit<QueueOptions, 'name'> {
  name: string;
}

export interface SendOptions {
  /** At most one waiting job per key, where the queue's policy is `short`. */
  key?: string;
  /** Not before this time. */
  startAfter?: Date;
}

export interface WorkOptions {
  /** Jobs that one process works at the same time. */
  concurrency?: number;
  /** Jobs taken at once and handed over one after the other; for handlers that are done in no time. */
  batch?: number;
  /** How often to look for jobs whose time has come, in seconds (0.5 at the least); immediate jobs wake at once. */
  pollSeconds?: number;
}

/** The job queue: alarm clocks for what the rows say is due. Rows are the truth, a lost job is only late. */
export interface Queue {
  /**
   * Connects, makes or updates its own tables, and applies the declarations. Also mends a queue that was broken,
   * schedules included.
   */
  start(definitions: QueueDefinition[]): Promise<void>;
  stop(): Promise<void>;
  /**
   * Enqueues with the transaction: no change without its job. Where enqueueing itself fails, the change is kept
   * and the failure logged (and answered with false): the watchdogs find what is due without it.
   */
  send(tx: Tx, name: string, data: object, options?: SendOptions): Promise<boolean>;
  work<T extends object>(
    name: string,
    options: WorkOptions,
    handler: (data: T, signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /** Runs on a cron expression (minutes, UTC), once for all replicas. */
  schedule(name: string, cron: string): Promise<void>;
}

/** How often a process sees to it that queues and schedules are declared, in milliseconds. */
const KEEP_EVERY_MS = 120_000;

/** After a fail-over old connections lead to a server that no longer writes; the queue's poll too often to become idle. */
const POOL = { maxLifetimeSeconds: 60 };

export function createQueue(databaseUrl: string, log: Log): Queue {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schema: 'pgboss',
    application_name: 'latchkey-queue',
    max: 4,
    useListenNotify: true,
    ...POOL,
  });
  // Without a listener, an error of the queue would end the process.
  boss.on('error', (error) => log.warn(connectionFailure(error), 'the job queue reported an error'));
  let started = false;
  let declared: QueueDefinition[] = [];
  const schedules = new Map<string, string>();
  let keeper: NodeJS.Timeout | undefined;

  async function declare(): Promise<void> {
    for (const { name, policy, ...options } of declared) {
      await boss.createQueue(name, { policy, ...options });
      await boss.updateQueue(name, options);
    }
    for (const [name, cron] of schedules) await boss.schedule(name, cron, {}, { tz: 'UTC' });
  }

  /** Our own workers go on as they are; somebody else makes the tables that may be missing. */
  async function makeTables(): Promise<void> {
    const mender = new PgBoss({
      connectionString: databaseUrl,
      schema: 'pgboss',
      supervise: false,
      schedule: false,
    });
    mender.on('error', (error) => log.warn(connectionFailure(error), 'the job queue could not be mended'));
    await mender.start();
    await mender.stop({ graceful: false });
  }

  /** Queues and schedules that somebody deleted are declared again, where nothing else would notice for hours. */
  async function keep(): Promise<void> {
    try {
      await declare().catch(async () => {
        await makeTables();
        await declare();
      });
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'the job queue could not be looked after');
    }
  }

  return {
    async start(definitions) {
      if (started) await makeTables();
      else await boss.start();
      started = true;
      declared = definitions;
      await declare();
      keeper ??= setInterval(() => void keep(), KEEP_EVERY_MS).unref();
    },
    async stop() {
      if (!started) return;
      started = false;
      clearInterval(keeper);
      await boss.stop({ graceful: true, timeout: 15_000 });
    },
    async send(tx, name, data, options = {}) {
      await tx.$executeRawUnsafe('savepoint enqueue');
      try {
        await boss.send(name, data, {
          db: fromPrisma(tx),
          ...(options.key === undefined ? {} : { singletonKey: options.key }),
          ...(options.startAfter === undefined ? {} : { startAfter: options.startAfter }),
        });
        await tx.$executeRawUnsafe('release savepoint enqueue');
        return true;
      } catch (error) {
        await tx.$executeRawUnsafe('rollback to savepoint enqueue');
        log.error(
          { err: messageOf(error), queue: name },
          'a job could not be enqueued; the watchdog will find what is due',
        );
        return false;
      }
    },
    async work(name, options, handler) {
      const pollSeconds = options.pollSeconds ?? 5;
      await boss.work(
        name,
        {
          localConcurrency: options.concurrency ?? 1,
          ...(options.batch === undefined ? {} : { batchSize: options.batch, burstWhenBatchFull: true }),
          pollingIntervalSeconds: pollSeconds,
          notifyPollingIntervalSeconds: pollSeconds,
          includeMetadata: true,
        },
        async (jobs: JobWithMetadata<object>[]) => {
          for (const job of jobs) await handler(job.data as never, job.signal);
        },
      );
    },
    async schedule(name, cron) {
      schedules.set(name, cron);
      await boss.schedule(name, cron, {}, { tz: 'UTC' });
    },
  };
}
