import { record, systemActor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { standingOf } from './standing-store.ts';
import { lockAssignment } from './store.ts';
import { MINUTE, since } from './tuple.ts';

const ACTOR = systemActor('drift');

/** What AWS lists of one assignment. `lookedAt`: the database's time before AWS was asked. */
interface Listed {
  assignmentId: string;
  lookedAt: Date;
}

/**
 * Somebody took away past Latchkey what open grants rest on: notes it with each, and answers with their IDs. They
 * stay as they are until their end; nothing is given again. Nothing is noted where a change of ours could be the reason.
 */
export async function noteRemovedOutside(tx: Tx, listed: Listed): Promise<string[]> {
  if (!(await isCertain(tx, listed))) return [];
  return note(tx, listed, 'grant.removed-outside', { removedOutsideAt: listed.lookedAt }, { removedOutsideAt: null });
}

/** It is there: what was noted by `noteRemovedOutside` no longer holds. Answers with the IDs of those grants. */
export async function noteThereAgain(tx: Tx, listed: Listed): Promise<string[]> {
  if (!(await isCertain(tx, listed))) return [];
  await tx.$executeRaw`
    update assignments set present_at = greatest(present_at, ${listed.lookedAt}::timestamptz)
    where id = ${listed.assignmentId}::uuid`;
  return note(tx, listed, 'grant.there-again', { removedOutsideAt: null }, { removedOutsideAt: { not: null } });
}

/** Locks the assignment. False where the list may be older than what Latchkey did, or where it is at work now. */
async function isCertain(tx: Tx, { assignmentId, lookedAt }: Listed): Promise<boolean> {
  await lockAssignment(tx, assignmentId);
  const { busy, leased, changedAt } = await standingOf(tx, assignmentId);
  return !busy && !leased && (changedAt === null || since(changedAt, lookedAt) >= MINUTE);
}

async function note(
  tx: Tx,
  { assignmentId }: Listed,
  kind: string,
  data: { removedOutsideAt: Date | null },
  which: { removedOutsideAt: null | { not: null } },
): Promise<string[]> {
  const grants = await tx.grant.findMany({ where: { assignmentId, status: 'active', ...which } });
  for (const grant of grants) {
    await tx.grant.update({ where: { id: grant.id }, data: { ...data, version: { increment: 1 } } });
    await record(tx, {
      kind,
      actor: ACTOR,
      subject: { kind: 'grant', id: grant.id },
      ...(grant.requestId ? { requestId: grant.requestId } : {}),
      before: { removedOutsideAt: grant.removedOutsideAt },
      after: data,
    });
  }
  return grants.map(({ id }) => id);
}
