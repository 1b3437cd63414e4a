import { type Actor, record } from '../audit/index.ts';
import type { User } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { ConflictError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { give } from './give.ts';
import type { Judgement } from './judge.ts';
import { submit } from './machine.ts';
import { askStep, tellRequester } from './mails.ts';
import { EXPIRE_REQUEST } from './queues.ts';
import { START_SENTENCES } from './refuse.ts';
import { findByForm, insertRequest } from './store.ts';
import type { AccessRequest, Submission } from './types.ts';

/** What is asked for; `extends`: a grant whose end is to move, and until when that is possible. */
export interface Placement extends Submission {
  extends?: { grantId: string; closesAt: Date };
}

/**
 * Writes a request that was judged and found in order, and what follows from it: its approvers are asked, or where
 * none are needed it is given at once. The same form stored before leads to what it made then.
 */
export async function placeRequest(
  platform: Platform,
  tx: Tx,
  input: Placement,
  user: User,
  { verdict, account, permissionSet, perStep, settings }: Judgement,
  actor: Actor,
): Promise<AccessRequest> {
  if (account === null || permissionSet === null) throw new Error('allowed without an account or role');
  const now = await appNow(tx);
  const opened = submit(
    { ...input, approvalNeeded: verdict.approvalNeeded },
    { now, waitMinutes: settings.requestExpiryMinutes },
  );
  if (opened.kind === 'refused') {
    throw new InvalidInputError({ startsAt: START_SENTENCES[opened.refusal] });
  }
  const approved = opened.status === 'approved';
  // What is over cannot be extended any more.
  const lastMoment = input.extends?.closesAt ?? opened.expiresAt;
  const request = await insertRequest(tx, {
    formKey: input.formKey,
    status: opened.status,
    requesterId: user.id,
    requesterName: user.displayName,
    requesterUserName: user.userName,
    requesterEmail: user.email,
    accountId: account.id,
    accountName: account.name,
    ouPath: account.ouPath,
    permissionSetArn: permissionSet.arn,
    permissionSetName: permissionSet.name,
    sessionSeconds: permissionSet.sessionSeconds,
    startsAt: input.startsAt,
    durationMinutes: input.durationMinutes,
    ticket: input.ticket,
    justification: input.justification,
    approvalNeeded: verdict.approvalNeeded,
    steps: verdict.steps,
    policies: [...verdict.allowedBy, ...verdict.approvalPolicies, ...verdict.guardrails],
    submittedAt: now,
    expiresAt: lastMoment < opened.expiresAt ? lastMoment : opened.expiresAt,
    closedAt: approved ? now : null,
    closedById: approved ? 'policy' : null,
    closedByName: approved ? 'policy' : null,
    extendsGrantId: input.extends?.grantId ?? null,
    address: actor.address ?? null,
    userAgent: actor.userAgent?.slice(0, 500) ?? null,
  });
  if (request === null) {
    const same = await findByForm(tx, user.id, input.formKey);
    if (same === null)
      throw new ConflictError('asked-before', 'The same was asked for a moment ago. Look at it first.');
    return same;
  }
  await record(tx, {
    kind: 'request.submitted',
    actor,
    subject: { kind: 'request', id: request.id },
    requestId: request.id,
    after: { ...request, submittedBy: user.userName },
  });
  await tellRequester(tx, 'request-submitted', request);
  if (approved) {
    await give(platform, tx, request, request.durationMinutes, actor);
  } else {
    await askStep(tx, request, perStep[0] ?? []);
    await platform.queue.send(tx, EXPIRE_REQUEST, { requestId: request.id }, { startAfter: request.expiresAt });
  }
  return request;
}
