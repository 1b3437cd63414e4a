import { Prisma, type Tx } from '../platform/db.ts';
import { toGrant } from './store.ts';
import type { Grant, GrantStatus } from './types.ts';

/** What a list of grants is narrowed to; empty or absent: not by that. */
export interface GrantFilter {
  /** Part of a person's, account's or permission set's name, or of an account ID. */
  q?: string;
  status?: GrantStatus[];
  /** The window overlaps this time. */
  from?: Date | null;
  to?: Date | null;
  userId?: string;
  /** Null: any. An empty list fits nothing. */
  accountIds?: string[] | null;
  permissionSetArn?: string;
}

/** A grant in a list. Overdue: its end was due more than a minute ago, and it is not over. */
export interface ListedGrant extends Grant {
  requestNumber: number | null;
  overdue: boolean;
  /** Of an overdue one: what AWS said last, and when it is tried again. */
  lastError: string | null;
  nextTryAt: Date | null;
}

export interface GrantPage {
  grants: ListedGrant[];
  /** For the next page; null: this is the last. */
  cursor: string | null;
}

export const PAGE_SIZE = 50;
const ACTIVE: GrantStatus[] = ['scheduled', 'activating', 'active', 'ending'];
const OVER: GrantStatus[] = ['ended', 'revoked', 'failed'];

/** What is open: ending and overdue first, then by what ends next. */
export function listActive(tx: Tx, filter: GrantFilter, cursor: string | null, limit = PAGE_SIZE): Promise<GrantPage> {
  const key = Prisma.sql`coalesce(g.end_due_at, g.closes_at, g.latest_end)`;
  return list(tx, { ...filter, status: within(filter.status, ACTIVE) }, key, 'asc', cursor, limit);
}

/** What is over, the latest window first. */
export function listEnded(tx: Tx, filter: GrantFilter, cursor: string | null, limit = PAGE_SIZE): Promise<GrantPage> {
  return list(tx, { ...filter, status: within(filter.status, OVER) }, Prisma.sql`g.opens_at`, 'desc', cursor, limit);
}

/** Every grant, over or not, the latest window first: what an auditor reads. */
export function listGrants(tx: Tx, filter: GrantFilter, cursor: string | null, limit = PAGE_SIZE): Promise<GrantPage> {
  return list(tx, filter, Prisma.sql`g.opens_at`, 'desc', cursor, limit);
}

/** How many fit a filter. */
export async function countGrants(tx: Tx, filter: GrantFilter): Promise<number> {
  const [row] = await tx.$queryRaw<
    { count: number }[]
  >`select count(*)::int as count from grants g where ${where(filter)}`;
  return row?.count ?? 0;
}

/** What should be gone and is not, the longest overdue first. */
export async function overdueGrants(tx: Tx): Promise<ListedGrant[]> {
  const rows = await tx.$queryRaw<ListRow[]>`
    ${SELECT} where ${OVERDUE} order by coalesce(g.end_due_at, g.closes_at), g.id limit 500`;
  return rows.map(listed);
}

/** One grant, or null. */
export async function getGrant(tx: Tx, id: string): Promise<Grant | null> {
  const row = await tx.grant.findUnique({ where: { id } });
  return row === null ? null : toGrant(row);
}

/** The people who have access, or are promised it. */
export async function usersWithGrants(tx: Tx): Promise<string[]> {
  const rows = await tx.grant.findMany({
    where: { status: { in: ACTIVE } },
    distinct: ['userId'],
    select: { userId: true },
  });
  return rows.map(({ userId }) => userId);
}

