import type { Db } from './db.ts';
import { createFairTurns } from './fair-turns.ts';

/**
 * What a call is for, the most urgent first: a less urgent one leaves the last tokens to those before it. 'confirm' is
 * whether a revoke has done its work, 'ending' how far many of them are together; 'progress' the same of creates,
 * which lets the next ones go; 'poll' how far one is; 'watch' a look at what is settled already; 'sync' copies and
 * comparisons.
 */
export const PRIORITIES = [
  'revoke',
  'ending',
  'confirm',
  'break-glass',
  'progress',
  'grant',
  'poll',
  'watch',
  'sync',
] as const;
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
   * Throws what `signal` throws when it is aborted first. Among those of one priority in a process, each `owner` in
   * turn gets a token.
   */
  take(family: string, priority: Priority, signal?: AbortSignal, owner?: string): Promise<void>;
  /** How many wait in this process for a token of the family. */
  waiting(family: string): number;
}

/**
 * The share of the burst that a priority must leave untouched for the more urgent ones: what keeps it behind them when
 * they wait in another process. In milliseconds of the bucket's refill, the steps are what a process may dawdle.
 */
const RESERVED: Record<Priority, number> = {
  revoke: 0,
  ending: 0,
  confirm: 0,
  'break-glass': 0.15,
  progress: 0.3,
  grant: 0.3,
  poll: 0.4,
  watch: 0.45,
  sync: 0.5,
};

/** Longest pause of a process that waits for a token, in milliseconds: a bucket may be made anew meanwhile. */
const LONGEST_PAUSE_MS = 1_000;

/**
 * The shared budget of AWS calls: one token bucket per family in Postgres.
 * `rules` maps a family to its rate; a family without a rule uses `fallback`.
 */
export function createBudget(db: Db, rules: Record<string, BudgetRule>, fallback: BudgetRule): Budget {
  const lines = new Map<string, Line>();

  async function tryTake(family: string, { rate, burst }: BudgetRule, floor: number): Promise<Bucket> {
    for (;;) {
      const { rows } = await db.pool.query<Bucket>(TAKE, [family, rate, burst, floor]);
      // The very first call only made the bucket: a statement does not see its own insert.
      if (rows[0]) return rows[0];
    }
  }

  function lineOf(family: string): Line {
    const existing = lines.get(family);
    if (existing) return existing;
    const rule = rules[family.split('|', 1)[0] ?? family] ?? fallback;
    const made = createLine(
      rule,
      (floor) => tryTake(family, rule, floor),
      () => lines.delete(family),
    );
    lines.set(family, made);
    return made;
  }

  return {
    take: (family, priority, signal, owner = '') => lineOf(family).join(priority, owner, signal),
    waiting: (family) => lines.get(family)?.size() ?? 0,
  };
}

/** Whether a token was taken, and how many are left. */
interface Bucket {
  taken: boolean;
  tokens: number;
}

interface Line {
  join(priority: Priority, owner: string, signal?: AbortSignal): Promise<void>;
  size(): number;
}

interface Waiter {
  priority: Priority;
  owner: string;
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * Those who wait in this process for a token of one family. Only the one whose turn it is asks the database, so that
 * many who wait are no load, and none of them overtakes one who is more urgent.
 */
function createLine(
  { rate, burst }: BudgetRule,
  tryTake: (floor: number) => Promise<Bucket>,
  whenEmpty: () => void,
): Line {
  const waiting = PRIORITIES.map(() => createFairTurns<Waiter>());
  const floorOf = (priority: Priority) => Math.min(RESERVED[priority] * burst, Math.max(0, burst - 1));
  const turnsOf = ({ priority }: Waiter) => waiting[PRIORITIES.indexOf(priority)];
  const leaves = (waiter: Waiter) => turnsOf(waiter)?.drop(waiter.owner, waiter) === true;
  const next = () => waiting.find(({ size }) => size > 0)?.next();
  let hurry = () => {};
  let serving = false;

  async function serve(): Promise<void> {
    serving = true;
    for (let first = next(); first !== undefined; first = next()) {
      try {
        const { taken, tokens } = await tryTake(floorOf(first.priority));
        if (taken) serveOne(first);
        // Whoever is next now knows without asking whether there is a token for them.
        const following = next();
        const missing = following === undefined ? 0 : 1 + floorOf(following.priority) - tokens;
        if (missing > 0) await pause(Math.min(Math.max(5, (missing / rate) * 1000), LONGEST_PAUSE_MS));
      } catch (error) {
        if (leaves(first)) first.reject(error);
      }
    }
    serving = false;
    whenEmpty();
  }

  /** The token goes to whoever is the most urgent by now; whoever it was asked for may have left. */
  function serveOne(asker: Waiter): void {
    const first = next();
    if (first === undefined || floorOf(first.priority) > floorOf(asker.priority)) return;
    turnsOf(first)?.take(first.owner, first);
    first.resolve();
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
    size: () => waiting.reduce((sum, { size }) => sum + size, 0),
    join: (priority, owner, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          if (leaves(waiter)) reject(signal?.reason);
          hurry();
        };
        const waiter: Waiter = {
          priority,
          owner,
          resolve() {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
          reject,
        };
        signal?.addEventListener('abort', leave, { once: true });
        const first = next();
        turnsOf(waiter)?.add(owner, waiter);
        if (!serving) void serve();
        else if (first === undefined || floorOf(priority) < floorOf(first.priority)) hurry();
      }),
  };
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
    returning c.tokens >= 1 + $4::float8 as taken, b.tokens
  )
  select taken, tokens from updated`;
