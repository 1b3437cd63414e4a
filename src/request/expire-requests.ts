import { getGrant, whyNotExtendable } from '../access/index.ts';
import { record, systemActor } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { decide } from './machine.ts';
import { tellRequester } from './mails.ts';
import { changeRequest, dueRequests, lockRequest } from './store.ts';
import type { AccessRequest } from './types.ts';

const BATCH = 100;

/**
 * Expires the request if its time is up, or if it is to extend access whose end has begun. False where neither is so,
 * or somebody decided it meanwhile. `pointless`: why nothing it asks for can be given any more, whatever its time.
 */
export async function expireRequest(platform: Platform, requestId: string, pointless = ''): Promise<boolean> {
  return await platform.db.tx(async (tx) => {
    const request = await lockRequest(tx, requestId);
    const now = await appNow(tx);
    const over = pointless || (await whyNothingToExtend(tx, request, now));
    const result = decide(
      request,
      { kind: 'expire', pointless: over !== '' },
      { now, actorId: null, approvableSteps: [] },
    );
    if (result.kind === 'refused') return false;
    const actor = systemActor('request');
    const { status } = result.state;
    await changeRequest(tx, request.id, { status, closed: { at: now, by: actor, comment: over } });
    await record(tx, {
      kind: 'request.expired',
      actor,
      subject: { kind: 'request', id: request.id },
      requestId: request.id,
      before: { status: request.status, version: request.version },
      after: { status, version: request.version + 1, ...(over === '' ? {} : { reason: over }) },
    });
    await tellRequester(tx, 'request-expired', request, over === '' ? {} : { reason: over });
    return true;
  });
}

/** Why the access that the request would make longer no longer can be; empty where it can, or where there is none. */
async function whyNothingToExtend(tx: Tx, { extendsGrantId }: AccessRequest, now: Date): Promise<string> {
  const grant = extendsGrantId === null ? null : await getGrant(tx, extendsGrantId);
  const why = grant && whyNotExtendable(grant, now);
  if (!why) return '';
  return why === 'removed-outside'
    ? 'The access was taken away outside Latchkey before anybody decided.'
    : 'The access ended before anybody decided.';
}

/**
 * Expires whatever is due by its row, so that a lost job only makes it late. Gives how many it expired.
 * A request that cannot be expired is logged and holds no other one up.
 */
export async function expireDueRequests(platform: Platform): Promise<number> {
  const due = await dueRequests(platform.db.prisma, BATCH);
  let expired = 0;
  for (const id of due) {
    try {
      if (await expireRequest(platform, id)) expired += 1;
    } catch (error) {
      platform.log.error({ err: messageOf(error), requestId: id }, 'a request could not be expired');
    }
  }
  return expired;
}
