import type { Actor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { type DecisionInput, decideAs } from './decide-as.ts';
import { give } from './give.ts';
import { tellRequester } from './mails.ts';
import type { AccessRequest } from './types.ts';

/**
 * One approver says yes, for all of the asked duration or for less. With the last approval that is needed the grant
 * is opened in the same transaction. Throws `ForbiddenError`, `ConflictError`, `InvalidInputError`, `NotFoundError`,
 * and `UnavailableError` where Identity Center cannot be asked: then nothing is decided.
 */
export async function approveRequest(
  platform: Platform,
  input: DecisionInput & { durationMinutes?: number },
  actor: Actor,
): Promise<AccessRequest> {
  const { durationMinutes } = input;
  const command = { kind: 'approve' as const, ...(durationMinutes === undefined ? {} : { durationMinutes }) };
  return await decideAs(platform, input, command, actor, async (tx, request, moved) => {
    if (moved.approvedMinutes === null) return;
    await give(platform, tx, request, moved.approvedMinutes, actor);
    const shorter = moved.approvedMinutes < request.durationMinutes;
    await tellRequester(tx, 'request-approved', request, {
      by: actor.name,
      comment: input.comment,
      ...(shorter ? { askedMinutes: request.durationMinutes } : {}),
    });
  });
}
