import { accountIndex, directoryAge } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { type Fulfilment, fulfilment, resolveSteps, vanishedApprovers } from '../policy/index.ts';
import { approvalsAt, minutesLeft } from './machine.ts';
import { requestNumber } from './number.ts';
import { pendingRequests } from './store.ts';
import { isUsable, whyTargetGone } from './target-words.ts';
import type { AccessRequest } from './types.ts';

/** A pending request that cannot be approved as things stand, for administrators. */
export interface StuckRequest {
  id: string;
  number: string;
  personName: string;
  roleName: string;
  accountName: string;
  durationMinutes: number;
  expiresAt: Date;
  why: string;
}

/**
 * Why nobody can complete the approval of a pending request, as one sentence; null where enough people can. `people`:
 * for each step who could act in it.
 */
export async function whyStuck(
  tx: Tx,
  request: AccessRequest,
  people: readonly (readonly { id: string }[])[],
): Promise<string | null> {
  const outcome = whatIsLeft(request, people);
  if (outcome.possible) return null;
  const step = request.steps[outcome.step];
  if (!step || step.approvers.length === 0) {
    return `Nobody can decide this now: no approval policy covers ${request.permissionSetName} in ${request.accountName} any more.`;
  }
  const which = request.steps.length > 1 ? `Step ${outcome.step + 1}` : 'It';
  const lead =
    outcome.found === 0
      ? 'Nobody can decide this now'
      : `This cannot be approved now: ${which.toLowerCase()} still needs ${outcome.needed} approvals, and too few people could give them`;
  const gone = (await vanishedApprovers(tx, [step])).map(({ kind, name }) => `the ${kind} ${name}`);
  if (gone.length === 1) return `${lead}: ${gone[0]} that approves here no longer exists.`;
  if (gone.length > 1) return `${lead}: ${gone.join(', ')} approve here and no longer exist.`;
  // A policy may name a group whose members are being copied for the first time.
  const { kinds } = await directoryAge(tx, ['memberships']);
  if (kinds.some(({ runningSince }) => runningSince !== null)) return null;
  if (outcome.found > 0) return `${lead}.`;
  return `${lead}: whoever approves here is disabled, has left the group, or has decided already.`;
}

/** The pending requests that cannot be approved as things stand, the soonest deadline first. */
export async function stuckRequests(tx: Tx): Promise<StuckRequest[]> {
  const pending = await pendingRequests(tx);
  // All steps at once: one look at the groups, however many requests there are.
  const people = await resolveSteps(
    tx,
    pending.flatMap(({ steps }) => steps),
    '',
  );
  const { byId: accounts } = await accountIndex(tx);
  const stuck: StuckRequest[] = [];
  let at = 0;
  for (const request of pending) {
    const own = people.slice(at, at + request.steps.length);
    at += request.steps.length;
    const account = accounts.get(request.accountId);
    const suspended = account !== undefined && !isUsable(account.state);
    // The request's own page says that in a note of its own, for whoever reads it.
    const why = suspended
      ? whyTargetGone(request, { account: 'suspended', permissionSet: true })
      : await whyStuck(tx, request, own);
    if (why === null) continue;
    stuck.push({
      id: request.id,
      number: requestNumber(request),
      personName: request.requesterName,
      roleName: request.permissionSetName,
      accountName: request.accountName,
      durationMinutes: minutesLeft(request),
      expiresAt: request.expiresAt,
      why,
    });
  }
  return stuck;
}

/** Whether the approvals that are still missing can come from distinct people who have not decided. */
function whatIsLeft(request: AccessRequest, people: readonly (readonly { id: string }[])[]): Fulfilment {
  const decided = new Set(request.decisions.map(({ approverId }) => approverId));
  return fulfilment(
    request.steps.map((step, index) => ({
      ...step,
      approvalsNeeded: Math.max(0, step.approvalsNeeded - approvalsAt(request, index)),
    })),
    people.map((step) => step.map(({ id }) => id).filter((id) => !decided.has(id))),
    request.requesterId,
  );
}
