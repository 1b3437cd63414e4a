import { Prisma, type Tx } from '../platform/db.ts';

/** How long an end may be due before it is called overdue, everywhere: AWS itself takes up to a minute. */
export const OVERDUE_AFTER = '1 minute';
/** How long giving access may take before somebody should look at it. */
const STUCK_AFTER = '2 minutes';

/** The moment at which the access of the grant `g` should have been taken away. */
export const DUE_AT = Prisma.sql`coalesce(g.end_due_at, g.closes_at)`;

/**
 * True for a grant `g` whose access should be gone since longer than this ago. Each half has an index of its own, which
 * is of use only where the time is asked for once: app_now() itself may differ from row to row.
 */
export function overdueFor(interval: string): Prisma.Sql {
  return Prisma.sql`((g.status = 'ending' and g.end_due_at < (select app_now()) - ${interval}::interval)
    or (g.status = 'active' and g.closes_at < (select app_now()) - ${interval}::interval))`;
}

/** What stands in the way of taking access away, in numbers. */
export interface Attention {
  overdue: number;
  oldestDueAt: Date | null;
  /** Assignments that AWS forbids us to take away. */
  cannotRevoke: number;
  /** Assignments of ours that no grant wants and that AWS has not let go yet. */
  leftBehind: number;
  /** Grants that wait to be given for longer than they should. */
  stuck: number;
  now: Date;
}

/** One cheap statement: every page of an administrator asks. */
export async function readAttention(tx: Tx): Promise<Attention> {
  const [row] = await tx.$queryRaw<Attention[]>`
    select app_now() as now, late.count as overdue, late.oldest as "oldestDueAt",
      (select count(*)::int from assignments a where ${CANNOT_REVOKE}) as "cannotRevoke",
      (select count(*)::int from assignments a where ${LEFT_BEHIND}) as "leftBehind",
      (select count(*)::int from grants where status = 'activating' and opens_at < (select app_now()) - ${STUCK_AFTER}::interval) as stuck
    from (select count(*)::int as count, min(${DUE_AT}) as oldest from grants g where ${overdueFor(OVERDUE_AFTER)}) late`;
  if (!row) throw new Error('an aggregate gave no row');
  return row;
}

/** AWS forbade it when it was last tried, and no grant wants it there. */
export const CANNOT_REVOKE = Prisma.sql`a.cannot_revoke_since is not null and not exists (
  select from grants g where g.assignment_id = a.id and g.status = 'active' and g.closes_at > (select app_now()))`;

/** Ours, wanted by no grant, and at least one try to take it away failed. */
const LEFT_BEHIND = Prisma.sql`a.ownership = 'ours' and a.take_after is not null
  and not exists (select from grants g where g.assignment_id = a.id and g.status in ('activating', 'active', 'ending'))`;

/** Whose access an assignment is or was: of its newest grant, as it was called then. */
export interface Whose {
  assignmentId: string;
  requestId: string | null;
  /** As in R-1042. */
  requestNumber: number | null;
  person: string;
  accountId: string;
  accountName: string;
  ouPath: string;
  role: string;
  lastError: string | null;
  nextTryAt: Date | null;
}

const WHOSE = Prisma.sql`g.assignment_id as "assignmentId", g.request_id as "requestId",
  r.number::int as "requestNumber", g.user_display_name as person, g.account_id as "accountId",
  g.account_name as "accountName", g.ou_path as "ouPath", g.permission_set_name as role`;

/** A grant that waits to be given for too long, or could not be given. */
export interface StuckGrant extends Whose {
  grantId: string;
  opensAt: Date;
  failure: string | null;
  /** The window is not over, so that an administrator can have it tried again. */
  retryable: boolean;
}

/** Grants that wait for AWS for more than two minutes, the longest first. */
export async function stuckGrants(tx: Tx, limit: number): Promise<StuckGrant[]> {
  return tx.$queryRaw<StuckGrant[]>`
    select g.id as "grantId", ${WHOSE}, g.opens_at as "opensAt", g.failure, false as retryable,
      a.last_error as "lastError", a.next_at as "nextTryAt"
    from grants g join assignments a on a.id = g.assignment_id left join requests r on r.id = g.request_id
    where g.status = 'activating' and g.opens_at < (select app_now()) - ${STUCK_AFTER}::interval
    order by g.opens_at, g.id limit ${limit}`;
}

/**
 * Grants of the last day that could not be given, and older ones that can still be tried again; the newest first. What could
 * not be taken over is there all the same, and stays with the comparison. */
export async function failedGrants(tx: Tx, limit: number): Promise<StuckGrant[]> {
  return tx.$queryRaw<StuckGrant[]>`
    select g.id as "grantId", ${WHOSE}, g.opens_at as "opensAt", g.failure, g.latest_end > app_now() as retryable,
      a.last_error as "lastError", a.next_at as "nextTryAt"
    from grants g join assignments a on a.id = g.assignment_id left join requests r on r.id = g.request_id
    where g.status = 'failed' and g.basis <> 'adopted' and (g.opens_at > (select app_now()) - interval '1 day' or g.latest_end > (select app_now()))
    order by g.opens_at desc, g.id limit ${limit}`;
}

/** What AWS has not let go although no grant wants it: the rest of access that could not be given. */
export interface LeftBehind extends Whose {
  mustBeGoneBy: Date;
  cannotRevokeSince: Date | null;
  cannotRevokeReason: string | null;
}

export async function leftBehind(tx: Tx, limit: number): Promise<LeftBehind[]> {
  return tx.$queryRaw<LeftBehind[]>`
    select ${WHOSE}, a.must_be_gone_by as "mustBeGoneBy", a.cannot_revoke_since as "cannotRevokeSince",
      a.cannot_revoke_reason as "cannotRevokeReason", a.last_error as "lastError", a.next_at as "nextTryAt"
    from assignments a
      join lateral (select * from grants where assignment_id = a.id order by created_at desc limit 1) g on true
      left join requests r on r.id = g.request_id
    where ${LEFT_BEHIND}
    order by a.must_be_gone_by, a.id limit ${limit}`;
}
