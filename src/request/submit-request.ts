import { type Actor, record } from '../audit/index.ts';
import { readPersonNow } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { AppError, ForbiddenError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import type { NearMiss, Verdict } from '../policy/index.ts';
import { ticketMistake } from '../settings/index.ts';
import { formKeyOf } from './form-key.ts';
import { judge } from './judge.ts';
import { placeRequest } from './place-request.ts';
import { findByForm } from './store.ts';
import type { AccessRequest, Submission } from './types.ts';

/**
 * A person asks for access. The same form sent again leads to the request that it made the first time. Without need
 * of approval the grant is opened at once. Throws `ForbiddenError` (recorded) where the person is not eligible,
 * `InvalidInputError` for what the form can mend, `UnavailableError` where Identity Center cannot be asked.
 */
export async function submitRequest(platform: Platform, input: Submission, actor: Actor): Promise<AccessRequest> {
  const { accountId, permissionSetArn, startsAt, durationMinutes, ticket, justification } = input;
  const said = [accountId, permissionSetArn, startsAt?.toISOString() ?? null, durationMinutes, ticket, justification];
  const formKey = formKeyOf(input.formKey, said);
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
    return await placeRequest(platform, tx, { ...input, formKey }, person.user, judgement, actor);
  });
  if (outcome instanceof AppError) throw outcome;
  return outcome;
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

/** Somebody asked for what they have no right to: that is on record too. */
export async function recordRefusal(
  tx: Tx,
  input: Pick<Submission, 'accountId' | 'permissionSetArn' | 'durationMinutes'>,
  actor: Actor,
  refusal: AppError,
  nearMisses: NearMiss[],
) {
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
