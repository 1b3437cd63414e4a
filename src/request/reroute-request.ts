import { record, systemActor } from '../audit/index.ts';
import type { Account } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { type Policies, requirement } from '../policy/index.ts';
import { askWhoIsNext } from './ask-who-is-next.ts';
import { type Rerouted, reroute } from './reroute.ts';
import { changeRequest } from './store.ts';
import type { AccessRequest } from './types.ts';

/** What the requirement of a request follows from. */
export interface RoutedBy {
  policies: Policies;
  /** Null: the directory does not have it. What cannot be placed stays as it is. */
  account: Account | null;
  requesterGroupIds: string[];
  now: Date;
}

/** What the policies change about a request; null where they change nothing. */
export function whatPoliciesChange(request: AccessRequest, by: RoutedBy): Rerouted | null {
  const { policies, account, requesterGroupIds, now } = by;
  if (account === null) return null;
  const subject = { userId: request.requesterId, groupIds: requesterGroupIds };
  const { permissionSetArn } = request;
  const asked = { accountId: account.id, ancestorIds: account.ancestorIds, permissionSetArn };
  const ids = new Set(policies.approval.map(({ policy }) => policy.id));
  return reroute(request, requirement(policies, subject, asked, now), (id) => ids.has(id));
}

/**
 * Lets a pending request follow the policies: gives what changed, or null where nothing did. Who is newly asked gets
 * mail. The caller holds the request's lock.
 */
export async function rerouteRequest(tx: Tx, request: AccessRequest, by: RoutedBy): Promise<Rerouted | null> {
  const changed = request.status === 'pending' ? whatPoliciesChange(request, by) : null;
  if (changed === null) return null;
  const { reason, ...to } = changed;
  const { submittedSteps } = request;
  const after = await changeRequest(tx, request.id, { status: 'pending', closed: null, submittedSteps, ...to });
  await record(tx, {
    kind: 'request.rerouted',
    actor: systemActor('request'),
    subject: { kind: 'request', id: request.id },
    requestId: request.id,
    before: { version: request.version, steps: request.steps, policies: request.policies },
    after: { version: after.version, ...to, reason },
  });
  await askWhoIsNext(tx, after);
  return changed;
}
