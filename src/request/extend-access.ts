import { getGrant, whyNotExtendable } from '../access/index.ts';
import type { Actor } from '../audit/index.ts';
import { type PersonNow, readPersonNow } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { AppError, ForbiddenError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { grantToExtend, pendingExtension } from './extension-store.ts';
import { askedBefore, notExtendable } from './extension-words.ts';
import { formKeyOf } from './form-key.ts';
import { judgeExtension, whyNotLonger } from './judge-extension.ts';
import { placeRequest } from './place-request.ts';
import { findByForm, findRequest, lockRequest, noSuchRequest } from './store.ts';
import { recordRefusal } from './submit-request.ts';
import type { AccessRequest } from './types.ts';

export interface ExtensionInput {
  /** The request whose access is to last longer, or one that extended it before. */
  requestId: string;
  /** How much longer. */
  durationMinutes: number;
  justification: string;
  formKey: string;
}

/**
 * The requester asks for more time: a request of its own, judged by the same policies for the whole time from the
 * activation to the new end. Without need of approval the end moves at once. The same form sent again leads to the
 * request that it made the first time. Throws `ConflictError` where the end has begun or another extension waits,
 * `ForbiddenError` (recorded), `InvalidInputError`, `NotFoundError`, and `UnavailableError` where Identity Center
 * cannot be asked.
 */
export async function extendAccess(platform: Platform, input: ExtensionInput, actor: Actor): Promise<AccessRequest> {
  const tx = platform.db.prisma;
  const seen = await findRequest(tx, input.requestId);
  if (seen === null) throw noSuchRequest();
  const grant = await grantToExtend(tx, seen);
  if (grant === null || grant.requestId === null) throw notExtendable('not-there-yet');
  const formKey = formKeyOf(input.formKey, [grant.id, input.durationMinutes, input.justification]);
  const before = await findByForm(tx, actor.id, formKey);
  if (before) return before;
  const about = { requestId: grant.requestId, grantId: grant.id };
  const person = await readPersonNow(platform, actor.id);
  const outcome = await platform.db.tx((tx) => extend(platform, tx, about, { ...input, formKey }, person, actor));
  if (outcome instanceof AppError) throw outcome;
  return outcome;
}

async function extend(
  platform: Platform,
  tx: Tx,
  about: { requestId: string; grantId: string },
  { durationMinutes, justification, formKey }: ExtensionInput,
  person: PersonNow | null,
  actor: Actor,
): Promise<AccessRequest | AppError> {
  // Whoever sends the same at once waits here, and finds what the first one made.
  const original = await lockRequest(tx, about.requestId);
  if (original.requesterId !== actor.id) {
    return new ForbiddenError('not-requester', `Only ${original.requesterName} can ask for more time here.`);
  }
  const same = await findByForm(tx, actor.id, formKey);
  if (same) return same;
  const grant = await getGrant(tx, about.grantId);
  const refusal = grant === null ? 'over' : whyNotExtendable(grant, await appNow(tx));
  if (grant === null || grant.closesAt === null || refusal !== null) return notExtendable(refusal ?? 'over');
  const waiting = await pendingExtension(tx, grant.id);
  if (waiting) return askedBefore(waiting);

  const { accountId, permissionSetArn, ticket } = original;
  const ask = { accountId, permissionSetArn, durationMinutes };
  if (person === null || !person.user.enabled) {
    const gone = new ForbiddenError(
      'disabled',
      'Your user is disabled or gone in Identity Center, so your access is not extended. Your identity team can help.',
    );
    await recordRefusal(tx, ask, actor, gone, []);
    return gone;
  }
  const subject = { userId: actor.id, groupIds: person.groupIds };
  const extendable = { original, grant, closesAt: grant.closesAt };
  const judgement = await judgeExtension(tx, subject, extendable, durationMinutes);
  const wrong = whyNotLonger(judgement, extendable, durationMinutes);
  if (wrong) {
    if (wrong instanceof ForbiddenError) await recordRefusal(tx, ask, actor, wrong, judgement.verdict.nearMisses);
    return wrong;
  }
  const extended = { grantId: grant.id, closesAt: grant.closesAt };
  const placement = { ...ask, ticket, justification, startsAt: null, formKey, extends: extended };
  return await placeRequest(platform, tx, placement, person.user, judgement, actor);
}
