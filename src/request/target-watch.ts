import { endGrant, type Grant, runningGrants } from '../access/index.ts';
import { systemActor } from '../audit/index.ts';
import { accountIndex, permissionSetIndex, permissionSetThere, targetState } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError, messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { expireRequest } from './expire-requests.ts';
import { pendingRequests } from './store.ts';
import { isUsable, whyTargetGone } from './target-words.ts';

type Target = Pick<Grant, 'accountId' | 'permissionSetArn' | 'accountName' | 'permissionSetName'>;

/** Stands for the accounts and permission sets as the copy has them. */
export async function targetsMark(tx: Tx): Promise<string> {
  return (await accountIndex(tx)).revision;
}

/**
 * Ends access, and expires requests, whose account or permission set went away: where the copy of the directory lacks
 * one, or has the account as suspended or closed, AWS is asked, and only its answer counts. A request for a suspended
 * account waits on: it may be back in time. Gives how many ended; throws the last failure, so that it is tried again.
 */
export async function watchTargets(platform: Platform, signal?: AbortSignal): Promise<number> {
  const tx = platform.db.prisma;
  const { byId } = await accountIndex(tx);
  const { byArn } = await permissionSetIndex(tx);
  // What was never copied is not missing.
  if (byId.size === 0 || byArn.size === 0) return 0;
  const inDoubt = ({ accountId, permissionSetArn }: Target) =>
    !isUsable(byId.get(accountId)?.state) || !byArn.has(permissionSetArn);
  const grants: Grant[] = [];
  for await (const page of runningGrants(tx)) grants.push(...page.filter(inDoubt));
  const requests = (await pendingRequests(tx)).filter(inDoubt);
  const ask = createAsking(platform, signal);
  let ended = 0;
  let failure: unknown;
  const each = async (target: Target, end: (why: string, gone: boolean) => Promise<boolean>) => {
    signal?.throwIfAborted();
    try {
      const found = await ask(target);
      if (found !== null && (await end(found.why, found.gone))) ended += 1;
    } catch (error) {
      failure = error;
      platform.log.warn({ err: messageOf(error), ...target }, 'whether a target is there could not be told');
    }
  };
  for (const grant of grants) await each(grant, (why) => endForGood(platform, grant, why));
  for (const request of requests) {
    await each(request, async (why, gone) => gone && (await expireRequest(platform, request.id, why)));
  }
  if (failure !== undefined) throw failure;
  return ended;
}

/** Asks AWS of each account and each permission set once. Null where both are there. */
function createAsking(platform: Platform, signal: AbortSignal | undefined) {
  const options = { priority: 'poll', ...(signal ? { signal } : {}) } as const;
  const accounts = new Map<string, ReturnType<typeof targetState>>();
  const sets = new Map<string, Promise<boolean>>();
  return async (target: Target): Promise<{ why: string; gone: boolean } | null> => {
    const { accountId, permissionSetArn } = target;
    const state = accounts.get(accountId) ?? targetState(platform, accountId, options);
    accounts.set(accountId, state);
    const there = sets.get(permissionSetArn) ?? permissionSetThere(platform, permissionSetArn, options);
    sets.set(permissionSetArn, there);
    // Both are awaited, so that neither failure goes unheard.
    const [account, permissionSet] = await Promise.all([state, there]);
    const why = whyTargetGone(target, { account, permissionSet });
    return why === null ? null : { why, gone: account === 'gone' || !permissionSet };
  };
}

/** False where somebody else ended it meanwhile. */
async function endForGood(platform: Platform, { id: grantId }: Grant, comment: string): Promise<boolean> {
  try {
    const actor = systemActor('request');
    await platform.db.tx((tx) => endGrant(platform, tx, { grantId, cause: 'target_gone', comment, actor }));
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
