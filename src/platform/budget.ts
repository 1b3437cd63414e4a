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
  return {
    async take(family, priority, signal) {
      const rule = rules[family.split('|', 1)[0] ?? family] ?? fallback;
      const floor = Math.min(RESERVED[priority] * rule.burst, Math.max(0, rule.burst - 1));
      for (;;) {
        signal?.throwIfAborted();
        const { rows } = await db.pool.query<{ taken: boolean; tokens: number }>(TAKE, [
          family,
          rule.rate,
          rule.burst,
          floor,
        ]);
        const row = rows[0];
        // The very first call only made the bucket: a statement does not see its own insert.
        if (!row) continue;
        if (row.taken) return;
        const waitMs = Math.max(5, ((1 + floor - row.tokens) / rule.rate) * 1000);
        await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 1_000)));
      }
    },
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
    returning c.tokens >= 1 + $4::float8 as taken, c.tokens
  )
  select taken, tokens from updated`;
