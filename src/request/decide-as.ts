import { type Actor, record } from '../audit/index.ts';
import { readPersonNow } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { type AppError, ForbiddenError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { mayDecide, resolveApprovers } from '../policy/index.ts';
import { readSettings, readTimeZone } from '../settings/index.ts';
import { decide, type Moved, type RequestCommand } from './machine.ts';
import { tellApprovers } from './mails.ts';
import { alreadyClosed, COMMENT_MISSING, movedOn, refusalError } from './refuse.ts';
import { changeRequest, insertDecision, lockRequest } from './store.ts';
import type { AccessRequest } from './types.ts';

export interface DecisionInput {
  requestId: string;
  /** The version that the approver's page showed. */
  version: number;
  comment: string;
}

/** What else a decision does, in its transaction. `request` is as it is after the decision. */
type Then = (tx: Tx, request: AccessRequest, moved: Moved, now: Date) => Promise<void>;

/**
 * One approver's decision: rights read from Identity Center now, the request locked, the pure machine asked, and
 * everything written together. A missing right is recorded before it is refused.
 */
export async function decideAs(
  platform: Platform,
  input: DecisionInput,
  command: Extract<RequestCommand, { kind: 'approve' | 'reject' }>,
  actor: Actor,
  then: Then,
): Promise<AccessRequest> {
  const approver = await readPersonNow(platform, actor.id);
  const outcome = await platform.db.tx(async (tx): Promise<AccessRequest | AppError> => {
    const request = await lockRequest(tx, input.requestId);
    const now = await appNow(tx);
    const { settings } = await readSettings(tx);
    const timeZone = await readTimeZone(tx, actor.id);
    if (request.status !== 'pending') return alreadyClosed(request, timeZone);

    const approvableSteps = approver?.user.enabled ? stepsOf(request, actor.id, approver.groupIds) : [];
    const result = decide(request, command, { now, actorId: actor.id, approvableSteps });
    if (result.kind === 'refused') {
      const error = refusalError(result.refusal, request, timeZone);
      if (error instanceof ForbiddenError) await recordRefusal(tx, request, actor, command.kind, error);
      return error;
    }
    if (input.version !== request.version) return movedOn(request, timeZone);
    if (input.comment === '' && settings.commentRequired) {
      return new InvalidInputError({ comment: COMMENT_MISSING });
    }

    const status = result.state.status;
    const shortened = result.approvedMinutes !== null && result.approvedMinutes < request.durationMinutes;
    if (result.decision) await insertDecision(tx, request, result.decision, { actor, comment: input.comment, at: now });
    const after = await changeRequest(tx, request.id, {
      status,
      ...(shortened && result.approvedMinutes !== null ? { approvedDurationMinutes: result.approvedMinutes } : {}),
      closed: status === 'pending' ? null : { at: now, by: actor, comment: input.comment },
    });
    await record(tx, {
      kind: command.kind === 'approve' ? 'request.approved' : 'request.rejected',
      actor,
      subject: { kind: 'request', id: request.id },
      requestId: request.id,
      before: { status: request.status, version: request.version },
      after: { status, version: after.version, comment: input.comment, ...result.decision },
    });
    if (status !== 'pending') {
      const others = (await resolveApprovers(tx, request.steps, request.requesterId)).filter(
        ({ id }) => id !== actor.id,
      );
      await tellApprovers(tx, 'decided-by-another', after, others, {
        by: actor.name,
        comment: input.comment,
        reason: status === 'approved' ? 'approved' : 'rejected',
      });
    }
    await then(tx, after, result, now);
    return after;
  });
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

/** The steps, by index, that the person is an approver of. */
export function stepsOf(request: Pick<AccessRequest, 'steps'>, userId: string, groupIds: string[]): number[] {
  return request.steps.flatMap((step, index) => (mayDecide(step.approvers, { userId, groupIds }) ? [index] : []));
}

async function recordRefusal(tx: Tx, request: AccessRequest, actor: Actor, what: string, error: AppError) {
  await record(tx, {
    kind: 'request.decision-refused',
    actor,
    subject: { kind: 'request', id: request.id },
    requestId: request.id,
    after: { attempted: what, reason: error.code },
  });
}
