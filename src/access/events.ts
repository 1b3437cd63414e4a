import { record, systemActor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Log } from '../platform/log.ts';
import type { TupleKey } from './provisioner.ts';
import { changedGrants } from './store.ts';
import type { OpenGrant, Operation, Tuple } from './tuple.ts';
import type { AccessPorts, Grant, GrantChange } from './types.ts';

const ACTOR = systemActor('access');

/** Writes the audit events of a turn and tells people, all in its transaction. */
export async function tell(
  log: Log,
  tx: Tx,
  ports: Pick<AccessPorts, 'announce'>,
  key: TupleKey,
  before: Tuple,
  after: Tuple,
): Promise<void> {
  for (const operation of after.operations) {
    const old = before.operations.find(({ id }) => id === operation.id);
    if (old?.outcome !== operation.outcome) await recordOperation(tx, key, after, old, operation);
  }
  for (const [old, grant] of changedGrants(before, after)) {
    if (old.status !== grant.status) await recordGrant(tx, old, grant);
    const change = news(old, grant);
    if (change !== null) await announce(log, tx, ports, withoutInternals(grant), change);
  }
}

/** Who cannot be told must not keep access for it: where telling fails, the change is kept. */
async function announce(
  log: Log,
  tx: Tx,
  ports: Pick<AccessPorts, 'announce'>,
  grant: Grant,
  change: GrantChange,
): Promise<void> {
  await tx.$executeRawUnsafe('savepoint announce');
  try {
    await ports.announce(tx, grant, change);
    await tx.$executeRawUnsafe('release savepoint announce');
  } catch (error) {
    await tx.$executeRawUnsafe('rollback to savepoint announce');
    log.error({ err: error, grant: grant.id, change }, 'nobody could be told of a change of access');
  }
}

/** 'create.intended', 'create.in_progress', 'create.succeeded', … as AWS reports it. */
async function recordOperation(tx: Tx, key: TupleKey, tuple: Tuple, old: Operation | undefined, operation: Operation) {
  const { kind, outcome, awsRequestId, reason } = operation;
  const requestId = tuple.grants.find((grant) => grant.requestId !== null)?.requestId;
  await record(tx, {
    kind: `assignment.${kind}-${outcome.replace('_', '-')}`,
    actor: ACTOR,
    subject: { kind: 'assignment', id: tuple.id },
    ...(requestId ? { requestId } : {}),
    ...(old ? { before: { outcome: old.outcome } } : {}),
    after: {
      operationId: operation.id,
      outcome,
      awsRequestId,
      reason,
      userId: key.principalId,
      accountId: key.targetId,
      permissionSetArn: key.permissionSetArn,
    },
  });
}

async function recordGrant(tx: Tx, old: OpenGrant, grant: OpenGrant): Promise<void> {
  const { status, opensAt, closesAt, endDueAt, endedAt, endCause, endComment } = grant;
  const { failure, continuedBy, preexisting, gone } = grant;
  // From when it was to end until AWS had confirmed that it has.
  const lateSeconds = endDueAt && endedAt ? Math.round((endedAt.getTime() - endDueAt.getTime()) / 1_000) : undefined;
  const times = { opensAt, closesAt, endDueAt, lateSeconds };
  await record(tx, {
    kind: `grant.${status}`,
    actor: ACTOR,
    subject: { kind: 'grant', id: grant.id },
    ...(grant.requestId ? { requestId: grant.requestId } : {}),
    before: { status: old.status },
    after: { status, ...times, endCause, endComment, failure, continuedBy, preexisting, gone },
  });
}

function news(old: OpenGrant, grant: OpenGrant): GrantChange | null {
  if (old.announced !== grant.announced) return grant.announced as GrantChange;
  return old.endingSoonToldAt !== grant.endingSoonToldAt ? 'ending-soon' : null;
}

function withoutInternals(grant: OpenGrant): Grant {
  const { rightsCheckedAt, announced, endingSoonToldAt, ...rest } = grant;
  // As `save` has just written it.
  return { ...rest, version: rest.version + 1 };
}
