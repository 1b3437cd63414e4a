import { readGiving } from '../access/index.ts';
import type { User } from '../directory/index.ts';
import { enqueueMail, type Mail, type MailKind } from '../notify/index.ts';
import type { Tx } from '../platform/db.ts';
import { wantMail } from '../settings/index.ts';
import { readExtension } from './extension-store.ts';
import { currentStep } from './machine.ts';
import { requestNumber } from './number.ts';
import type { AccessRequest } from './types.ts';

/** Tells the requester what became of the request, in the transaction that changed it. */
export async function tellRequester(
  tx: Tx,
  kind: MailKind,
  request: AccessRequest,
  extra: Partial<Mail['data']> = {},
  occasion?: string,
): Promise<void> {
  const wanted = await wantMail(tx, kind, [request.requesterId], extra.ownDoing);
  if (!wanted.has(request.requesterId)) return;
  await enqueueMail(tx, {
    kind,
    to: { userId: request.requesterId, name: request.requesterName, address: request.requesterEmail },
    about: { requestId: request.id, number: requestNumber(request), ...(occasion === undefined ? {} : { occasion }) },
    data: { ...(await dataOf(tx, request)), ...extra },
  });
}

/** Tells each of the approvers, in the transaction of the change. */
export async function tellApprovers(
  tx: Tx,
  kind: MailKind,
  request: AccessRequest,
  approvers: Pick<User, 'id' | 'displayName' | 'email'>[],
  extra: Partial<Mail['data']> = {},
  occasion?: string,
): Promise<void> {
  const wanted = await wantMail(
    tx,
    kind,
    approvers.map(({ id }) => id),
  );
  const told = approvers.filter(({ id }) => wanted.has(id));
  if (told.length === 0) return;
  const data = { ...(await dataOf(tx, request)), justification: request.justification, ticket: request.ticket };
  for (const approver of told) {
    await enqueueMail(tx, {
      kind,
      to: { userId: approver.id, name: approver.displayName, address: approver.email },
      about: { requestId: request.id, number: requestNumber(request), ...(occasion === undefined ? {} : { occasion }) },
      data: { ...data, ...extra },
    });
  }
}

/**
 * Asks these people to decide the request's current step, each once a step, however often that is done. Who decided
 * already is not asked.
 */
export async function askStep(tx: Tx, request: AccessRequest, people: User[]): Promise<void> {
  const step = currentStep(request);
  const asked = people.filter(({ id }) => !request.decisions.some((each) => each.approverId === id));
  const where = request.steps.length > 1 ? { step: `Step ${step + 1} of ${request.steps.length}` } : {};
  await tellApprovers(tx, 'approval-needed', request, asked, where, step === 0 ? undefined : `step-${step + 1}`);
}

async function dataOf(tx: Tx, request: AccessRequest): Promise<Mail['data']> {
  const extension = await readExtension(tx, request);
  const opens = request.status === 'approved' && extension === null;
  return {
    person: request.requesterName,
    account: request.accountName,
    accountId: request.accountId,
    role: request.permissionSetName,
    durationMinutes: request.approvedDurationMinutes ?? request.durationMinutes,
    startsAt: request.startsAt,
    // What is decided cannot expire any more.
    expiresAt: request.status === 'pending' || request.status === 'expired' ? request.expiresAt : null,
    ...(opens && (await readGiving(tx)) !== null && { notGiving: true }),
    ...(extension && {
      extends: { number: requestNumber(extension.original), from: extension.from, to: extension.to },
    }),
  };
}
