import { CANNOT_REVOKE, DUE_AT, OVERDUE_AFTER, overdueFor } from '../access/index.ts';
import { Prisma, type Tx } from '../platform/db.ts';

/** How late an end is when administrators are told, and when they are told again. Postgres intervals. */
const FIRST = '5 minutes';
const AGAIN = '15 minutes';
/** Whatever falls due within this time is told in one mail. */
const AT_MOST_EVERY = '1 minute';

const UNTOLD = Prisma.sql`${overdueFor(FIRST)}
  and (g.overdue_told = 0 or (g.overdue_told = 1 and ${overdueFor(AGAIN)}))`;

const FORBIDDEN_UNTOLD = Prisma.sql`${CANNOT_REVOKE}
  and a.cannot_revoke_told_at is distinct from a.cannot_revoke_since`;

/** What the portal's administrators have still to hear. */
export interface ToTell {
  overdue: boolean;
  forbidden: boolean;
  /** They know of overdue access, and there is none any more. */
  over: boolean;
}

/** One cheap statement, which every process asks every few seconds: counts, because they go by the indexes. */
export async function whatToTell(tx: Tx): Promise<ToTell> {
  const [row] = await tx.$queryRaw<ToTell[]>`
    select
      (s.overdue_told_at is null or s.overdue_told_at < (select app_now()) - ${AT_MOST_EVERY}::interval)
        and (select count(*) from grants g where ${UNTOLD}) > 0 as overdue,
      exists (select from assignments a where ${FORBIDDEN_UNTOLD}) as forbidden,
      s.overdue_told_at is not null and (select count(*) from grants g where ${overdueFor(OVERDUE_AFTER)}) = 0
        and not exists (select from assignments a where ${CANNOT_REVOKE}) as over
    from access_state s`;
  return row ?? { overdue: false, forbidden: false, over: false };
}

/** Whoever tells, tells alone until their transaction ends. */
export async function lockTelling(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('health.alarms'))`;
}

/** Access of which the administrators are told now. */
export interface Told {
  id: string;
  requestId: string | null;
  requestNumber: number | null;
  person: string;
  role: string;
  accountName: string;
  accountId: string;
  dueAt: Date | null;
  lastError: string | null;
  nextTryAt: Date | null;
  cannotRevokeSince: Date | null;
  cannotRevokeReason: string | null;
}

const TOLD = Prisma.sql`g.request_id as "requestId", r.number::int as "requestNumber",
  g.user_display_name as person, g.permission_set_name as role, g.account_name as "accountName",
  g.account_id as "accountId", ${DUE_AT} as "dueAt", a.last_error as "lastError", a.next_at as "nextTryAt",
  a.cannot_revoke_since as "cannotRevokeSince", a.cannot_revoke_reason as "cannotRevokeReason"`;

/** Notes of everything that is due to be told that it was told, and gives it, the longest overdue first. */
export async function noteOverdue(tx: Tx): Promise<(Told & { step: number })[]> {
  // First: an emergency that stops giving locks this, and then grants.
  await tx.$executeRaw`update access_state set overdue_told_at = app_now()`;
  const late = overdueFor(AGAIN);
  const rows = await tx.$queryRaw<(Told & { step: number })[]>`
    with told as (
      update grants g set overdue_told = case when ${late} then 2 else 1 end
      where g.id in (select g.id from grants g where ${UNTOLD} order by g.id for update)
      returning g.*
    )
    select g.id, g.overdue_told as step, ${TOLD}
    from told g join assignments a on a.id = g.assignment_id left join requests r on r.id = g.request_id
    order by ${DUE_AT}, g.id`;
  return rows;
}

/** The same for what AWS forbids to be taken away; before `noteOverdue`, where both are to be told. */
export async function noteForbidden(tx: Tx): Promise<Told[]> {
  const rows = await tx.$queryRaw<Told[]>`
    with told as (
      update assignments set cannot_revoke_told_at = cannot_revoke_since
      where id in (select a.id from assignments a where ${FORBIDDEN_UNTOLD} order by a.id for update)
      returning *
    )
    select a.id, ${TOLD}
    from told a
      left join lateral (select * from grants where assignment_id = a.id order by created_at desc limit 1) g on true
      left join requests r on r.id = g.request_id
    order by a.cannot_revoke_since, a.id`;
  // Last: whoever allows giving again locks assignments, and then this.
  await tx.$executeRaw`update access_state set overdue_told_at = app_now()`;
  return rows;
}

/** Nothing that they know of is overdue any more. */
export async function noteOver(tx: Tx): Promise<void> {
  await tx.$executeRaw`update access_state set overdue_told_at = null`;
}
