import { createHash } from 'node:crypto';
import { type Actor, record } from '../audit/index.ts';
import { readPersonNow, type User } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { AppError, ForbiddenError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import type { NearMiss, Verdict } from '../policy/index.ts';
import { ticketMistake } from '../settings/index.ts';
import { give } from './give.ts';
import { type Judgement, judge } from './judge.ts';
import { submit } from './machine.ts';
import { askStep, tellRequester } from './mails.ts';
import { EXPIRE_REQUEST } from './queues.ts';
import { START_SENTENCES } from './refuse.ts';
import { findByForm, insertRequest } from './store.ts';
import type { AccessRequest, Submission } from './types.ts';

/**
 * A person asks for access. The same form sent again leads to the request that it made the first time. Without need
 * of approval the grant is opened at once. Throws `ForbiddenError` (recorded) where the person is not eligible,
 * `InvalidInputError` for what the form can mend, `UnavailableError` where Identity Center cannot be asked.
 */
export async function submitRequest(platform: Platform, input: Submission, actor: Actor): Promise<AccessRequest> {
  const formKey = keyOf(input);
  const before = await findByForm(platform.db.prisma, actor.id, formKey);
  if (before) return before;
  const person = await readPersonNow(platform, actor.id);
  const outcome = await platform.db.tx(async (tx): Promise<AccessRequest | AppError> => {
    if (person === null || !person.user.enabled) {
      const refusal = new ForbiddenError(
        'disabled',
        'Your user is disabled or gone in Identity Center, so you cannot ask for access. Your identity team can help.',
      );
      await recordRefusal(tx, input, actor, refusal, []);
      return refusal;
    }
    const subject = { userId: actor.id, groupIds: person.groupIds };
    const judgement = await judge(tx, subject, { ...input, ticketGiven: input.ticket !== '' });
    const refusal = refusalOf(judgement.verdict);
    if (refusal) {
      if (refusal instanceof ForbiddenError)
        await recordRefusal(tx, input, actor, refusal, judgement.verdict.nearMisses);
      return refusal;
    }
    const mistake = ticketMistake(judgement.settings, input.ticket);
    if (mistake !== null) return new InvalidInputError({ ticket: mistake });
    return await store(platform, tx, { ...input, formKey }, person.user, judgement, actor);
  });
  if (outcome instanceof AppError) throw outcome;
  return outcome;
}

async function store(
  platform: Platform,
  tx: Tx,
  input: Submission,
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
    expiresAt: opened.expiresAt,
    closedAt: approved ? now : null,
    closedById: approved ? 'policy' : null,
    closedByName: approved ? 'policy' : null,
    address: actor.address ?? null,
    userAgent: actor.userAgent?.slice(0, 500) ?? null,
  });
  if (request === null) {
    const same = await findByForm(tx, user.id, input.formKey);
    if (same === null) throw new Error('a stored form cannot be read');
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

/** Which field can mend the refusal; none can mend a missing right. */
function refusalOf(verdict: Verdict): AppError | null {
  if (verdict.allowed) return null;
  switch (verdict.code) {
    case 'too-long':
    case 'invalid-duration':
    case 'duration-not-offered':
      return new InvalidInputError({ durationMinutes: verdict.reason });
    case 'ticket-missing':
      return new InvalidInputError({ ticket: verdict.reason });
    case 'no-approvers':
      return new InvalidInputError({ permissionSetArn: verdict.reason });
    default:
      return new ForbiddenError(verdict.code, verdict.reason);
  }
}

async function recordRefusal(tx: Tx, input: Submission, actor: Actor, refusal: AppError, nearMisses: NearMiss[]) {
  await record(tx, {
    kind: 'request.refused',
    actor,
    subject: { kind: 'user', id: actor.id },
    after: {
      reason: refusal.code,
      accountId: input.accountId,
      permissionSetArn: input.permissionSetArn,
      durationMinutes: input.durationMinutes,
      nearMisses: nearMisses.slice(0, 10),
    },
  });
}

/**
 * The form's key together with what it says: sent twice it is one request, while a form that somebody goes back to
 * and changes makes another one.
 */
function keyOf(input: Submission): string {
  const said = JSON.stringify([
    input.formKey,
    input.accountId,
    input.permissionSetArn,
    input.startsAt?.toISOString() ?? null,
    input.durationMinutes,
    input.ticket,
    input.justification,
  ]);
  const hex = createHash('sha256').update(said).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
