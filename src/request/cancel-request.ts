import { type Actor, record } from '../audit/index.ts';
import { appNow } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { resolveApprovers } from '../policy/index.ts';
import { readTimeZone } from '../settings/index.ts';
import { decide, stepsAsked } from './machine.ts';
import { tellApprovers } from './mails.ts';
import { refusalError } from './refuse.ts';
import { changeRequest, lockRequest } from './store.ts';
import type { AccessRequest } from './types.ts';

/** The requester takes a pending request back. Throws `ForbiddenError`, `ConflictError` and `NotFoundError`. */
export async function cancelRequest(
  platform: Platform,
  input: { requestId: string; comment: string },
  actor: Actor,
): Promise<AccessRequest> {
  return await platform.db.tx(async (tx) => {
    const request = await lockRequest(tx, input.requestId);
    const now = await appNow(tx);
    const result = decide(request, { kind: 'cancel' }, { now, actorId: actor.id, approvableSteps: [] });
    if (result.kind === 'refused') {
      throw refusalError(result.refusal, request, await readTimeZone(tx, actor.id));
    }
    const { status } = result.state;
    const after = await changeRequest(tx, request.id, {
      status,
      closed: { at: now, by: actor, comment: input.comment },
    });
    await record(tx, {
      kind: 'request.cancelled',
      actor,
      subject: { kind: 'request', id: request.id },
      requestId: request.id,
      before: { status: request.status, version: request.version },
      after: { status, version: request.version + 1, comment: input.comment },
    });
    const approvers = await resolveApprovers(tx, stepsAsked(request), request.requesterId);
    await tellApprovers(tx, 'request-cancelled', request, approvers, { by: actor.name, comment: input.comment });
    return after;
  });
}
