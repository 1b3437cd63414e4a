import type { Grant } from '../access/index.ts';
import {
  directoryAge,
  findAccount,
  findPermissionSet,
  readAvailability,
  readPersonNow,
  type TargetState,
  targetState,
} from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { loadPolicies } from '../policy/index.ts';
import { readSettings } from '../settings/index.ts';
import { judgeBy, lasting } from './judge.ts';
import { findRequest } from './store.ts';
import { whyTargetGone } from './target-words.ts';

/** Organizations is not waited for longer: where it does not answer, the copy says whether the account is there. */
const ACCOUNT_PATIENCE_MS = 2_000;

type Rights = { allowed: true } | { allowed: false; reason: string };

/**
 * Whether a grant may still be given: the person enabled and eligible by Identity Center's memberships of this
 * moment, the approval valid, account and role there, the window not over. Throws `UnavailableError` where Identity
 * Center does not answer. What was adopted or broke the glass rests on no policy: there only the tuple is checked.
 */
export async function verifyRights(platform: Platform, grant: Grant): Promise<Rights> {
  // Only read, and all at once: time is short between the window's opening and the create.
  const tx = platform.db.prisma;
  const [person, now, request, { settings }, policies, found, availability, state] = await Promise.all([
    readPersonNow(platform, grant.userId, { priority: 'grant' }),
    appNow(tx),
    grant.requestId === null ? null : findRequest(tx, grant.requestId),
    readSettings(tx),
    loadPolicies(tx),
    Promise.all([findAccount(tx, grant.accountId), findPermissionSet(tx, grant.permissionSetArn)]),
    readAvailability(tx),
    accountNow(platform, grant.accountId),
  ]);
  if (person === null) return denied('The user no longer exists in Identity Center.');
  if (!person.user.enabled) return denied('The user is disabled in Identity Center.');
  if (now >= grant.latestEnd) return denied('The window was over before access could be given.');
  if (request && request.status !== 'approved') return denied('The request is not approved.');
  const { verdict, account, permissionSet } = judgeBy(
    { settings: lasting(settings), policies, account: found[0], permissionSet: found[1], availability, now },
    { userId: grant.userId, groupIds: person.groupIds },
    { ...askOf(grant), ticketGiven: request === null || request.ticket !== '' },
  );
  const gone = whyTargetGone(grant, { account: state ?? 'there', permissionSet: true });
  if (gone !== null) return denied(gone);
  if (account === null || permissionSet === null) {
    await refuseToGuess(tx);
    const vanished = { account: found[0] ? 'there' : 'gone', permissionSet: found[1] !== null } as const;
    return denied(whyTargetGone(grant, vanished) ?? verdict.reason);
  }
  if (request === null) return { allowed: true };
  // Who could approve no longer matters once somebody did.
  if (!verdict.allowed && verdict.code !== 'no-approvers') {
    return denied(`The policies no longer allow it. ${verdict.reason}`);
  }
  if (grant.basis === 'self_serve' && verdict.approvalNeeded) {
    return denied('It now needs approval, which it did not when it was asked for. Send a new request.');
  }
  return { allowed: true };
}

/**
 * The account at this moment; null where AWS Organizations does not tell. That is no reason not to give: Identity Center
 * itself gives nothing in an account that is suspended or gone. The permission set was just looked at.
 */
async function accountNow(platform: Platform, accountId: string): Promise<TargetState | null> {
  const signal = AbortSignal.timeout(ACCOUNT_PATIENCE_MS);
  try {
    return await targetState(platform, accountId, { priority: 'grant', signal });
  } catch (error) {
    if (signal.aborted || error instanceof UnavailableError) return null;
    throw error;
  }
}

/** What was never copied cannot be said to be gone. */
async function refuseToGuess(tx: Tx): Promise<void> {
  const { oldestAt } = await directoryAge(tx, ['organization', 'permission_sets']);
  if (oldestAt === null)
    throw new UnavailableError('not-copied', 'The accounts and roles have not been copied from AWS yet.');
}

function askOf(grant: Grant) {
  return {
    accountId: grant.accountId,
    permissionSetArn: grant.permissionSetArn,
    durationMinutes: grant.durationMinutes,
  };
}

function denied(reason: string): Rights {
  return { allowed: false, reason };
}
