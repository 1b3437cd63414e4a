import { z } from 'zod';
import type { EndCause } from '../access/index.ts';
import { Prisma, type Tx } from '../platform/db.ts';
import type { ApprovalStep } from '../policy/index.ts';
import { createCursor, cursorNumber, cursorTime, PAGE_SIZE, type Page, pageOf } from '../web/index.ts';
import {
  COLUMNS,
  CURRENT_APPROVERS,
  filterSql,
  GRANTS_WITH_REQUEST,
  type ListFilter,
  REQUESTS_WITH_GRANT,
} from './list-sql.ts';
import type { SeenStatus } from './types.ts';

/** One row of a list of requests or grants. `requestId` is null for access that nobody asked for here. */
export interface ListRow {
  requestId: string | null;
  number: number | null;
  grantId: string | null;
  personId: string;
  personName: string;
  accountId: string;
  accountName: string;
  ouPath: string;
  roleName: string;
  permissionSetArn: string;
  sessionSeconds: number;
  startsAt: Date | null;
  /** As it was asked for or approved; of an extension, how much longer. */
  durationMinutes: number;
  extendsGrantId: string | null;
  /** The number of the request whose access it makes longer. */
  extendsNumber: number | null;
  /** While it waits: the end as it is without it. */
  extendsFrom: Date | null;
  ticket: string;
  justification: string;
  submittedAt: Date;
  expiresAt: Date | null;
  version: number;
  steps: ApprovalStep[];
  /** Which step waits, from 0; null where none does. */
  currentStep: number | null;
  approvalNeeded: boolean;
  decisions: { approverId: string; approverName: string; verdict: 'approve' | 'reject'; step: number }[];
  closedAt: Date | null;
  closedByName: string | null;
  opensAt: Date | null;
  activatedAt: Date | null;
  closesAt: Date | null;
  endDueAt: Date | null;
  endedAt: Date | null;
  removedOutsideAt: Date | null;
  /** The access stood before the grant, given outside Latchkey, and stays. */
  preexisting: boolean;
  /** It stood at AWS, and an administrator adopted it, or adopted it to remove it; null: it was asked for. */
  adoption: { state: 'adopted' | 'removed'; byName: string | null; reason: string | null } | null;
  /** Since when its holder is no longer eligible, where it runs on. */
  rightsLostSince: Date | null;
  endCause: EndCause | null;
  failure: string | null;
  status: SeenStatus;
  overdue: boolean;
}

export interface ListInput extends ListFilter {
  cursor?: string | undefined;
  size?: number | undefined;
}

const byNumber = createCursor(z.tuple([cursorNumber]));
const byTimeAndNumber = createCursor(z.tuple([cursorTime, cursorNumber]));
const byTimeAndId = createCursor(z.tuple([cursorTime, z.uuid()]));

/** The person's own requests, the newest first. */
export async function listMine(tx: Tx, userId: string, input: ListInput): Promise<Page<ListRow>> {
  return newestRequests(tx, Prisma.sql`r.requester_id = ${userId}`, input);
}

/** The person's own requests that wait or give access, now or soon, each access once: as many as fit on one page. */
export async function listMineAlive(tx: Tx, userId: string): Promise<ListRow[]> {
  const alive = Prisma.sql`(r.status = 'pending'
    or (r.extends_grant_id is null and g.status in ('scheduled', 'activating', 'active', 'ending')))`;
  return (await newestRequests(tx, Prisma.sql`r.requester_id = ${userId} and ${alive}`, {})).rows;
}

/** All requests, the newest first: for auditors. */
export async function listAll(tx: Tx, input: ListInput): Promise<Page<ListRow>> {
  return newestRequests(tx, Prisma.sql`true`, input);
}

async function newestRequests(tx: Tx, scope: Prisma.Sql, input: ListInput): Promise<Page<ListRow>> {
  const size = input.size ?? PAGE_SIZE;
  const after = byNumber.decode(input.cursor);
  const rows = await tx.$queryRaw<ListRow[]>`
    select ${COLUMNS} from ${REQUESTS_WITH_GRANT}
    where ${scope} and ${filterSql(input, 'submitted', true)} ${after ? Prisma.sql`and r.number < ${after[0]}` : Prisma.empty}
    order by r.number desc limit ${size + 1}`;
  return pageOf(rows, (last) => byNumber.encode([last.number ?? 0]), size);
}

