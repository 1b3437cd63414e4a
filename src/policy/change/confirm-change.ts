import type { Actor } from '../../audit/index.ts';
import { appNow, type Tx } from '../../platform/db.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { withKind } from './all-kinds.ts';
import { applyContent, applyDeletion, checkContent, type Hand, lockAsSeen, withNamesApart } from './apply.ts';
import type { ProposedChange } from './change-store.ts';
import { lockWaiting, settle } from './decide-change.ts';
import { restoredFromOf } from './documents.ts';
import type { AnyPolicy, KindOfPolicy, Seen } from './kind-of-policy.ts';
import { tellAuthor } from './tell-admins.ts';

/**
 * Makes the change hold that another admin proposed, as that admin wrote it. Throws `ForbiddenError` for its own
 * author, `ConflictError` where it was decided already or the policy is no longer what it was proposed on, and
 * `InvalidInputError` where the policy could not be saved so any more.
 */
export async function confirmChange(platform: Platform, id: string, actor: Actor): Promise<ProposedChange> {
  return withNamesApart(
    platform.db.tx(async (tx) => {
      const change = await lockWaiting(tx, id);
      if (change.proposedBy.id === actor.id) {
        throw new ForbiddenError(
          'own-change',
          'You proposed this change yourself, so another admin has to confirm it. You can withdraw it.',
        );
      }
      const hand = { actor, proposedBy: change.proposedBy };
      await withKind(change.kind, (how) => apply(platform, tx, how, change, hand));
      await settle(tx, change, { status: 'confirmed', comment: '', at: await appNow(tx) }, actor);
      await tellAuthor(tx, change, { word: 'confirmed', comment: '' }, actor);
      return change;
    }),
  );
}

async function apply<P extends AnyPolicy>(
  platform: Platform,
  tx: Tx,
  how: KindOfPolicy<P>,
  { seen, document, ticket }: ProposedChange,
  hand: Hand,
): Promise<void> {
  const before = seen === null ? null : await lockAsProposed(tx, how, seen);
  if (document !== null) {
    const content = how.fromDocument(document);
    await checkContent(tx, how, content, before);
    await applyContent(platform, tx, how, { before, content, restoredFrom: restoredFromOf(document) }, hand);
  } else if (before !== null) {
    await applyDeletion(platform, tx, how, { before, ticket }, hand);
  }
}

async function lockAsProposed<P extends AnyPolicy>(tx: Tx, how: KindOfPolicy<P>, seen: Seen) {
  try {
    return await lockAsSeen(tx, how, seen);
  } catch (error) {
    if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error;
    throw new ConflictError(
      'policy-moved-on',
      error instanceof NotFoundError
        ? 'The policy was deleted since this change was proposed, so the change can no longer be made. Reject it, or ask its author to withdraw it.'
        : 'The policy was changed since this change was proposed, so confirming it would undo that. Reject it, or ask its author to withdraw it and to propose it again on the policy as it is now.',
    );
  }
}
