import { adoptAssignment, endGrant } from '../access/index.ts';
import { type Actor, record } from '../audit/index.ts';
import { findAccount, findPermissionSet, findUser, readAvailability, whyUnavailable } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatMinutes } from '../platform/time.ts';
import { readSettings } from '../settings/index.ts';
import { type DecidableFinding, lockFinding } from './findings-store.ts';

export type DriftVerdict = 'leave' | 'adopt' | 'remove';

export interface FindingDecision {
  findingId: string;
  /** How the finding stood when it was looked at: what somebody else decided meanwhile is not decided over. */
  seenAs: 'open' | 'left';
  verdict: DriftVerdict;
  reason: string;
  /** For adopting: how long it stays. */
  durationMinutes: number;
}

const STATES = { leave: 'left', adopt: 'adopted', remove: 'removed' } as const;
/** What is adopted only to be ended at once has no end of its own to speak of. */
const REMOVAL_MINUTES = 15;

/**
 * An administrator's word on one finding. Leaving changes nothing at AWS; adopting makes the assignment ours with an
 * end; removing does that and ends it at once, so that taking it away is the engine's, with all that it does for
 * it. Throws `ConflictError` where the finding moved on or Latchkey cannot or must not touch the assignment.
 */
export async function decideFinding(platform: Platform, decision: FindingDecision, actor: Actor): Promise<void> {
  await platform.db.tx(async (tx) => {
    const { findingId, verdict, reason, seenAs } = decision;
    const finding = await lockFinding(tx, findingId);
    if (finding === null) throw new NotFoundError('no-finding', 'There is no such finding.');
    refuseMoved(finding, seenAs);
    const state = STATES[verdict];
    const resultingGrantId = verdict === 'leave' ? null : await change(platform, tx, finding, decision, actor);
    await tx.driftFinding.update({
      where: { id: findingId },
      data: {
        state,
        reason,
        decidedAt: await appNow(tx),
        decidedById: actor.id,
        decidedByName: actor.name,
        resultingGrantId,
      },
    });
    const { kind, principalId: userId, accountId, permissionSetArn } = finding;
    await record(tx, {
      kind: `drift.${state}`,
      actor,
      subject: { kind: 'drift-finding', id: findingId },
      before: { state: finding.state },
      after: { state, reason, kind, userId, accountId, permissionSetArn, resultingGrantId },
    });
  });
}

function refuseMoved({ state, decidedByName }: DecidableFinding, seenAs: string): void {
  if (state === seenAs) return;
  if (state === 'cleared')
    throw new ConflictError('finding-cleared', 'AWS no longer shows this; nothing is left to decide.');
  const by = decidedByName === null ? 'Somebody' : decidedByName;
  const did = { left: 'left it as it is', adopted: 'adopted it', removed: 'removed it', open: 'opened it again' }[
    state
  ];
  throw new ConflictError('finding-decided', `${by} ${did} in the meantime. Reload the page to see it as it is now.`);
}

/** The grant that came of it. */
async function change(
  platform: Platform,
  tx: Tx,
  finding: DecidableFinding,
  { verdict, reason, durationMinutes }: FindingDecision,
  actor: Actor,
): Promise<string> {
  if (finding.kind === 'removed' || finding.kind === 'missing')
    return endMissing(platform, tx, finding, verdict, reason, actor);
  const [user, account, permissionSet] = [
    await findUser(tx, finding.principalId),
    await findAccount(tx, finding.accountId),
    await findPermissionSet(tx, finding.permissionSetArn),
  ];
  if (account === null || permissionSet === null) {
    throw new ConflictError(
      'not-copied',
      'The directory has not copied this account or role. Copy the directory (Administration › Directory), then try again.',
    );
  }
  if (verdict === 'adopt' && !user?.enabled) {
    throw new ConflictError(
      'person-gone',
      user === null
        ? 'This person is no longer in Identity Center: this can be left or removed, not adopted.'
        : `${user.displayName} is disabled in Identity Center: this can be left or removed, not adopted.`,
    );
  }
  const obstacle = whyUnavailable({ account, permissionSet }, await readAvailability(tx));
  if (obstacle !== null) throw new ConflictError('not-available', obstacle);
  const { settings } = await readSettings(tx);
  if (verdict === 'adopt' && durationMinutes > settings.maxDurationMinutes) {
    const longest = formatMinutes(settings.maxDurationMinutes);
    throw new InvalidInputError({ durationMinutes: `Choose at most ${longest}, the longest duration of the portal.` });
  }
  const grant = await adoptAssignment(
    platform,
    tx,
    {
      userId: finding.principalId,
      accountId: finding.accountId,
      permissionSetArn: finding.permissionSetArn,
      userDisplayName: user?.displayName ?? finding.principalId,
      userName: user?.userName ?? finding.principalId,
      accountName: account.name,
      ouPath: account.ouPath,
      permissionSetName: permissionSet.name,
      sessionSeconds: permissionSet.sessionSeconds,
      durationMinutes: verdict === 'adopt' ? durationMinutes : REMOVAL_MINUTES,
      seenAt: finding.seenAt,
    },
    actor,
  );
  if (verdict === 'remove') await endGrant(platform, tx, { grantId: grant.id, cause: 'admin', comment: reason, actor });
  return grant.id;
}

/** What is not there can be given up, but not taken over. */
async function endMissing(
  platform: Platform,
  tx: Tx,
  { grantId }: DecidableFinding,
  verdict: DriftVerdict,
  reason: string,
  actor: Actor,
): Promise<string> {
  if (verdict === 'adopt') {
    throw new ConflictError(
      'nothing-there',
      'There is nothing at AWS to adopt. Leave it, or remove the grant that has lost its access.',
    );
  }
  if (grantId === null) throw new ConflictError('no-grant', 'The grant that this was about is over. Leave it.');
  await endGrant(platform, tx, { grantId, cause: 'admin', comment: reason, actor });
  return grantId;
}
