import type { Db, Tx } from '../platform/db.ts';

/** The budget of one family of AWS calls, as it is at this moment. */
export interface BudgetLevel {
  family: string;
  tokens: number;
  refilledAt: Date;
  /** Seconds since then, on the real clock, which the budget runs on. */
  idleSeconds: number;
}

export interface QueueDepth {
  name: string;
  ready: number;
  deferred: number;
  active: number;
  failed: number;
}

export interface PortalState {
  now: Date;
  budgets: BudgetLevel[];
  mail: { waiting: number; failed: number; failedError: string | null };
  drift: {
    /** When what Latchkey gave was last compared with AWS, and what went wrong then. */
    ownAt: Date | null;
    ownError: string | null;
    /** The account whose assignments were read longest ago; null where none ever was. */
    oldestReadAt: Date | null;
    accountsRead: number;
    accounts: number;
    openFindings: number;
  };
}

/** What the portal's own tables say about how it stands, in one statement. */
export async function readPortalState(tx: Tx): Promise<PortalState> {
  const [row] = await tx.$queryRaw<{ state: Stored }[]>`
    select jsonb_build_object(
      'now', app_now(),
      'budgets', (
        select coalesce(jsonb_agg(jsonb_build_object('family', family, 'tokens', tokens, 'refilledAt', refilled_at,
          'idleSeconds', greatest(0, extract(epoch from clock_timestamp() - refilled_at))) order by family), '[]')
        from api_budgets where refilled_at > clock_timestamp() - interval '1 day'
      ),
      'mail', (
        select jsonb_build_object('waiting', count(*) filter (where next_at is not null),
          'failed', count(*) filter (where next_at is null),
          'failedError', (array_agg(last_error order by created_at desc) filter (where last_error is not null))[1])
        from outbox_messages where next_at is not null
          or (sent_at is null and last_error is not null and created_at > app_now() - interval '7 days')
      ),
      'drift', jsonb_build_object(
        'ownAt', (select max(finished_at) from drift_requests where scope = 'own' and error is null),
        'ownError', (select error from drift_requests where scope = 'own' and finished_at is not null
          order by finished_at desc limit 1),
        'oldestReadAt', (select min(d.read_at) from drift_accounts d join accounts a on a.id = d.account_id where a.state = 'ACTIVE'),
        'accountsRead', (select count(*) from drift_accounts d join accounts a on a.id = d.account_id where a.state = 'ACTIVE'),
        'accounts', (select count(*) from accounts where state = 'ACTIVE'),
        'openFindings', (select count(*) from drift_findings where state = 'open')
      )
    ) as state`;
  if (!row) throw new Error('a select of one row gave none');
  const { now, budgets, drift, ...rest } = row.state;
  return {
    ...rest,
    now: new Date(now),
    budgets: budgets.map((each) => ({ ...each, refilledAt: new Date(each.refilledAt) })),
    drift: { ...drift, ownAt: timeOf(drift.ownAt), oldestReadAt: timeOf(drift.oldestReadAt) },
  };
}

/** The same as JSON has it: times are text. */
type Stored = {
  now: string;
  budgets: (Omit<BudgetLevel, 'refilledAt'> & { refilledAt: string })[];
  mail: PortalState['mail'];
  drift: Omit<PortalState['drift'], 'ownAt' | 'oldestReadAt'> & { ownAt: string | null; oldestReadAt: string | null };
};

function timeOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

/** Postgres: a table, or the schema it should be in, does not exist. */
const NOT_THERE = new Set(['42P01', '3F000']);

/** How many jobs wait in each queue; null where the queue's tables are gone. */
export async function readQueueDepths({ pool }: Pick<Db, 'pool'>): Promise<QueueDepth[] | null> {
  try {
    const { rows } = await pool.query<QueueDepth>(`
      select q.name,
        count(j.id) filter (where j.state in ('created', 'retry') and j.start_after <= now())::int as ready,
        count(j.id) filter (where j.state in ('created', 'retry') and j.start_after > now())::int as deferred,
        count(j.id) filter (where j.state = 'active')::int as active,
        count(j.id) filter (where j.state = 'failed' and j.completed_on > now() - interval '1 day')::int as failed
      from pgboss.queue q left join pgboss.job j on j.name = q.name and j.state not in ('completed', 'cancelled')
      where q.name not like '\\_\\_pgboss%'
      group by q.name order by q.name`);
    return rows;
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_THERE.has(String(error.code))) return null;
    throw error;
  }
}

/** How many grants there are that are not over, by status. */
export async function countGrants(tx: Tx): Promise<Record<string, number>> {
  const rows = await tx.$queryRaw<{ status: string; count: number }[]>`
    select status, count(*)::int as count from grants
    where status in ('scheduled', 'activating', 'active', 'ending') group by status`;
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
