import type { Actor } from '../../audit/index.ts';
import { appNow } from '../../platform/db.ts';
import { ForbiddenError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import type { ProposedChange } from './change-store.ts';
import { lockWaiting, settle } from './decide-change.ts';

/** Takes back a change that one proposed; the policy stays as it is. Throws where it is somebody else's, or decided. */
export async function withdrawChange({ db }: Platform, id: string, actor: Actor): Promise<ProposedChange> {
  return db.tx(async (tx) => {
    const change = await lockWaiting(tx, id);
    const { proposedBy } = change;
    if (proposedBy.id !== actor.id) {
      throw new ForbiddenError(
        'not-own-change',
        `Only ${proposedBy.name}, who proposed this change, can withdraw it. You can reject it.`,
      );
    }
    await settle(tx, change, { status: 'withdrawn', comment: '', at: await appNow(tx) }, actor);
    return change;
  });
}