/** Who somebody is, as policies write it: USER:id and GROUP:id of each group. */
function principalRefs(person: { userId: string; groupIds: string[] }): string[] {
  return [`USER:${person.userId}`, ...person.groupIds.map((id) => `GROUP:${id}`)];
}

/** Pending, not the person's own, not decided by them, and the step that waits names them. */
function waitingFor(person: { userId: string; groupIds: string[] }): Prisma.Sql {
  return Prisma.sql`r.status = 'pending' and r.requester_id <> ${person.userId}
    and r.expires_at > app_now()
    and not exists (select from decisions d where d.request_id = r.id and d.approver_id = ${person.userId})
    and ${CURRENT_APPROVERS} ?| ${principalRefs(person)}::text[]`;
}

/** What waits for this person's decision, the soonest deadline first. Memberships are the copy's. */
export async function listWaiting(
  tx: Tx,
  person: { userId: string; groupIds: string[] },
  input: ListInput,
): Promise<Page<ListRow>> {
  const size = input.size ?? PAGE_SIZE;
  const after = byTimeAndNumber.decode(input.cursor);
  const beyond = after
    ? Prisma.sql`and (date_trunc('milliseconds', r.expires_at), r.number) > (${new Date(after[0])}, ${after[1]})`
    : Prisma.empty;
  const rows = await tx.$queryRaw<ListRow[]>`
    select ${COLUMNS} from ${REQUESTS_WITH_GRANT}
    where ${waitingFor(person)} and ${filterSql(input, 'submitted', true)} ${beyond}
    order by date_trunc('milliseconds', r.expires_at), r.number limit ${size + 1}`;
  return pageOf(
    rows,
    (last) => byTimeAndNumber.encode([(last.expiresAt ?? last.submittedAt).toISOString(), last.number ?? 0]),
    size,
  );
}

export async function countWaiting(tx: Tx, person: { userId: string; groupIds: string[] }): Promise<number> {
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from requests r where ${waitingFor(person)}`;
  return row?.count ?? 0;
}

/** What the person decided, the newest request first. */
export async function listDecidedBy(tx: Tx, userId: string, input: ListInput): Promise<Page<ListRow>> {
  const decided = Prisma.sql`exists (select from decisions d where d.request_id = r.id and d.approver_id = ${userId})`;
  return newestRequests(tx, decided, input);
}

/** All grants, also those without a request, the newest first: for auditors. */
export async function listAccess(tx: Tx, input: ListInput): Promise<Page<ListRow>> {
  const size = input.size ?? PAGE_SIZE;
  const after = byTimeAndId.decode(input.cursor);
  const beyond = after
    ? Prisma.sql`and (date_trunc('milliseconds', g.created_at), g.id) < (${new Date(after[0])}, ${after[1]}::uuid)`
    : Prisma.empty;
  const rows = await tx.$queryRaw<(ListRow & { createdAt: Date })[]>`
    select ${COLUMNS}, g.created_at as "createdAt" from ${GRANTS_WITH_REQUEST}
    where ${filterSql(input, 'access', true)} ${beyond}
    order by date_trunc('milliseconds', g.created_at) desc, g.id desc limit ${size + 1}`;
  return pageOf(rows, (last) => byTimeAndId.encode([last.createdAt.toISOString(), last.grantId ?? '']), size);
}

/** How many rows the filters find: for "so many of so many" on audit lists. */
export async function countList(tx: Tx, kind: 'requests' | 'access', filter: ListFilter): Promise<number> {
  const [from, dates] =
    kind === 'requests' ? [REQUESTS_WITH_GRANT, 'submitted' as const] : [GRANTS_WITH_REQUEST, 'access' as const];
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from ${from} where ${filterSql(filter, dates, true)}`;
  return row?.count ?? 0;
}
