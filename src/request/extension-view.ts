import { type Grant, whyNotExtendable } from '../access/index.ts';
import type { Tx } from '../platform/db.ts';
import { type Extension, type ExtensionAsked, extensionsAsked, readExtension } from './extension-store.ts';
import type { AccessRequest } from './types.ts';
import type { View } from './visibility.ts';

/** What the page of a request says about more time. */
export interface ExtensionState {
  /** What the request itself makes longer; null where it is for access of its own. */
  extends: Extension | null;
  /** What was asked to make its access longer. */
  asked: ExtensionAsked[];
  /** The one of them that waits. */
  waiting: ExtensionAsked | null;
  /** How often the end of that access moved by other requests. */
  before: number;
  /** The reader can ask for more time now. */
  may: boolean;
}

/** Pure reading, for whoever sees the request. */
export async function extensionState(
  tx: Tx,
  request: AccessRequest,
  grants: Grant[],
  { view, now }: { view: View; now: Date },
): Promise<ExtensionState> {
  const of = await readExtension(tx, request);
  const own = of === null ? grants.map(({ id }) => id) : [of.grant.id];
  // Who once decided the request, and no longer approves here, sees that and not what came after it.
  const open = view.requester || view.approver || view.auditor || view.admin;
  const all = own.length === 0 ? [] : await extensionsAsked(tx, own, open);
  const waiting = all.find(({ status }) => status === 'pending') ?? null;
  const extendable = [...grants, ...(of ? [of.grant] : [])].some((grant) => whyNotExtendable(grant, now) === null);
  return {
    extends: of,
    asked: of === null ? all : [],
    waiting: waiting?.id === request.id ? null : waiting,
    before: all.filter(({ id, status }) => status === 'approved' && id !== request.id).length,
    may: view.requester && extendable && waiting === null,
  };
}
