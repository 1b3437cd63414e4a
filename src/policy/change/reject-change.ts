import type { Actor } from '../../audit/index.ts';
import { appNow } from '../../platform/db.ts';
import { ForbiddenError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import type { ProposedChange } from './change-store.ts';
import { lockWaiting, settle } from './decide-change.ts';
import { tellAuthor } from './tell-admins.ts';

/** Declines a change that another admin proposed; the policy stays as it is. Throws as `confirmChange`. */
export async function rejectChange(
  { db }: Platform,
  id: string,
  comment: string,
  actor: Actor,
): Promise<ProposedChange> {
  return db.tx(async (tx) => {
    const change = await lockWaiting(tx, id);
    if (change.proposedBy.id === actor.id) {
      throw new ForbiddenError('own-change', 'You proposed this change yourself: withdraw it instead.');
    }
    await settle(tx, change, { status: 'rejected', comment, at: await appNow(tx) }, actor);
    await tellAuthor(tx, change, { word: 'rejected', comment }, actor);
    return change;
  });
}
