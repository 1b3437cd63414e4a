import { findAccount, groupIdsOf } from '../directory/index.ts';
import type { Person } from '../identity/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { NotFoundError } from '../platform/errors.ts';
import { approverScope, loadPolicies } from '../policy/index.ts';
import { stepsOf } from './decide-as.ts';
import { requestNumber } from './number.ts';
import { findRequest, noSuchRequest } from './store.ts';
import type { AccessRequest } from './types.ts';
import { type View, viewOf } from './visibility.ts';

export interface SeenRequest {
  request: AccessRequest;
  view: View;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The request, for whoever may see it. Throws `NotFoundError` for everyone else, who may not know of it. */
export async function seeRequest(tx: Tx, person: Person, id: string): Promise<SeenRequest> {
  const request = UUID.test(id) ? await findRequest(tx, id) : null;
  if (request === null) throw noSuchRequest();
  // To decide it, and no longer: what a policy said once gives nobody a right to read for good.
  const named = request.status === 'pending' && stepsOf(request, person.userId, person.groupIds).length > 0;
  // Asked of the policies only where it can make a difference: open pages come here every two seconds.
  const undecided = !named && request.requesterId !== person.userId && person.personas.has('approver');
  const inScope = undecided && (await approvesFor(tx, person, request));
  const view = viewOf({ userId: person.userId, personas: person.personas, inScope, named }, request);
  if (view === null) throw noSuchRequest();
  return { request, view };
}

/** The number of a request whose words the person may read, and so what was done with it; null for everyone else. */
export async function readableRequest(tx: Tx, person: Person, id: string): Promise<string | null> {
  try {
    const { request, view } = await seeRequest(tx, person, id);
    return view.words ? requestNumber(request) : null;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

/** Whether the person may approve today for this role in this account, by memberships that the caller trusts. */
export async function approvesFor(
  tx: Tx,
  person: { userId: string; groupIds: string[] },
  about: { accountId: string; permissionSetArn: string; requesterId: string },
): Promise<boolean> {
  const scope = approverScope(await loadPolicies(tx), person, await appNow(tx));
  const account = await findAccount(tx, about.accountId);
  return scope.covers({
    accountId: about.accountId,
    ancestorIds: account?.ancestorIds ?? [],
    permissionSetArn: about.permissionSetArn,
    requesterGroupIds: await groupIdsOf(tx, about.requesterId),
  });
}
