import { Prisma, type Tx } from '../../platform/db.ts';
import type { Author } from '../store.ts';
import type { PolicyKind } from '../types.ts';

/** One version of a policy as it was kept, with what the policy said before it. */
export interface Version {
  kind: PolicyKind;
  policyId: string;
  version: number;
  name: string;
  ticket: string;
  /** Null: this version is the deletion. */
  document: unknown;
  /** What the version before said; null for the first. */
  previous: unknown;
  changedAt: Date;
  changedBy: Author;
  /** The second admin, where one had to agree. */
  confirmedBy: Author | null;
}

export interface VersionFilter {
  kind?: PolicyKind | undefined;
  policyId?: string;
  version?: number;
  /** The last word on policies that are gone. */
  deletedOnly?: boolean;
  /** In the policy's name, its ticket, or the name of who changed it. */
  q?: string;
}

/** Versions by when they were made, the latest first: as many as asked for from the given place on. */
export async function listVersions(
  tx: Tx,
  filter: VersionFilter,
  page: { from: number; limit: number },
): Promise<Version[]> {
  const { kind, policyId, version, deletedOnly, q = '' } = filter;
  const conditions = [
    Prisma.sql`true`,
    ...(kind ? [Prisma.sql`v.kind = ${kind}`] : []),
    ...(policyId ? [Prisma.sql`v.policy_id = ${policyId}::uuid`] : []),
    ...(version === undefined ? [] : [Prisma.sql`v.version = ${version}`]),
    ...(deletedOnly ? [Prisma.sql`v.document is null`] : []),
    ...(q
      ? [
          Prisma.sql`position(lower(${q}) in lower(concat_ws(' ', v.name, v.ticket, v.changed_by_name, v.confirmed_by_name, v.document->>'name', p.document->>'name'))) > 0`,
        ]
      : []),
  ];
  const rows = await tx.$queryRaw<Row[]>`
    select v.kind, v.policy_id::text as "policyId", v.version, v.ticket, v.document, p.document as previous,
      coalesce(nullif(v.name, ''), v.document->>'name', p.document->>'name', '') as name,
      v.changed_at as "changedAt", v.changed_by_id as "changedById", v.changed_by_name as "changedByName",
      v.confirmed_by_id as "confirmedById", v.confirmed_by_name as "confirmedByName"
    from policy_versions v
    left join policy_versions p on p.policy_id = v.policy_id and p.version = v.version - 1
    where ${Prisma.join(conditions, ' and ')}
    order by v.changed_at desc, v.policy_id, v.version desc
    limit ${page.limit} offset ${page.from}`;
  return rows.map(({ changedById, changedByName, confirmedById, confirmedByName, ...row }) => ({
    ...row,
    changedBy: { id: changedById, name: changedByName },
    confirmedBy: confirmedById === null ? null : { id: confirmedById, name: confirmedByName ?? '' },
  }));
}

type Row = Omit<Version, 'changedBy' | 'confirmedBy'> & {
  changedById: string;
  changedByName: string;
  confirmedById: string | null;
  confirmedByName: string | null;
};

/** One version; null where there never was such a one. */
export async function findVersion(
  tx: Tx,
  kind: PolicyKind,
  policyId: string,
  version: number,
): Promise<Version | null> {
  const [found] = await listVersions(tx, { kind, policyId, version }, { from: 0, limit: 1 });
  return found ?? null;
}
