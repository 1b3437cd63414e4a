import { AWS_BUDGETS } from '../platform/aws-quotas.ts';
import type { Tx } from '../platform/db.ts';
import { MOST_OUTSTANDING_CREATES } from './plan.ts';

/** Where a grant stands among those that wait to be given. */
export interface WaitingPlace {
  /** 1: it is next. */
  place: number;
  /** Roughly, in seconds: when AWS will be asked for it, by the budget of calls and the creates that may be outstanding. */
  expectedSeconds: number;
}

/** A look, the create, and the look that confirms it; where many are under way, their statuses come in one list. */
const CALLS_PER_GRANT = 3;
/** A delete and the look that confirms it. */
const CALLS_PER_REVOKE = 2;
/** Seconds that a create takes where none was made lately. */
const USUAL_CREATE_SECONDS = 5;

/** Null: it does not wait, or AWS is asked for it already. Who asked for many waits with each after the others' first. */
export async function waitingPlace(tx: Tx, grantId: string): Promise<WaitingPlace | null> {
  const [row] = await tx.$queryRaw<{ place: number; revokes: number; outstanding: number; createSeconds: number }[]>`
    with waiting as (
      select g.id, g.basis, g.opens_at, row_number() over (partition by g.basis = 'break_glass', g.user_id order by g.opens_at, g.id) as turn
      from grants g
      where g.status = 'activating' and not exists (
        select from assignment_operations o
        where o.assignment_id = g.assignment_id and o.kind = 'create' and o.outcome in ('intended', 'in_progress', 'succeeded')
          and o.intended_at >= g.opens_at
      )
    ), placed as (
      select id, row_number() over (order by basis = 'break_glass' desc, turn, opens_at, id)::int as place from waiting
    )
    select place,
      (
        select count(distinct assignment_id)::int from grants
        where status = 'ending' or (status = 'active' and closes_at <= app_now())
      ) as revokes,
      (
        select count(*)::int from assignment_operations
        where kind = 'create' and outcome in ('intended', 'in_progress') and intended_at > app_now() - interval '1 minute'
      ) as outstanding,
      coalesce((
        select extract(epoch from avg(finished_at - intended_at))::float8 from (
          select finished_at, intended_at from assignment_operations
          where kind = 'create' and outcome = 'succeeded' and intended_at > app_now() - interval '1 hour'
          order by intended_at desc limit 20
        ) lately
      ), ${USUAL_CREATE_SECONDS}) as "createSeconds"
    from placed where id = ${grantId}::uuid`;
  if (!row) return null;
  const { place, revokes, outstanding, createSeconds } = row;
  const rate = AWS_BUDGETS['sso-admin']?.rate ?? 1;
  const byBudget = (revokes * CALLS_PER_REVOKE + (place - 1) * CALLS_PER_GRANT) / rate;
  const rounds = Math.floor((outstanding + place - 1) / MOST_OUTSTANDING_CREATES);
  return { place, expectedSeconds: Math.ceil(Math.max(byBudget, rounds * createSeconds, 1)) };
}
