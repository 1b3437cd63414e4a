import type { Actor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';

type By = Pick<Actor, 'id' | 'name'>;

/** Asks for what Latchkey gave to be compared with AWS, before anything that is compared in passing. */
export async function compareOwn(tx: Tx, by: By): Promise<void> {
  await tx.$executeRaw`
    insert into drift_requests (scope, requested_by_id, requested_by_name) values ('own', ${by.id}, ${by.name})`;
}

/**
 * Asks for everything to be compared with AWS: what Latchkey gave, then all of the accounts in which it ever gave
 * something. All of the others follow in passing, since what was read of them before the restore says nothing now.
 */
export async function compareEverything(tx: Tx, by: By): Promise<void> {
  await compareOwn(tx, by);
  await tx.$executeRaw`
    insert into drift_requests (scope, scope_id, requested_by_id, requested_by_name)
    select 'account', id, ${by.id}, ${by.name} from accounts a
    where exists (select from grants g where g.account_id = a.id) order by id`;
}

/** How a restore stands. */
export interface Restore {
  at: Date;
  /** Null: nobody has looked yet, and nothing is given. */
  reviewed: { at: Date; byName: string } | null;
}

/** The last restore that was declared; null: there was none. */
export async function readRestore(tx: Tx): Promise<Restore | null> {
  const state = await tx.accessState.findFirst();
  if (!state?.restoredAt) return null;
  const { restoredAt: at, restoreReviewedAt, restoreReviewedByName } = state;
  return {
    at,
    reviewed: restoreReviewedAt === null ? null : { at: restoreReviewedAt, byName: restoreReviewedByName ?? '' },
  };
}

/** How far the comparison with AWS is that a restore asked for. */
export interface Comparison {
  /** Of what Latchkey gave: whether it was compared once since then. */
  ownDone: boolean;
  /** How many of so many questions were asked for that; null: not known yet. */
  ownAsked: number;
  ownExpected: number | null;
  /** What stood in the way the last time; null: nothing. */
  ownError: string | null;
  /** It was compared but for what AWS did not tell of, which `ownError` counts. */
  ownPartly: boolean;
  /** Accounts of which all assignments were read since then, of so many. */
  accountsRead: number;
  accounts: number;
}

export async function readComparison(tx: Tx, since: Date): Promise<Comparison> {
  const [row] = await tx.$queryRaw<Comparison[]>`
    select
      coalesce((
        select bool_or(finished_at is not null and error is null) from drift_requests
        where scope = 'own' and requested_at >= ${since}
      ), false) as "ownDone",
      coalesce(newest.done, 0) as "ownAsked", newest.expected as "ownExpected", newest.error as "ownError",
      coalesce(newest.finished_at is not null and newest.found is not null, false) as "ownPartly",
      (select count(*)::int from accounts where state = 'ACTIVE') as accounts,
      (
        select count(*)::int from drift_accounts d join accounts a on a.id = d.account_id
        where a.state = 'ACTIVE' and d.read_at >= ${since}
      ) as "accountsRead"
    from (select) as nothing left join lateral (
      select * from drift_requests where scope = 'own' and requested_at >= ${since} order by requested_at desc limit 1
    ) newest on true`;
  return (
    row ?? {
      ownDone: false,
      ownAsked: 0,
      ownExpected: null,
      ownError: null,
      ownPartly: false,
      accountsRead: 0,
      accounts: 0,
    }
  );
}
