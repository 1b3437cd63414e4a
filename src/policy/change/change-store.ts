import type { Prisma, Tx } from '../../platform/db.ts';
import { type Author, documentJson } from '../store.ts';
import type { PolicyKind } from '../types.ts';
import type { Seen } from './kind-of-policy.ts';

/** A change of a policy that waits, or waited, for another admin. */
export interface ProposedChange {
  id: string;
  kind: PolicyKind;
  /** The policy that it changes, as its author saw it; null where it is to be made. */
  seen: Seen | null;
  name: string;
  /** What the policy is to say; null where it is to be deleted. */
  document: unknown;
  ticket: string;
  status: 'waiting' | 'confirmed' | 'rejected' | 'withdrawn';
  proposedAt: Date;
  proposedBy: Author;
  decided: { at: Date; by: Author } | null;
  comment: string;
}

export async function insertChange(
  tx: Tx,
  change: Pick<ProposedChange, 'kind' | 'seen' | 'name' | 'ticket'> & { document: object | null },
  by: Author,
  now: Date,
): Promise<string> {
  const { kind, seen, name, ticket, document } = change;
  const row = await tx.policyChange.create({
    data: {
      kind,
      policyId: seen?.id ?? null,
      baseVersion: seen?.version ?? 0,
      name,
      ticket,
      document: documentJson(document),
      proposedAt: now,
      proposedById: by.id,
      proposedByName: by.name,
    },
    select: { id: true },
  });
  return row.id;
}

/** Of several that propose at the same moment, each sees what the one before wrote. */
export async function lockProposing(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('policy_changes'))`;
}

export async function findChange(tx: Tx, id: string): Promise<ProposedChange | null> {
  const row = await tx.policyChange.findUnique({ where: { id } });
  return row && toChange(row);
}

/** As `findChange`, and nobody else decides on it until the transaction ends. */
export async function lockChange(tx: Tx, id: string): Promise<ProposedChange | null> {
  await tx.$queryRaw`select from policy_changes where id = ${id}::uuid for update`;
  return findChange(tx, id);
}

/** What waits, the longest wait first. */
export async function listWaiting(tx: Tx): Promise<ProposedChange[]> {
  const rows = await tx.policyChange.findMany({ where: { status: 'waiting' }, orderBy: { proposedAt: 'asc' } });
  return rows.map(toChange);
}

/** The change that waits for the policy, if one does. */
export async function waitingFor(tx: Tx, policyId: string): Promise<ProposedChange | null> {
  const row = await tx.policyChange.findFirst({ where: { status: 'waiting', policyId } });
  return row && toChange(row);
}

/** The change that waits to make a policy of this name, in whatever case, if one does. */
export async function waitingToMake(tx: Tx, kind: PolicyKind, name: string): Promise<ProposedChange | null> {
  const rows = await tx.policyChange.findMany({ where: { status: 'waiting', kind, policyId: null } });
  const row = rows.find((each) => each.name.toLowerCase() === name.toLowerCase());
  return row ? toChange(row) : null;
}

/** What was rejected or withdrawn, the latest first: as many as asked for from the given place on. */
export async function listDeclined(
  tx: Tx,
  filter: { q: string; kind: PolicyKind | undefined },
  page: { from: number; limit: number },
): Promise<ProposedChange[]> {
  const contains = { contains: filter.q, mode: 'insensitive' } as const;
  const rows = await tx.policyChange.findMany({
    where: {
      status: { in: ['rejected', 'withdrawn'] },
      ...(filter.kind ? { kind: filter.kind } : {}),
      ...(filter.q ? { OR: [{ name: contains }, { ticket: contains }, { proposedByName: contains }] } : {}),
    },
    orderBy: [{ decidedAt: 'desc' }, { id: 'asc' }],
    skip: page.from,
    take: page.limit,
  });
  return rows.map(toChange);
}

/** How many changes wait that this admin may confirm. */
export async function countWaitingChanges(tx: Tx, userId: string): Promise<number> {
  return tx.policyChange.count({ where: { status: 'waiting', proposedById: { not: userId } } });
}

export async function decideChange(
  tx: Tx,
  id: string,
  decision: { status: 'confirmed' | 'rejected' | 'withdrawn'; by: Author; comment: string; at: Date },
): Promise<void> {
  const { status, by, comment, at } = decision;
  await tx.policyChange.update({
    where: { id },
    data: { status, comment, decidedAt: at, decidedById: by.id, decidedByName: by.name },
  });
}

function toChange(row: Prisma.PolicyChangeGetPayload<object>): ProposedChange {
  const { decidedAt: at, decidedById: id, decidedByName: name } = row;
  return {
    id: row.id,
    // The table's constraints name the same words.
    kind: row.kind as PolicyKind,
    seen: row.policyId === null ? null : { id: row.policyId, version: row.baseVersion },
    name: row.name,
    document: row.document,
    ticket: row.ticket,
    status: row.status as ProposedChange['status'],
    proposedAt: row.proposedAt,
    proposedBy: { id: row.proposedById, name: row.proposedByName },
    decided: at === null || id === null ? null : { at, by: { id, name: name ?? '' } },
    comment: row.comment,
  };
}
