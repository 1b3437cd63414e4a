import type { Actor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { type DecisionInput, decideAs } from './decide-as.ts';
import { tellRequester } from './mails.ts';
import type { AccessRequest } from './types.ts';

/** One approver says no, which ends the request. Throws as `approveRequest` does. */
export async function rejectRequest(platform: Platform, input: DecisionInput, actor: Actor): Promise<AccessRequest> {
  return await decideAs(platform, input, { kind: 'reject' }, actor, async (tx, request) => {
    await tellRequester(tx, 'request-rejected', request, { by: actor.name, comment: input.comment });
  });
}
