import { extendedBy, type Grant, getGrant, grantsOfRequest } from '../access/index.ts';
import type { Tx } from '../platform/db.ts';
import { minutesLeft } from './machine.ts';
import type { AccessRequest, RequestStatus } from './types.ts';

/** What a request extends, and how. */
export interface Extension {
  grant: Grant;
  /** The request that the access was given for. */
  original: { id: string; number: number };
  /** The end as it is or was without it. */
  from: Date;
  /** The end with it, as far as it is approved by now. */
  to: Date;
  /** How long the access lasts with it, from its activation on. */
  totalMinutes: number;
  /** Whether the end has moved. */
  done: boolean;
}

/** What the request extends; null where it is for access of its own. */
export async function readExtension(tx: Tx, request: AccessRequest): Promise<Extension | null> {
  if (request.extendsGrantId === null) return null;
  const grant = await getGrant(tx, request.extendsGrantId);
  if (grant === null || grant.requestId === null || grant.closesAt === null) return null;
  const { id, number } = await tx.request.findUniqueOrThrow({ where: { id: grant.requestId } });
  const moved = await tx.extension.findUnique({ where: { requestId: request.id } });
  const from = moved?.fromClosesAt ?? grant.closesAt;
  const { closesAt, totalMinutes } = extendedBy({ ...grant, closesAt: from }, minutesLeft(request));
  const to = moved?.toClosesAt ?? closesAt;
  return { grant, original: { id, number: Number(number) }, from, to, totalMinutes, done: moved !== null };
}

/** The grants that the request's status goes by: its own, or the one whose end it moved. */
export async function grantsFor(tx: Tx, request: AccessRequest): Promise<Grant[]> {
  if (request.extendsGrantId === null) return await grantsOfRequest(tx, request.id);
  const grant = request.status === 'approved' ? await getGrant(tx, request.extendsGrantId) : null;
  return grant === null ? [] : [grant];
}

/** The grant that the request gave, or that it is to extend; null where there is none that is there or was. */
export async function grantToExtend(tx: Tx, request: AccessRequest): Promise<Grant | null> {
  if (request.extendsGrantId !== null) return await getGrant(tx, request.extendsGrantId);
  const grants = await grantsOfRequest(tx, request.id);
  return grants.find(({ status }) => status === 'active') ?? grants.at(-1) ?? null;
}

/** A request to extend a grant, as the page of the extended one lists it. */
export interface ExtensionAsked {
  id: string;
  number: number;
  status: RequestStatus;
  minutes: number;
  /** The reader may open its page. */
  open: boolean;
}

/** Every request to extend one of the grants, the oldest first. */
export async function extensionsAsked(tx: Tx, grantIds: string[], open: boolean): Promise<ExtensionAsked[]> {
  const rows = await tx.request.findMany({
    where: { extendsGrantId: { in: grantIds } },
    orderBy: { number: 'asc' },
    select: { id: true, number: true, status: true, durationMinutes: true, approvedDurationMinutes: true },
  });
  return rows.map(({ id, number, status, durationMinutes, approvedDurationMinutes }) => ({
    id,
    number: Number(number),
    status: status as RequestStatus,
    minutes: approvedDurationMinutes ?? durationMinutes,
    open,
  }));
}

/** The one that waits for a decision; there is never more than one. */
export async function pendingExtension(tx: Tx, grantId: string): Promise<{ id: string; number: number } | null> {
  const row = await tx.request.findFirst({ where: { extendsGrantId: grantId, status: 'pending' } });
  return row && { id: row.id, number: Number(row.number) };
}
