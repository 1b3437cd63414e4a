import type { Db } from './db.ts';

/** What a call is for, the most urgent first: a less urgent one leaves the last tokens to those before it. */
export const PRIORITIES = ['revoke', 'break-glass', 'grant', 'poll', 'sync'] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface BudgetRule {
  /** Tokens a second. */
  rate: number;
  burst: number;
}

export interface Budget {
  /**
   * Waits until one call of the family may be made and takes its token; shared by all replicas. A family that has
   * a bucket for each of many things names the thing after a bar: `cloudtrail:LookupEvents|111122223333|eu-west-1`.
   * Throws what `signal` throws when it is aborted first.
   */
  take(family: string, priority: Priority, signal?: AbortSignal): Promise<void>;
}

/** The share of the burst that a priority must leave untouched for the more urgent ones. */
const RESERVED: Record<Priority, number> = { revoke: 0, 'break-glass': 0.1, grant: 0.2, poll: 0.3, sync: 0.5 };

/**
 * The shared budget of AWS calls: one token bucket per family in Postgres.
 * `rules` maps a family to its rate; a family without a rule uses `fallback`.
 */
export function createBudget(db: Db, rules: Record<string, BudgetRule>, fallback: BudgetRule): Budget {
  const lines = new Map<string, Line>();

  /** Zero where a token was taken, else how many milliseconds it takes until there is one. */
  async function tryTake(family: string, { rate, burst }: BudgetRule, floor: number): Promise<number> {
    for (;;) {
      const { rows } = await db.pool.query<{ taken: boolean; tokens: number }>(TAKE, [family, rate, burst, floor]);
      const row = rows[0];
      // The very first call only made the bucket: a statement does not see its own insert.
      if (row) return row.taken ? 0 : Math.max(5, ((1 + floor - row.tokens) / rate) * 1000);
    }
  }

  return {
    take(family, priority, signal) {
      const rule = rules[family.split('|', 1)[0] ?? family] ?? fallback;
      const floor = Math.min(RESERVED[priority] * rule.burst, Math.max(0, rule.burst - 1));
      const line =
        lines.get(family) ??
        createLine(
          (each) => tryTake(family, rule, each),
          () => lines.delete(family),
        );
      lines.set(family, line);
      return line.join(floor, signal);
    },
  };
}

interface Line {
  join(floor: number, signal?: AbortSignal): Promise<void>;
}

interface Waiter {
  /** The lower, the more urgent. */
  floor: number;
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * Those who wait in this process for a token of one family. Only the most urgent of them asks the database, so that
 * many who wait are no load, and none of them overtakes one who is more urgent.
 */
function createLine(tryTake: (floor: number) => Promise<number>, whenEmpty: () => void): Line {
  const waiting = new Set<Waiter>();
  let hurry = () => {};
  let serving = false;

  async function serve(): Promise<void> {
    serving = true;
    for (let next = mostUrgent(waiting); next !== undefined; next = mostUrgent(waiting)) {
      try {
        const waitMs = await tryTake(next.floor);
        if (waitMs > 0) await pause(Math.min(waitMs, 1_000));
        else if (waiting.delete(next)) next.resolve();
      } catch (error) {
        if (waiting.delete(next)) next.reject(error);
      }
    }
    serving = false;
    whenEmpty();
  }

  /** Until the time is over, or somebody more urgent may have come. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    join: (floor, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          if (waiting.delete(waiter)) reject(signal?.reason);
          hurry();
        };
        const waiter: Waiter = {
          floor,
          resolve() {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
          reject,
        };
        signal?.addEventListener('abort', leave, { once: true });
        const first = mostUrgent(waiting);
        waiting.add(waiter);
        if (!serving) void serve();
        else if (first === undefined || floor < first.floor) hurry();
      }),
  };
}

/** The first to come among those whose floor is lowest. */
function mostUrgent(waiting: Set<Waiter>): Waiter | undefined {
  let best: Waiter | undefined;
  for (const waiter of waiting) if (best === undefined || waiter.floor < best.floor) best = waiter;
  return best;
}

// The bucket runs on the real clock, not on app_now(): AWS counts real seconds.
const TAKE = `
  with ensured as (
    insert into api_budgets (family, tokens) values ($1, $3) on conflict (family) do nothing
  ), current as (
    select family, least($3::float8, tokens + $2::float8 * greatest(0, extract(epoch from clock_timestamp() - refilled_at))) as tokens
    from api_budgets where family = $1 for update
  ), updated as (
    update api_budgets b
    set tokens = case when c.tokens >= 1 + $4::float8 then c.tokens - 1 else c.tokens end, refilled_at = clock_timestamp()
    from current c where b.family = c.family
    returning c.tokens >= 1 + $4::float8 as taken, c.tokens
  )
  select taken, tokens from updated`;