/** The grants of a request, the oldest first. */
export async function grantsOfRequest(tx: Tx, requestId: string): Promise<Grant[]> {
  const rows = await tx.grant.findMany({ where: { requestId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return rows.map(toGrant);
}

/** What was asked of AWS for an assignment, the newest first: with AWS's own request IDs, as evidence. */
export async function operationsOfGrant(tx: Tx, grant: Grant): Promise<AssignmentOperation[]> {
  return tx.assignmentOperation.findMany({
    where: { assignmentId: grant.assignmentId, intendedAt: { gte: grant.opensAt } },
    orderBy: { intendedAt: 'desc' },
    select: { id: true, kind: true, outcome: true, awsRequestId: true, reason: true, askedAt: true, finishedAt: true },
    take: 20,
  });
}

export interface AssignmentOperation {
  id: string;
  kind: string;
  outcome: string;
  awsRequestId: string | null;
  reason: string | null;
  askedAt: Date | null;
  finishedAt: Date | null;
}

const OVERDUE = Prisma.sql`(
  (g.status = 'ending' and g.end_due_at < app_now() - interval '1 minute')
  or (g.status = 'active' and g.closes_at < app_now() - interval '1 minute'))`;

const SELECT = Prisma.sql`
  select g.id, g.assignment_id as "assignmentId", g.request_id as "requestId", g.basis, g.status,
    g.user_id as "userId", g.account_id as "accountId", g.permission_set_arn as "permissionSetArn",
    g.user_display_name as "userDisplayName", g.user_name as "userName", g.account_name as "accountName",
    g.ou_path as "ouPath", g.permission_set_name as "permissionSetName", g.session_seconds as "sessionSeconds",
    g.duration_minutes as "durationMinutes", g.opens_at as "opensAt", g.closes_at as "closesAt",
    g.latest_end as "latestEnd", g.activated_at as "activatedAt", g.end_due_at as "endDueAt",
    g.end_cause as "endCause", g.end_comment as "endComment", g.ended_by_id as "endedById",
    g.ended_by_name as "endedByName", g.ended_at as "endedAt", g.failure, g.continued_by as "continuedBy",
    g.preexisting, g.version, r.number as "requestNumber", ${OVERDUE} as overdue,
    a.last_error as "lastError", a.next_at as "nextTryAt"
  from grants g join assignments a on a.id = g.assignment_id left join requests r on r.id = g.request_id`;

type ListRow = Omit<ListedGrant, 'requestNumber'> & { requestNumber: bigint | null; sortedBy?: Date };

async function list(
  tx: Tx,
  filter: GrantFilter,
  key: Prisma.Sql,
  direction: 'asc' | 'desc',
  cursor: string | null,
  limit: number,
): Promise<GrantPage> {
  const after = readCursor(cursor);
  const comparison = direction === 'asc' ? Prisma.sql`>` : Prisma.sql`<`;
  const order = direction === 'asc' ? Prisma.sql`asc` : Prisma.sql`desc`;
  const conditions = after
    ? Prisma.sql`${where(filter)} and (${key}, g.id) ${comparison} (${after.at}::timestamptz, ${after.id}::uuid)`
    : where(filter);
  const rows = await tx.$queryRaw<(ListRow & { sortedBy: string })[]>`
    select listed.* from (
      ${SELECT} where ${conditions} order by ${key} ${order}, g.id ${order} limit ${limit + 1}
    ) listed`;
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (!last || rows.length <= limit) return { grants: page.map(listed), cursor: null };
  // Asked of the database, whose times are finer than ours.
  const [mark] = await tx.$queryRaw<{ at: string }[]>`
    select (${key})::text as at from grants g where g.id = ${last.id}::uuid`;
  return { grants: page.map(listed), cursor: mark ? writeCursor(mark.at, last.id) : null };
}

function where(filter: GrantFilter): Prisma.Sql {
  const { q, status, from, to, userId, accountIds, permissionSetArn } = filter;
  const conditions = [Prisma.sql`true`];
  if (q) {
    const pattern = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.push(Prisma.sql`(g.user_display_name ilike ${pattern} or g.user_name ilike ${pattern}
      or g.account_name ilike ${pattern} or g.account_id ilike ${pattern} or g.permission_set_name ilike ${pattern})`);
  }
  if (status) conditions.push(Prisma.sql`g.status = any(${status})`);
  if (from) conditions.push(Prisma.sql`coalesce(g.ended_at, g.closes_at, g.latest_end) >= ${from}`);
  if (to) conditions.push(Prisma.sql`g.opens_at <= ${to}`);
  if (userId) conditions.push(Prisma.sql`g.user_id = ${userId}`);
  if (accountIds) conditions.push(Prisma.sql`g.account_id = any(${accountIds})`);
  if (permissionSetArn) conditions.push(Prisma.sql`g.permission_set_arn = ${permissionSetArn}`);
  return Prisma.join(conditions, ' and ');
}

function within(wanted: GrantStatus[] | undefined, possible: GrantStatus[]): GrantStatus[] {
  return wanted === undefined || wanted.length === 0 ? possible : possible.filter((each) => wanted.includes(each));
}

function listed({ requestNumber, ...row }: ListRow): ListedGrant {
  return { ...row, requestNumber: requestNumber === null ? null : Number(requestNumber) };
}

function writeCursor(at: string, id: string): string {
  return Buffer.from(`${at}|${id}`).toString('base64url');
}

/** Null for none, and for one that is not ours: then the list starts at its beginning. */
function readCursor(cursor: string | null): { at: string; id: string } | null {
  if (cursor === null) return null;
  const match = /^(\d{4}-\d\d-\d\d [\d:.]+(?:[+-]\d\d(?::\d\d)?))\|([0-9a-f-]{36})$/.exec(
    Buffer.from(cursor, 'base64url').toString(),
  );
  return match?.[1] && match[2] ? { at: match[1], id: match[2] } : null;
}
