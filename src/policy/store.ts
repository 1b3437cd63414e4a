import { Prisma, type Tx } from '../platform/db.ts';
import type { ApprovalPolicy, ApprovalStep, EligibilityPolicy, PolicyContent, PolicyKind } from './types.ts';

/** Who changed a policy last. */
export interface Change {
  at: Date;
  byName: string;
}
export type Stored<P> = P & { changed: Change };

export async function findEligibilityPolicy(tx: Tx, id: string): Promise<Stored<EligibilityPolicy> | null> {
  const row = await tx.eligibilityPolicy.findUnique({ where: { id } });
  return row && toEligibilityPolicy(row);
}

export async function findApprovalPolicy(tx: Tx, id: string): Promise<Stored<ApprovalPolicy> | null> {
  const row = await tx.approvalPolicy.findUnique({ where: { id } });
  return row && toApprovalPolicy(row);
}

export async function listEligibilityPolicies(tx: Tx): Promise<Stored<EligibilityPolicy>[]> {
  return (await tx.eligibilityPolicy.findMany()).map(toEligibilityPolicy);
}

export async function listApprovalPolicies(tx: Tx): Promise<Stored<ApprovalPolicy>[]> {
  return (await tx.approvalPolicy.findMany()).map(toApprovalPolicy);
}

/** Holds the policy until the transaction ends, so that of two changes the second sees the first. */
export async function lockPolicy(tx: Tx, kind: PolicyKind, id: string): Promise<void> {
  await tx.$queryRaw`select from ${TABLES[kind]} where id = ${id}::uuid for update`;
}

const TABLES: Record<PolicyKind, Prisma.Sql> = {
  eligibility: Prisma.raw('eligibility_policies'),
  approval: Prisma.raw('approval_policies'),
  guardrail: Prisma.raw('guardrails'),
};

/** True where another policy of the kind has the name, in whatever case. */
export async function isNameTaken(
  tx: Tx,
  kind: PolicyKind,
  name: string,
  exceptId: string | undefined,
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id::text from ${TABLES[kind]} where lower(name) = lower(${name})`;
  return rows.some((row) => row.id !== exceptId);
}

export interface Author {
  id: string;
  name: string;
}

export async function writeEligibilityPolicy(
  tx: Tx,
  which: { id: string | undefined; version: number },
  content: PolicyContent<EligibilityPolicy>,
  by: Author,
  now: Date,
): Promise<Stored<EligibilityPolicy>> {
  const { id, version } = which;
  const data = { ...content, version, updatedAt: now, updatedById: by.id, updatedByName: by.name };
  const row = id
    ? await tx.eligibilityPolicy.update({ where: { id }, data })
    : await tx.eligibilityPolicy.create({ data: { ...data, createdAt: now } });
  return toEligibilityPolicy(row);
}

export async function writeApprovalPolicy(
  tx: Tx,
  which: { id: string | undefined; version: number },
  content: PolicyContent<ApprovalPolicy>,
  by: Author,
  now: Date,
): Promise<Stored<ApprovalPolicy>> {
  const { id, version } = which;
  const { steps, ...rest } = content;
  const data = {
    ...rest,
    version,
    steps: steps.map(asJson),
    updatedAt: now,
    updatedById: by.id,
    updatedByName: by.name,
  };
  const row = id
    ? await tx.approvalPolicy.update({ where: { id }, data })
    : await tx.approvalPolicy.create({ data: { ...data, createdAt: now } });
  return toApprovalPolicy(row);
}

export async function removePolicy(tx: Tx, kind: PolicyKind, id: string): Promise<void> {
  await tx.$executeRaw`delete from ${TABLES[kind]} where id = ${id}::uuid`;
}

/** A version as it is kept. `document` null: this version is the deletion. */
export interface KeptVersion {
  policyId: string;
  version: number;
  name: string;
  ticket: string;
  document: object | null;
  /** The second admin, where one had to confirm the change. */
  confirmedBy: Author | null;
}

/** Keeps the version for ever. */
export async function keepVersion(
  tx: Tx,
  kind: PolicyKind,
  { confirmedBy, ...version }: KeptVersion,
  by: Author,
  now: Date,
): Promise<void> {
  await tx.policyVersion.create({
    data: {
      ...version,
      document: documentJson(version.document),
      kind,
      changedAt: now,
      changedById: by.id,
      changedByName: by.name,
      confirmedById: confirmedBy?.id ?? null,
      confirmedByName: confirmedBy?.name ?? null,
    },
  });
}

/** A policy as JSON: dates become text. */
export function documentJson(document: object | null): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return document === null ? Prisma.DbNull : (JSON.parse(JSON.stringify(document)) as Prisma.InputJsonValue);
}

/** How many requests of the last 90 days rest on each policy, by policy ID. */
export async function countUses(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ id: string; uses: bigint }[]>`
    select policy->>'id' as id, count(*) as uses
    from requests, jsonb_array_elements(policies) as policy
    where submitted_at > app_now() - interval '90 days'
    group by 1`;
  return new Map(rows.map((row) => [row.id, Number(row.uses)]));
}

type EligibilityRow = Prisma.EligibilityPolicyGetPayload<object>;
type ApprovalRow = Prisma.ApprovalPolicyGetPayload<object>;

function toEligibilityPolicy(row: EligibilityRow): Stored<EligibilityPolicy> {
  const { createdAt: _, updatedAt, updatedById: __, updatedByName, ...policy } = row;
  return { ...policy, changed: { at: updatedAt, byName: updatedByName } };
}

function toApprovalPolicy(row: ApprovalRow): Stored<ApprovalPolicy> {
  const { createdAt: _, updatedAt, updatedById: __, updatedByName, steps, ...policy } = row;
  // The column is written by this store alone.
  return { ...policy, steps: steps as unknown as ApprovalStep[], changed: { at: updatedAt, byName: updatedByName } };
}

function asJson(step: ApprovalStep): Prisma.InputJsonObject {
  return { approvers: step.approvers, approvalsNeeded: step.approvalsNeeded };
}
