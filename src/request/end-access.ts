import { endGrant } from '../access/index.ts';
import type { Actor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError, ForbiddenError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { grantsFor, pendingExtension } from './extension-store.ts';
import { requestNumber } from './number.ts';
import { EXPIRE_REQUEST } from './queues.ts';
import { lockRequest } from './store.ts';
import type { AccessRequest } from './types.ts';

/**
 * The requester gives the access back before its time, or calls off one that has not opened yet. Throws
 * `ConflictError` where there is nothing left to end, `ForbiddenError` for anyone else, `NotFoundError`.
 */
export async function endAccess(
  platform: Platform,
  input: { requestId: string; comment: string },
  actor: Actor,
): Promise<AccessRequest> {
  return await platform.db.tx(async (tx) => {
    const request = await lockRequest(tx, input.requestId);
    if (request.requesterId !== actor.id) {
      throw new ForbiddenError(
        'not-requester',
        `Only ${request.requesterName} can end this access; approvers revoke it.`,
      );
    }
    await endOpenGrants(platform, tx, request, { cause: 'requester', comment: input.comment, actor });
    return request;
  });
}

/**
 * Ends every grant of the request that is not over yet, or the one that it extended. Throws `ConflictError` where none is.
 */
export async function endOpenGrants(
  platform: Platform,
  tx: Tx,
  request: AccessRequest,
  how: { cause: 'requester' | 'approver' | 'admin'; comment: string; actor: Actor },
): Promise<void> {
  const grants = await grantsFor(tx, request);
  const open = grants.filter(({ status }) => status === 'scheduled' || status === 'activating' || status === 'active');
  if (open.length === 0) throw nothingToEnd(request, grants.at(-1)?.endedByName ?? null, grants.at(-1)?.status);
  for (const grant of open) {
    await endGrant(platform, tx, {
      grantId: grant.id,
      cause: how.cause,
      comment: how.comment === '' ? null : how.comment,
      actor: how.actor,
    });
    // Nobody should be asked any longer for more of what is being taken away.
    const waiting = await pendingExtension(tx, grant.id);
    if (waiting) await platform.queue.send(tx, EXPIRE_REQUEST, { requestId: waiting.id });
  }
}

function nothingToEnd(request: AccessRequest, by: string | null, status: string | undefined): ConflictError {
  const number = requestNumber(request);
  if (status === undefined) return new ConflictError('no-access', `${number} gave no access, so there is none to end.`);
  if (status === 'failed') return new ConflictError('no-access', `The access of ${number} was never given.`);
  const words = status === 'ending' ? 'is already being taken away' : 'is already gone';
  return new ConflictError('access-over', `The access of ${number} ${words}${by ? `; ${by} ended it` : ''}.`);
}
