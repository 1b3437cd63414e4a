import { type Grant, rightsLostSince } from '../access/index.ts';
import { findAccount } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { accessNotes } from './access-notes.ts';
import { isUsable, whyTargetGone } from './target-words.ts';
import type { AccessRequest } from './types.ts';

/** What else there is to say of a request's access, or of what stands in its way while it waits. */
export async function notesOf(
  tx: Tx,
  request: AccessRequest,
  grant: Grant | null,
  format: (at: Date) => string,
): Promise<string[]> {
  if (request.status !== 'pending' && grant === null) return [];
  const looksAtAccount = request.status === 'pending' || grant?.status === 'ending';
  const account = looksAtAccount ? await findAccount(tx, request.accountId) : null;
  const suspended = account !== null && !isUsable(account.state);
  if (grant !== null)
    return accessNotes(grant, { rightsLostSince: await rightsLostSince(tx, grant.id), suspended }, format);
  const why = whyTargetGone(request, { account: suspended ? 'suspended' : 'there', permissionSet: true });
  return why === null ? [] : [`${why} For as long as that is so, nobody can approve it.`];
}
