import type { Tx } from '../platform/db.ts';

/** A wish to compare at once: our own assignments, one account, or one person. */
export interface DriftRequest {
  id: string;
  scope: 'own' | 'account' | 'user';
  scopeId: string | null;
  requestedById: string;
  requestedByName: string;
  requestedAt: Date;
  finishedAt: Date | null;
  done: number;
  expected: number | null;
  place: string | null;
  found: number | null;
  error: string | null;
}

/** Who asks for the hourly comparison of our own. */
const SYSTEM = { id: 'drift', name: 'Latchkey' };

/** The oldest that waits: of those that people or other parts asked for, or the hourly one. */
export async function nextRequest(tx: Tx, which: 'asked' | 'hourly'): Promise<DriftRequest | null> {
  const row = await tx.driftRequest.findFirst({
    where: { finishedAt: null, requestedById: which === 'hourly' ? SYSTEM.id : { not: SYSTEM.id } },
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

/** Asks for the hourly comparison of our own where none was asked for within the hour; false where one was. */
export async function askHourly(tx: Tx): Promise<boolean> {
  const asked = await tx.$executeRaw`
    insert into drift_requests (scope, requested_by_id, requested_by_name)
    select 'own', ${SYSTEM.id}, ${SYSTEM.name}
    where not exists (
      select from drift_requests where scope = 'own' and requested_by_id = ${SYSTEM.id}
      and (finished_at is null or requested_at > app_now() - case when error is null then interval '1 hour' else interval '5 minutes' end)
    )`;
  return asked > 0;
}

export async function noteProgress(
  tx: Tx,
  id: string,
  progress: Pick<DriftRequest, 'done' | 'expected'> & { place?: string },
) {
  await tx.driftRequest.update({ where: { id }, data: progress });
}

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

/** The account to be read next: never read, or the longest ago; none where all were read of late. */
export async function nextAccount(tx: Tx, without: string[]): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    select a.id from accounts a left join drift_accounts d on d.account_id = a.id
    where a.state = 'ACTIVE' and a.id <> all(${without}) and (
      d.read_at is null or d.read_at < app_now() - interval '6 hours'
      or d.read_at < (select greatest(looks_trusted_from, restored_at) from access_state)
    )
    order by d.read_at nulls first, a.id limit 1`;
  return row?.id ?? null;
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
