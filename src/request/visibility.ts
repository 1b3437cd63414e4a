import type { Persona } from '../identity/index.ts';

/** As what a person sees a request; at least one is true. */
export interface View {
  requester: boolean;
  /** A current approver in whose scope it lies, or, while it is pending, one whom its steps name. */
  approver: boolean;
  /** Decided it, whatever they are now. */
  decider: boolean;
  auditor: boolean;
  admin: boolean;
  /** May read justification, ticket and comments: everyone who sees it but those who are admins only. */
  words: boolean;
}

export interface Viewer {
  userId: string;
  personas: ReadonlySet<Persona>;
  /** Lies in what the person may approve for today. */
  inScope: boolean;
  /** It is pending, and its own steps name the person. */
  named: boolean;
}

/** As what the person may see the request; null where they may not know that it exists. */
export function viewOf(
  viewer: Viewer,
  request: { requesterId: string; decisions: { approverId: string }[] },
): View | null {
  const requester = viewer.userId === request.requesterId;
  const approver = !requester && (viewer.inScope || viewer.named);
  const decider = request.decisions.some(({ approverId }) => approverId === viewer.userId);
  const auditor = viewer.personas.has('auditor');
  const admin = viewer.personas.has('admin');
  const words = requester || approver || decider || auditor;
  return words || admin ? { requester, approver, decider, auditor, admin, words } : null;
}
