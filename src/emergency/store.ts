import { Prisma, type Tx } from '../platform/db.ts';
import type { Scope, ScopeKind } from './scope.ts';

/** An emergency as it was begun. */
export interface Emergency {
  id: string;
  scope: ScopeKind;
  scopeId: string | null;
  scopeName: string;
  reason: string;
  /** How many grants it set out to end. */
  grants: number;
  startedById: string;
  startedByName: string;
  startedAt: Date;
  /** From then on nothing was left of it to end; null: under way. */
  sweptAt: Date | null;
}

/** What can be ended; what is 'ending' is under way already. */
const OPEN = Prisma.sql`g.status in ('scheduled', 'activating', 'active')`;
/** The emergency `e` ends the grant `g`. */
const COVERS = Prisma.sql`g.created_at <= e.started_at
  and (e.scope = 'all' or (e.scope = 'user' and g.user_id = e.scope_id) or (e.scope = 'account' and g.account_id = e.scope_id))`;

function within({ kind, id }: Pick<Scope, 'kind' | 'id'>): Prisma.Sql {
  if (kind === 'all') return Prisma.sql`true`;
  return kind === 'user' ? Prisma.sql`g.user_id = ${id}` : Prisma.sql`g.account_id = ${id}`;
}

/** How many grants of the scope are open or ending, apart from those that are an emergency's already. */
export async function countUncovered(tx: Tx, scope: Scope): Promise<number> {
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from grants g
    where ${within(scope)} and (
      (${OPEN} and not exists (select from emergencies e where e.swept_at is null and ${COVERS}))
      or (g.status = 'ending' and g.emergency_id is null)
    )`;
  return row?.count ?? 0;
}

/** The newest emergency that covers the whole scope and of which something still goes; null where there is none. */
export async function emergencyUnderWay(tx: Tx, scope: Scope): Promise<Emergency | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select e.id from emergencies e
    where (e.scope = 'all' or (e.scope = ${scope.kind} and e.scope_id = ${scope.id}))
      and exists (
        select from grants g where (g.emergency_id = e.id and g.status = 'ending')
          or (e.swept_at is null and ${OPEN} and ${COVERS})
      )
    order by e.started_at desc limit 1`;
  return rows[0] ? readEmergency(tx, rows[0].id) : null;
}

/**
 * Writes the emergency down, and takes what is ending in its scope already into its account. Whoever does this holds
 * `lockEmergencies`.
 */
export async function insertEmergency(
  tx: Tx,
  scope: Scope,
  begun: { reason: string; grants: number; by: { id: string; name: string } },
): Promise<Emergency> {
  const { id } = await tx.emergency.create({
    data: {
      scope: scope.kind,
      scopeId: scope.id,
      scopeName: scope.name,
      reason: begun.reason,
      grants: begun.grants,
      startedById: begun.by.id,
      startedByName: begun.by.name,
    },
    select: { id: true },
  });
  await tx.$executeRaw`
    update grants set emergency_id = ${id}::uuid
    where id in (
      select g.id from grants g
      where g.status = 'ending' and g.emergency_id is null and ${within(scope)}
      order by g.id for update
    )`;
  const emergency = await readEmergency(tx, id);
  if (emergency === null) throw new Error(`The emergency ${id} was not written.`);
  return emergency;
}

/** One at a time is begun, so that two tabs do not begin the same one twice. */
export async function lockEmergencies(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('emergency.begin'))`;
}

export async function readEmergency(tx: Tx, id: string): Promise<Emergency | null> {
  return (await tx.emergency.findUnique({ where: { id } })) as Emergency | null;
}

/** The newest first. */
export async function listEmergencies(tx: Tx, limit: number): Promise<Emergency[]> {
  return (await tx.emergency.findMany({ orderBy: { startedAt: 'desc' }, take: limit })) as Emergency[];
}

/** Those of which something may be left to end, the oldest first. */
export async function unsweptEmergencies(tx: Tx): Promise<Emergency[]> {
  return (await tx.emergency.findMany({ where: { sweptAt: null }, orderBy: { startedAt: 'asc' } })) as Emergency[];
}

/** Keeps other processes from the same emergency until the transaction ends; false: one is at it. */
export async function claimEmergency(tx: Tx, id: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ mine: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`emergency.${id}`}, 0)) as mine`;
  return row?.mine === true;
}

/**
 * Open grants of the emergency, those with access first; without those given. Each batch is in one order of
 * assignments, so that whoever locks several of them does not lock the other out.
 */
export async function grantsToEnd(
  tx: Tx,
  id: string,
  { size, without }: { size: number; without: string[] },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from (
      select g.id, g.assignment_id from grants g join emergencies e on e.id = ${id}::uuid
      where ${OPEN} and ${COVERS} and g.id <> all(${without}::uuid[])
      order by case g.status when 'active' then 0 when 'activating' then 1 else 2 end, g.id
      limit ${size}
    ) next order by assignment_id, id`;
  return rows.map((row) => row.id);
}

/** No longer than this may a transaction be open that makes a grant: from then on none of before can still appear. */
const LATE_GRANTS = '1 minute';

/** Marks it as one of which nothing is left to end, once nothing of before its beginning can still appear. */
export async function markSwept(tx: Tx, id: string): Promise<void> {
  await tx.$executeRaw`
    update emergencies e set swept_at = app_now()
    where e.id = ${id}::uuid and e.swept_at is null and e.started_at < app_now() - ${LATE_GRANTS}::interval
      and not exists (select from grants g where ${OPEN} and ${COVERS})`;
}
