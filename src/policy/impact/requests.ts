import { requirement } from '../approval.ts';
import type { Policies } from '../compile.ts';
import { evaluate } from '../evaluate.ts';
import type { ApprovalStep, Ask, PolicyLimits } from '../types.ts';
import { approvable, type Deciders } from './approvable.ts';
import { type Changed, reachOf } from './change.ts';

/** A request that waits for a decision, or an approved one that waits for its time. */
export interface OpenRequest {
  id: string;
  number: number;
  pending: boolean;
  requesterId: string;
  requesterName: string;
  accountId: string;
  accountName: string;
  permissionSetArn: string;
  permissionSetName: string;
  durationMinutes: number;
  ticketGiven: boolean;
  /** It needed no approval when it was asked for. */
  selfServed: boolean;
  /** The requester's groups, as far as policies name them. */
  groupIds: string[];
}

/** What a change does to an open request. */
export const REQUEST_EFFECTS = [
  'refused',
  'given-again',
  'nobody-approves',
  'somebody-approves',
  'more-approvals',
  'fewer-approvals',
  'other-approvers',
] as const;
export type RequestEffect = (typeof REQUEST_EFFECTS)[number];

/** The open requests that a change affects, each with what it does to them, in the given order. */
export function affectedRequests(
  changed: Changed,
  requests: readonly OpenRequest[],
  facts: { ancestorsOf: (accountId: string) => string[] | null; deciders: Deciders; limits: PolicyLimits; now: Date },
): { request: OpenRequest; effects: RequestEffect[] }[] {
  const { ancestorsOf, deciders, limits, now } = facts;
  const reach = reachOf(changed, now);
  return requests.flatMap((request) => {
    const subject = { userId: request.requesterId, groupIds: request.groupIds };
    const ancestorIds = ancestorsOf(request.accountId);
    if (ancestorIds === null || !reach.person(subject) || !reach.role(request.permissionSetArn)) return [];
    const ask: Ask = { ...request, ancestorIds };
    if (!reach.place(ask)) return [];

    const standing = (policies: Policies) => {
      const verdict = evaluate(policies, subject, ask, limits, now);
      // As at the moment before access is given: who could approve no longer matters once somebody did.
      const given =
        (verdict.allowed || verdict.code === 'no-approvers') && !(request.selfServed && verdict.approvalNeeded);
      const steps = request.pending ? requirement(policies, subject, ask, now).steps : [];
      const who = approvable(steps, deciders);
      return { given, steps, stuck: request.pending && (!who.byOthers || who.except.has(request.requesterId)) };
    };
    const effects = effectsOn(standing(changed.before), standing(changed.after));
    return effects.length === 0 ? [] : [{ request, effects }];
  });
}

interface Standing {
  given: boolean;
  steps: ApprovalStep[];
  stuck: boolean;
}

function effectsOn(before: Standing, after: Standing): RequestEffect[] {
  if (before.given && !after.given) return ['refused'];
  const effects: RequestEffect[] = [];
  if (!before.given && after.given) effects.push('given-again');
  if (!after.given) return effects;
  if (after.stuck && !before.stuck) effects.push('nobody-approves');
  if (before.stuck && !after.stuck) effects.push('somebody-approves');
  if (before.steps.length === 0 || after.steps.length === 0) return effects;
  const needed = (steps: ApprovalStep[]) => steps.reduce((sum, step) => sum + step.approvalsNeeded, 0);
  if (needed(after.steps) > needed(before.steps)) effects.push('more-approvals');
  if (needed(after.steps) < needed(before.steps)) effects.push('fewer-approvals');
  const approvers = (steps: ApprovalStep[]) => JSON.stringify(steps.map((step) => step.approvers));
  if (approvers(after.steps) !== approvers(before.steps)) effects.push('other-approvers');
  return effects;
}
