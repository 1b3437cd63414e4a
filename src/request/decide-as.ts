import { getGrant } from '../access/index.ts';
import { type Actor, record } from '../audit/index.ts';
import { readPersonNow } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { type AppError, ForbiddenError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { loadPolicies, mayDecide, resolveApprovers } from '../policy/index.ts';
import { readSettings, readTimeZone } from '../settings/index.ts';
import { askWhoIsNext } from './ask-who-is-next.ts';
import { currentStep, decide, type Moved, minutesLeft, type RequestCommand, stepsAsked } from './machine.ts';
import { tellApprovers } from './mails.ts';
import { readRecheck, whyNoLonger } from './recheck.ts';
import { alreadyClosed, COMMENT_MISSING, movedOn, refusalError } from './refuse.ts';
import { rerouteRequest } from './reroute-request.ts';
import { changeRequest, insertDecision, lastRerouting, lockRequest } from './store.ts';
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
 * One approver's decision: rights of approver and requester read from Identity Center now, the request locked, the pure
 * machine asked, and everything written together. A missing right is recorded before it is refused. Where the policies
 * changed who decides, the request follows them, and the approver is told instead: the decision was on something else.
 */
export async function decideAs(
  platform: Platform,
  input: DecisionInput,
  command: Extract<RequestCommand, { kind: 'approve' | 'reject' }>,
  actor: Actor,
  then: Then,
): Promise<AccessRequest> {
  // Saying no gives nothing, so it asks nothing of the requester and stays possible whatever became of them.
  const [approver, recheck] = await Promise.all([
    readPersonNow(platform, actor.id),
    command.kind === 'approve' ? readRecheck(platform, input.requestId) : null,
  ]);
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
    if (input.version !== request.version) {
      return movedOn(request, await lastRerouting(tx, request.id), timeZone);
    }
    if (input.comment === '' && settings.commentRequired) {
      return new InvalidInputError({ comment: COMMENT_MISSING });
    }

    if (recheck) {
      const policies = await loadPolicies(tx);
      const minutes = minutesLeft(result.state);
      const extended = request.extendsGrantId === null ? null : await getGrant(tx, request.extendsGrantId);
      const error = whyNoLonger(request, minutes, recheck, { policies, settings, timeZone, now, extended });
      if (error) {
        await recordRefusal(tx, request, actor, command.kind, error);
        return error;
      }
      const requesterGroupIds = recheck.requester?.groupIds ?? [];
      const by = { policies, account: recheck.account, requesterGroupIds, now };
      const changed = await rerouteRequest(tx, request, by);
      if (changed) return movedOn(request, { at: now, reason: changed.reason }, timeZone);
    }

    const status = result.state.status;
    const shortened = result.approvedMinutes !== null && result.approvedMinutes < request.durationMinutes;
    if (result.decision) {
      const { approvers } = request.steps[result.decision.step] ?? { approvers: [] };
      const subject = { userId: actor.id, groupIds: approver?.groupIds ?? [] };
      const namedBy = approvers.filter((each) => mayDecide([each], subject));
      await insertDecision(tx, request, result.decision, { actor, namedBy, comment: input.comment, at: now });
    }
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
      const asked = await resolveApprovers(tx, stepsAsked(request), request.requesterId);
      const others = asked.filter(({ id }) => id !== actor.id);
      await tellApprovers(tx, 'decided-by-another', after, others, {
        by: actor.name,
        comment: input.comment,
        reason: status === 'approved' ? 'approved' : 'rejected',
      });
    }
    if (status === 'pending' && currentStep(after) > currentStep(request)) {
      await askWhoIsNext(tx, after);
    }
    await then(tx, after, result, now);
    return after;
  });
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

/** The steps, by index, that the person is an approver of now. */
export function stepsOf(request: Pick<AccessRequest, 'steps'>, userId: string, groupIds: string[]): number[] {
  return request.steps.flatMap((step, index) =>
    !step.former && mayDecide(step.approvers, { userId, groupIds }) ? [index] : [],
  );
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
