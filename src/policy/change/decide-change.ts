import { type Actor, record } from '../../audit/index.ts';
import type { Tx } from '../../platform/db.ts';
import { ConflictError, NotFoundError } from '../../platform/errors.ts';
import { decideChange, lockChange, type ProposedChange } from './change-store.ts';
import { subjectKind } from './kind-of-policy.ts';

const VERBS = { waiting: '', confirmed: 'confirmed', rejected: 'rejected', withdrawn: 'withdrew' };

/** The change, held until the transaction ends. Throws where there is none, and where somebody decided on it already. */
export async function lockWaiting(tx: Tx, id: string): Promise<ProposedChange> {
  const change = await lockChange(tx, id);
  if (change === null) throw new NotFoundError('change-gone', 'There is no such change of a policy.');
  const { decided, status } = change;
  if (decided !== null) {
    throw new ConflictError(
      'already-decided',
      `${decided.by.name} ${VERBS[status]} this change already. There is nothing left to decide.`,
    );
  }
  return change;
}

/** Writes the decision with its audit event. */
export async function settle(
  tx: Tx,
  change: ProposedChange,
  decision: { status: 'confirmed' | 'rejected' | 'withdrawn'; comment: string; at: Date },
  actor: Actor,
): Promise<void> {
  await decideChange(tx, change.id, { ...decision, by: actor });
  const { kind, seen, name, proposedBy } = change;
  await record(tx, {
    kind: `policy-change.${decision.status}`,
    actor,
    subject: { kind: 'policy-change', id: change.id },
    before: { status: 'waiting' },
    after: {
      status: decision.status,
      comment: decision.comment,
      policy: { kind: subjectKind(kind), id: seen?.id ?? null, name },
      proposedBy: { ...proposedBy },
    },
  });
}
