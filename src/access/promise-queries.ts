import { Prisma, type Tx } from '../platform/db.ts';

/** How long something took, over the last 30 days, in milliseconds. Null where it did not happen. */
export interface Promise30 {
  count: number;
  p50: number | null;
  p99: number | null;
  worst: number | null;
}

export interface Promises {
  /** From the opening of a grant until AWS confirmed the access. */
  grant: Promise30;
  /** From the moment an end was due until DeleteAccountAssignment was first asked, whatever AWS answered. */
  asked: Promise30;
  /** From the moment an end was due until the access was confirmed gone. */
  gone: Promise30;
}

/** AWS was asked: it answered, refusing included, or may have heard it. What never reached it was not asked. */
const ASKED = Prisma.sql`o.outcome <> 'intended' and not (o.outcome = 'refused'
  and coalesce(o.reason, '') ~ 'ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH')`;

/**
 * What Latchkey promises, measured over 30 days. Left out is what would lie: access that was there already or was
 * taken over counts not as given, and an end through which access went on, or before which nothing was given, not as
 * taken away. What is due and not gone yet counts with its lateness so far.
 */
export async function readPromises(tx: Tx): Promise<Promises> {
  const [row] = await tx.$queryRaw<Promises[]>`
    with given as (
      select extract(epoch from activated_at - opens_at) * 1000 as ms from grants
      where activated_at > (select app_now()) - interval '30 days' and not preexisting and basis <> 'adopted'
    ), ends as (
      select g.end_due_at as due, g.ended_at, first.at as asked_at
      from grants g
      left join lateral (
        select coalesce(o.asked_at, o.intended_at) as at from assignment_operations o
        where o.assignment_id = g.assignment_id and o.kind = 'delete' and ${ASKED}
          and o.intended_at >= g.end_due_at and o.intended_at <= coalesce(g.ended_at, 'infinity')
        order by o.intended_at limit 1
      ) first on true
      where g.ended_at > (select app_now()) - interval '30 days' and g.continued_by is null and first.at is not null
      union all
      select coalesce(g.end_due_at, g.closes_at), null, (
        select min(coalesce(o.asked_at, o.intended_at)) from assignment_operations o
        where o.assignment_id = g.assignment_id and o.kind = 'delete' and ${ASKED}
          and o.intended_at >= coalesce(g.end_due_at, g.closes_at)
      )
      from grants g where g.status = 'ending' or (g.status = 'active' and g.closes_at < (select app_now()))
    ), lateness as (
      select extract(epoch from greatest(coalesce(asked_at, app_now()) - due, '0')) * 1000 as asked,
        extract(epoch from greatest(coalesce(ended_at, app_now()) - due, '0')) * 1000 as gone
      from ends
    )
    select (select ${summary('ms')} from given) as grant,
      (select ${summary('asked')} from lateness) as asked,
      (select ${summary('gone')} from lateness) as gone`;
  if (!row) throw new Error('an aggregate gave no row');
  return row;
}

/** Nearest rank: each figure is one that happened. */
function summary(column: 'ms' | 'asked' | 'gone'): Prisma.Sql {
  const value = Prisma.raw(column);
  return Prisma.sql`jsonb_build_object('count', count(*),
    'p50', round(percentile_disc(0.5) within group (order by ${value})),
    'p99', round(percentile_disc(0.99) within group (order by ${value})), 'worst', round(max(${value})))`;
}
