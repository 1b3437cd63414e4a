import type { Tx } from '../platform/db.ts';

/** A wish to compare at once: our own assignments, one account, or one person. */
export interface DriftRequest {
  id: string;
  scope: 'own' | 'account' | 'user';
  scopeId: string | null;
  /** Of our own: up to where all of them were compared. */
  place: string | null;
}

/** Who asks for the hourly comparison of our own. */
const SYSTEM = { id: 'drift', name: 'Latchkey' };

/** The oldest that waits of those that people or other parts asked for. */
export async function nextAsked(tx: Tx): Promise<DriftRequest | null> {
  const row = await tx.driftRequest.findFirst({
    where: { finishedAt: null, requestedById: { not: SYSTEM.id } },
    orderBy: [{ requestedAt: 'asc' }, { id: 'asc' }],
  });
  return row as DriftRequest | null;
}

/** Something was asked for, and nobody began with it for longer than a job takes to come. */
export async function isNeglected(tx: Tx): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ neglected: boolean }[]>`
    select exists (
      select from drift_requests where finished_at is null and requested_by_id <> ${SYSTEM.id}
      and requested_at < app_now() - interval '15 seconds'
    ) as neglected`;
  return row?.neglected ?? false;
}

/** What the rolling comparison does next; both null: nothing. */
interface RollingStep {
  /** Our own are to be compared: the request for it. */
  hourly: DriftRequest | null;
  /** The account to be read: never read, or the longest ago. */
  accountId: string | null;
}

/**
 * Says what comes next, and asks for the hourly comparison of our own where none was asked for within the hour.
 * `without`: accounts that could not be read just now.
 */
export async function nextStep(tx: Tx, without: string[]): Promise<RollingStep> {
  const [row] = await tx.$queryRaw<{ hourly: DriftRequest | null; accountId: string | null }[]>`
    with asked as (
      insert into drift_requests (scope, requested_by_id, requested_by_name)
      select 'own', ${SYSTEM.id}, ${SYSTEM.name}
      where not exists (
        select from drift_requests where scope = 'own' and requested_by_id = ${SYSTEM.id}
        -- Where AWS was away, it is tried again soon; what it refuses, it refuses then as well.
        and (finished_at is null or requested_at > app_now() -
          case when error is null or found is not null then interval '1 hour' else interval '5 minutes' end)
      ) returning *
    )
    select (
      select jsonb_build_object('id', w.id, 'scope', w.scope, 'scopeId', w.scope_id, 'place', w.place) from (
        select * from asked
        union all select * from drift_requests where finished_at is null and requested_by_id = ${SYSTEM.id}
      ) w order by w.requested_at, w.id limit 1
    ) as hourly, (
      select a.id from accounts a left join drift_accounts d on d.account_id = a.id
      where a.state = 'ACTIVE' and a.id <> all(${without}) and (
        d.read_at is null or d.read_at < app_now() - interval '6 hours'
        or d.read_at < (select greatest(looks_trusted_from, restored_at) from access_state)
      )
      order by d.read_at nulls first, a.id limit 1
    ) as "accountId"`;
  return row ?? { hourly: null, accountId: null };
}

/** Up to where the last comparison of our own came that AWS broke off a moment ago; null: it begins at the start. */
export async function placeToGoOn(tx: Tx): Promise<string | null> {
  const [last] = await tx.$queryRaw<{ place: string | null }[]>`
    select case when found is null and finished_at > app_now() - interval '15 minutes'
      and requested_at >= coalesce((select restored_at from access_state), '-infinity') then place end as place
    from drift_requests where scope = 'own' and finished_at is not null order by finished_at desc limit 1`;
  return last?.place ?? null;
}

export async function noteProgress(
  tx: Tx,
  id: string,
  progress: { done: number; expected: number; place?: string | null },
) {
  await tx.driftRequest.update({ where: { id }, data: progress });
}

/** `found` with `error`: so much was found in what could be read. */
export async function finish(
  tx: Tx,
  id: string,
  outcome: { found: number | null; error: string | null },
): Promise<void> {
  await tx.$executeRaw`
    update drift_requests set finished_at = app_now(), found = ${outcome.found}::int, error = ${outcome.error}
    where id = ${id}::uuid`;
  // What was asked for long ago is of no use to anybody.
  await tx.$executeRaw`delete from drift_requests where finished_at < app_now() - interval '30 days'`;
}

/** Findings in accounts or of permission sets that the organization no longer has, which no pass reads any more. */
export async function findingsOutOfReach(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select f.id from drift_findings f
    where f.state in ('open', 'left') and exists (select from accounts) and exists (select from permission_sets)
      and (not exists (select from accounts a where a.id = f.account_id)
        or not exists (select from permission_sets p where p.arn = f.permission_set_arn))
    limit 500`;
  return rows.map(({ id }) => id);
}
