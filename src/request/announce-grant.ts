import type { AccessPorts, Grant, GrantChange } from '../access/index.ts';
import type { MailKind } from '../notify/index.ts';
import { appNow } from '../platform/db.ts';
import { tellRequester } from './mails.ts';
import { findRequest } from './store.ts';

const MAILS: Record<GrantChange, MailKind> = {
  scheduled: 'access-scheduled',
  active: 'access-active',
  'ending-soon': 'access-ending-soon',
  ended: 'access-ended',
  revoked: 'access-revoked',
  failed: 'access-failed',
};

const AGAIN: ReadonlySet<GrantChange> = new Set(['failed', 'active', 'ending-soon']);

/** Tells the person what happened to their access, in the transaction of the change. */
export const announceGrant: AccessPorts['announce'] = async (tx, grant, change) => {
  const request = grant.requestId === null ? null : await findRequest(tx, grant.requestId);
  if (request === null) return;
  // What opens at once is told of when it is there.
  if (change === 'scheduled' && grant.opensAt <= (await appNow(tx))) return;
  await tellRequester(
    tx,
    MAILS[change],
    request,
    {
      durationMinutes: grant.durationMinutes,
      opensAt: grant.activatedAt ?? grant.opensAt,
      closesAt: grant.endedAt ?? grant.closesAt,
      ...whyOf(grant, change),
    },
    // These can happen again, to a retried grant or one that was extended; the version tells the occasions apart.
    `${grant.id}.${AGAIN.has(change) ? grant.version : 0}`,
  );
};

function whyOf(grant: Grant, change: GrantChange) {
  if (change === 'failed') return { reason: grant.failure ?? '' };
  if (change === 'revoked' || change === 'ended') {
    return {
      by: grant.endedByName ?? '',
      comment: grant.endComment ?? '',
      ownDoing: grant.endCause === 'requester',
    };
  }
  return {};
}
