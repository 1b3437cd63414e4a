import type { Tx } from '../platform/db.ts';
import { DUE_AT, OVERDUE_AFTER, overdueFor } from './attention-queries.ts';
import { toGrant } from './store-rows.ts';
import type { Grant } from './types.ts';

/** One grant, or null. */
export async function getGrant(tx: Tx, id: string): Promise<Grant | null> {
  const row = await tx.grant.findUnique({ where: { id } });
  return row === null ? null : toGrant(row);
}

/** The grants of a request, the oldest first. */
export async function grantsOfRequest(tx: Tx, requestId: string): Promise<Grant[]> {
  const rows = await tx.grant.findMany({ where: { requestId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return rows.map(toGrant);
}

/** The people who have access, or are promised it. */
export async function usersWithGrants(tx: Tx): Promise<string[]> {
  const rows = await tx.grant.findMany({
    where: { status: { in: ['scheduled', 'activating', 'active', 'ending'] } },
    distinct: ['userId'],
    select: { userId: true },
  });
  return rows.map(({ userId }) => userId);
}

/** How many grants that are not over rest on each of these permission sets; those on which none does are left out. */
export async function countOpenGrants(tx: Tx, permissionSetArns: string[]): Promise<Map<string, number>> {
  const rows = await tx.grant.groupBy({
    by: ['permissionSetArn'],
    where: {
      permissionSetArn: { in: permissionSetArns },
      status: { in: ['scheduled', 'activating', 'active', 'ending'] },
    },
    _count: true,
  });
  return new Map(rows.map((row) => [row.permissionSetArn, row._count]));
}

/** What should have been gone for more than a minute, the longest overdue first, with what stands in the way. */
export interface OverdueGrant extends Grant {
  /** As in R-1042. */
  requestNumber: number | null;
  lastError: string | null;
  nextTryAt: Date | null;
  /** Since when AWS forbids us to take it away. */
  cannotRevokeSince: Date | null;
  cannotRevokeReason: string | null;
}

/** `forLonger`: a Postgres interval, for those that are overdue since longer than that. At most 500. */
export async function overdueGrants(tx: Tx, forLonger = OVERDUE_AFTER): Promise<OverdueGrant[]> {
  const late = await tx.$queryRaw<{ id: string }[]>`
    select g.id from grants g where ${overdueFor(forLonger)} order by ${DUE_AT}, g.id limit 500`;
  if (late.length === 0) return [];
  const ids = late.map(({ id }) => id);
  const include = { assignment: true, request: { select: { number: true } } };
  const rows = await tx.grant.findMany({ where: { id: { in: ids } }, include });
  const overdue = rows.map(({ assignment, request, ...row }) => {
    const { lastError, nextAt: nextTryAt, cannotRevokeSince, cannotRevokeReason } = assignment;
    const requestNumber = request === null ? null : Number(request.number);
    return { ...toGrant(row), requestNumber, lastError, nextTryAt, cannotRevokeSince, cannotRevokeReason };
  });
  return overdue.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
}
