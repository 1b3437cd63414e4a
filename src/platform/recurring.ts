import { randomUUID } from 'node:crypto';
import type { Db, Tx } from './db.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

/** Something that is done again and again, once for all replicas. */
export interface RecurringTask {
  name: string;
  /** From the beginning of one run to the beginning of the next. */
  everySeconds: number;
  /** Stands for what the task goes by: it is due at once where this is not what the last run saw. */
  mark?: (tx: Tx) => Promise<string>;
  /** Throws where it is to be tried again soon. */
  run(signal: AbortSignal): Promise<unknown>;
}

/** One process's share in the tasks. */
export interface Recurring {
  /** Looks every few seconds for what is due. */
  start(): void;
  /** One look: runs what is due and nobody is at, and gives the names of those tasks. */
  tick(): Promise<string[]>;
  /** Aborts what is under way, and returns when it has ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 5_000;
const LEASE = '60 seconds';
const RENEW_LEASE_EVERY_MS = 15_000;
const RETRY_AFTER = '15 seconds';

/**
 * Runs tasks as their rows say that they are due, whichever process looks first. Depends on nothing of the queue: a row
 * that is lost is made anew, what fell due while no process was there is run at once, and what a dead process had
 * begun is taken over when its lease is over.
 */
export function createRecurring({ db, log }: { db: Db; log: Log }, tasks: readonly RecurringTask[]): Recurring {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<unknown>>();

  async function tick(): Promise<string[]> {
    const { rows } = await db.pool.query<Standing>(STANDING, [tasks.map(({ name }) => name)]);
    const ran = tasks.map(async (task) => {
      const standing = rows.find(({ name }) => name === task.name);
      if (standing?.held) return [];
      const mark = (await task.mark?.(db.prisma)) ?? '';
      if (standing && !standing.due && standing.mark === mark) return [];
      return (await runOnce(task, mark)) ? [task.name] : [];
    });
    return (await Promise.all(ran)).flat();
  }

  /** False where another process was quicker. */
  async function runOnce({ name, everySeconds, run }: RecurringTask, mark: string): Promise<boolean> {
    const holder = randomUUID();
    if ((await db.pool.query(CLAIM, [name, holder, mark])).rowCount === 0) return false;
    const lost = new AbortController();
    const renewal = setInterval(() => {
      db.pool.query(RENEW, [name, holder]).then(
        ({ rowCount }) => rowCount === 0 && lost.abort(),
        // The lease outlasts a few of these.
        (error: unknown) => log.warn({ err: messageOf(error), task: name }, 'a lease could not be renewed'),
      );
    }, RENEW_LEASE_EVERY_MS);
    let error: string | null = null;
    try {
      await run(AbortSignal.any([stopping.signal, lost.signal]));
    } catch (thrown) {
      error = messageOf(thrown);
      if (!stopping.signal.aborted)
        log.warn({ err: thrown, task: name }, 'a recurring task failed; it is tried again soon');
    } finally {
      clearInterval(renewal);
    }
    // Whoever stops in the middle has somebody else begin at once.
    const stopped = stopping.signal.aborted;
    await db.pool.query(FINISH, [name, holder, stopped ? null : error, stopped ? 0 : everySeconds]);
    return true;
  }

  function onTimer(): void {
    const look: Promise<unknown> = tick()
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'recurring tasks could not be looked at'))
      .finally(() => underWay.delete(look));
    underWay.add(look);
  }

  return {
    tick,
    start() {
      if (timer) return;
      onTimer();
      timer = setInterval(onTimer, LOOK_EVERY_MS).unref();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}

interface Standing {
  name: string;
  due: boolean;
  held: boolean;
  mark: string;
}

const STANDING = `
  select name, next_at <= app_now() as due, coalesce(lease_until > app_now(), false) as held, mark
  from recurring_tasks where name = any($1)`;

const CLAIM = `
  insert into recurring_tasks as t (name, lease_holder, lease_until, started_at, mark)
  values ($1, $2, app_now() + interval '${LEASE}', app_now(), $3)
  on conflict (name) do update set lease_holder = excluded.lease_holder, lease_until = excluded.lease_until,
    started_at = excluded.started_at, mark = excluded.mark
  where (t.next_at <= app_now() or t.mark <> excluded.mark) and (t.lease_until is null or t.lease_until <= app_now())`;

const RENEW = `
  update recurring_tasks set lease_until = app_now() + interval '${LEASE}' where name = $1 and lease_holder = $2`;

// Where it failed, whatever it was to go by is still to be gone by.
const FINISH = `
  update recurring_tasks set lease_holder = null, lease_until = null, finished_at = app_now(), last_error = $3,
    failures = case when $3::text is null then 0 else failures + 1 end,
    next_at = case when $3::text is null then started_at + make_interval(secs => $4)
      else app_now() + interval '${RETRY_AFTER}' end
  where name = $1 and lease_holder = $2`;
