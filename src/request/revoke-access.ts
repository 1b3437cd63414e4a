import { type Actor, record } from '../audit/index.ts';
import { groupIdsOf, readPersonNow } from '../directory/index.ts';
import { type AppError, ForbiddenError, InvalidInputError, UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { endOpenGrants } from './end-access.ts';
import { lockRequest } from './store.ts';
import type { AccessRequest } from './types.ts';
import { approvesFor } from './view-request.ts';

/**
 * A current approver in whose scope it lies, or an administrator, takes the access away, or calls off one that has
 * not opened yet; self-served ones too. A comment is always required. An approver's right is read from Identity
 * Center now, where it answers; an administrator's was by the guard. Throws `ForbiddenError` (recorded), `ConflictError`,
 * `InvalidInputError`, `NotFoundError`.
 */
export async function revokeAccess(
  platform: Platform,
  input: { requestId: string; comment: string; asAdmin: boolean },
  actor: Actor,
): Promise<AccessRequest> {
  if (input.comment === '') {
    throw new InvalidInputError({ comment: 'Say why, for the person whose access it is and for the record.' });
  }
  const groupIds = input.asAdmin ? [] : await groupsForRevoking(platform, actor.id);
  const outcome = await platform.db.tx(async (tx): Promise<AccessRequest | AppError> => {
    const request = await lockRequest(tx, input.requestId);
    const approver =
      !input.asAdmin && groupIds !== null && (await approvesFor(tx, { userId: actor.id, groupIds }, request));
    if (!input.asAdmin && !approver) {
      await record(tx, {
        kind: 'grant.revocation-refused',
        actor,
        subject: { kind: 'request', id: request.id },
        requestId: request.id,
        after: { reason: 'not-approver' },
      });
      return new ForbiddenError(
        'not-approver',
        `You are not an approver for ${request.permissionSetName} in ${request.accountName}. An approver or an administrator can revoke it.`,
      );
    }
    const cause = approver ? 'approver' : 'admin';
    await endOpenGrants(platform, tx, request, { cause, comment: input.comment, actor });
    return request;
  });
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

/**
 * The groups that an approver's right rests on; null for who is disabled or gone. Where Identity Center is away the
 * copy has to do: taking access away must not wait for it.
 */
async function groupsForRevoking(platform: Platform, userId: string): Promise<string[] | null> {
  try {
    const person = await readPersonNow(platform, userId, { priority: 'revoke' });
    return person?.user.enabled ? person.groupIds : null;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return await groupIdsOf(platform.db.prisma, userId);
  }
}
