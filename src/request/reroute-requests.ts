import { accountIndex, findAccount, groupIdsOf, readPersonNow } from '../directory/index.ts';
import { appNow } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { loadPolicies, settledPolicies } from '../policy/index.ts';
import { askWhoIsNext } from './ask-who-is-next.ts';
import { rerouteRequest, whatPoliciesChange } from './reroute-request.ts';
import { lastRerouting, lockRequest, pendingRequests } from './store.ts';
import type { AccessRequest } from './types.ts';

/** Within this time after approvers changed the directory has been copied, unless it cannot be. */
const LATECOMERS_MS = 60 * 60_000;

/**
 * Lets every pending request follow the policies as they are now. Gives how many changed. One that cannot is logged
 * and holds no other one up; it is looked at again each minute.
 */
export async function rerouteRequests(platform: Platform, signal?: AbortSignal): Promise<number> {
  const tx = platform.db.prisma;
  const policies = await settledPolicies(tx);
  const accounts = await accountIndex(tx);
  const now = await appNow(tx);
  // Groups matter only where some policy is for the requests of certain groups.
  const byGroup = policies.approval.some(({ requesterGroups }) => requesterGroups.size > 0);
  let changed = 0;
  for (const request of await pendingRequests(tx)) {
    if (signal?.aborted) break;
    try {
      const account = accounts.byId.get(request.accountId) ?? null;
      const requesterGroupIds = byGroup ? await groupIdsOf(tx, request.requesterId) : [];
      if (whatPoliciesChange(request, { policies, account, requesterGroupIds, now })) {
        if (await follow(platform, request, byGroup)) changed += 1;
      } else if (request.version > 1) {
        await askLatecomers(platform, request, now);
      }
    } catch (error) {
      platform.log.error({ err: messageOf(error), requestId: request.id }, 'a request could not follow the policies');
    }
  }
  return changed;
}

/** The members of a group that no policy named before are copied a little later; only then is it known whom to ask. */
async function askLatecomers({ db }: Platform, { id }: AccessRequest, now: Date): Promise<void> {
  const last = await lastRerouting(db.prisma, id);
  if (last === null || now.getTime() - last.at.getTime() > LATECOMERS_MS) return;
  await db.tx(async (tx) => {
    const request = await lockRequest(tx, id);
    if (request.status === 'pending') await askWhoIsNext(tx, request);
  });
}

/** Looks again with the request locked and, where groups matter, with those of this moment: the copy may be behind. */
async function follow(platform: Platform, { id, requesterId }: AccessRequest, byGroup: boolean): Promise<boolean> {
  const person = byGroup ? await readPersonNow(platform, requesterId, { priority: 'sync' }) : null;
  // Who is gone has no groups, and their request ends by itself.
  if (byGroup && person === null) return false;
  return await platform.db.tx(async (tx) => {
    const request = await lockRequest(tx, id);
    const now = await appNow(tx);
    if (request.expiresAt <= now) return false;
    const policies = await loadPolicies(tx);
    const account = await findAccount(tx, request.accountId);
    const by = { policies, account, requesterGroupIds: person?.groupIds ?? [], now };
    return (await rerouteRequest(tx, request, by)) !== null;
  });
}
