import { z } from 'zod';
import type { Actor } from '../audit/index.ts';
import { appNow, type Prisma, type Tx } from '../platform/db.ts';
import { NotFoundError } from '../platform/errors.ts';
import type { ApprovalStep, PolicyRef } from '../policy/index.ts';
import type { PastDecision } from './machine.ts';
import type { AccessRequest, RequestStatus, RequestStep } from './types.ts';

const WITH_DECISIONS = { decisions: { orderBy: { decidedAt: 'asc' } } } satisfies Prisma.RequestInclude;
type Row = Prisma.RequestGetPayload<{ include: typeof WITH_DECISIONS }>;

/** The request, or null. */
export async function findRequest(tx: Tx, id: string): Promise<AccessRequest | null> {
  const row = await tx.request.findUnique({ where: { id }, include: WITH_DECISIONS });
  return row && fromRow(row);
}

/** The request, locked until the transaction ends. Throws `NotFoundError`. */
export async function lockRequest(tx: Tx, id: string): Promise<AccessRequest> {
  await tx.$queryRaw`select 1 from requests where id = ${id}::uuid for update`;
  const request = await findRequest(tx, id);
  if (request === null) throw noSuchRequest();
  return request;
}

export function noSuchRequest(): NotFoundError {
  return new NotFoundError('no-such-request', 'There is no such request, or you may not see it.');
}

export type NewRequest = Omit<
  AccessRequest,
  'id' | 'number' | 'version' | 'approvedDurationMinutes' | 'closeComment' | 'decisions' | 'submittedSteps'
> & { formKey: string; address: string | null; userAgent: string | null };

/** Writes the request. Null where the same form was stored before. */
export async function insertRequest(tx: Tx, request: NewRequest): Promise<AccessRequest | null> {
  const { steps, policies, ...rest } = request;
  const [row] = await tx.request.createManyAndReturn({
    data: [{ ...rest, steps: asJson(steps), submittedSteps: asJson(steps), policies: asJson(policies) }],
    skipDuplicates: true,
  });
  return row ? fromRow({ ...row, decisions: [] }) : null;
}

export async function findByForm(tx: Tx, requesterId: string, formKey: string): Promise<AccessRequest | null> {
  const row = await tx.request.findUnique({
    where: { requesterId_formKey: { requesterId, formKey } },
    include: WITH_DECISIONS,
  });
  return row && fromRow(row);
}

/** What a decision changes. `closed` is null while the request stays pending. */
export interface RequestChange {
  status: RequestStatus;
  approvedDurationMinutes?: number;
  /** Where it follows a change of the policies. */
  steps?: RequestStep[];
  /** Goes with `steps`: rows of the version before do not have it yet. */
  submittedSteps?: ApprovalStep[];
  policies?: PolicyRef[];
  closed: { at: Date; by: Pick<Actor, 'id' | 'name'>; comment: string } | null;
}

/** Writes the new state and a new version, and gives the request as it is then. The caller holds the lock. */
export async function changeRequest(tx: Tx, id: string, change: RequestChange): Promise<AccessRequest> {
  const { closed, approvedDurationMinutes, steps, submittedSteps, policies } = change;
  const row = await tx.request.update({
    where: { id },
    include: WITH_DECISIONS,
    data: {
      status: change.status,
      version: { increment: 1 },
      ...(approvedDurationMinutes === undefined ? {} : { approvedDurationMinutes }),
      ...(steps === undefined ? {} : { steps: asJson(steps) }),
      ...(submittedSteps === undefined ? {} : { submittedSteps: asJson(submittedSteps) }),
      ...(policies === undefined ? {} : { policies: asJson(policies) }),
      ...(closed === null
        ? {}
        : {
            closedAt: closed.at,
            closedById: closed.by.id,
            closedByName: closed.by.name,
            closeComment: closed.comment,
          }),
    },
  });
  return fromRow(row);
}

export async function insertDecision(
  tx: Tx,
  request: AccessRequest,
  decision: PastDecision,
  by: { actor: Actor; namedBy: ApprovalStep['approvers']; comment: string; at: Date },
): Promise<void> {
  await tx.decision.create({
    data: {
      requestId: request.id,
      requesterId: request.requesterId,
      approverId: decision.approverId,
      approverName: by.actor.name,
      verdict: decision.verdict,
      step: decision.step,
      durationMinutes: decision.durationMinutes,
      namedBy: by.namedBy,
      comment: by.comment,
      decidedAt: by.at,
      address: by.actor.address ?? null,
      userAgent: by.actor.userAgent?.slice(0, 500) ?? null,
    },
  });
}

/** The pending requests whose time is up, and those to extend what is over by now, oldest first. */
export async function dueRequests(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select r.id from requests r left join grants g on g.id = r.extends_grant_id
    where r.status = 'pending' and (r.expires_at <= app_now() or g.status <> 'active' or g.removed_outside_at is not null)
    order by r.expires_at limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Every request that can still be decided, the soonest deadline first. */
export async function pendingRequests(tx: Tx): Promise<AccessRequest[]> {
  const where = { status: 'pending', expiresAt: { gt: await appNow(tx) } };
  const rows = await tx.request.findMany({ where, include: WITH_DECISIONS, orderBy: { expiresAt: 'asc' } });
  return rows.map(fromRow);
}

/** When the policies last changed who decides the request, and why; null where they never did. */
export async function lastRerouting(tx: Tx, requestId: string): Promise<{ at: Date; reason: string } | null> {
  const where = { requestId, kind: 'request.rerouted' };
  const event = await tx.auditEvent.findFirst({ where, orderBy: { id: 'desc' } });
  if (event === null) return null;
  const { reason } = z.object({ reason: z.string() }).parse(event.after);
  return { at: event.at, reason };
}

/** The groups that pending requests name as their approvers, whatever the policies say today. */
export async function groupsOfPendingRequests(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select distinct substr(approver, length('GROUP:') + 1) as id
    from requests, jsonb_array_elements(steps) step, jsonb_array_elements_text(step -> 'approvers') approver
    where status = 'pending' and approver like 'GROUP:%'`;
  return rows.map((row) => row.id);
}

function fromRow(row: Row): AccessRequest {
  const {
    number,
    status,
    steps,
    submittedSteps,
    policies,
    formKey: _,
    address: __,
    userAgent: ___,
    decisions,
    ...rest
  } = row;
  return {
    ...rest,
    number: Number(number),
    status: status as RequestStatus,
    steps: steps as unknown as RequestStep[],
    submittedSteps: (submittedSteps ?? steps) as unknown as ApprovalStep[],
    policies: policies as unknown as PolicyRef[],
    decisions: decisions.map((each) => ({
      approverId: each.approverId,
      approverName: each.approverName,
      verdict: each.verdict === 'approve' ? 'approve' : 'reject',
      step: each.step,
      durationMinutes: each.durationMinutes,
      comment: each.comment,
      decidedAt: each.decidedAt,
      namedBy: each.namedBy as unknown as ApprovalStep['approvers'],
    })),
  };
}

function asJson(value: ApprovalStep[] | PolicyRef[]): Prisma.InputJsonValue {
  return value as unknown as Prisma.InputJsonValue;
}
