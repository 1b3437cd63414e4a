import { requirement } from '../approval.ts';
import type { Policies } from '../compile.ts';
import { evaluate } from '../evaluate.ts';
import type { ApprovalStep, Ask, PolicyLimits } from '../types.ts';
import { approvable, type Deciders } from './approvable.ts';
import { type Changed, momentsOf, reachOf } from './change.ts';
import { type PendingSteps, stepsLeft } from './steps-left.ts';

/** A request that waits for a decision, or an approved one that waits for its time. */
export interface OpenRequest extends PendingSteps {
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
  /** When access is to be given; null: as soon as it is approved. */
  startsAt: Date | null;
  /** When a pending one ends undecided. */
  expiresAt: Date;
  /** The requester's groups, as far as policies name them. */
  groupIds: string[];
}

/**
 * What a change does to an open request. That one needs fewer approvals is not among it: a request never gets less than
 * it was sent in with.
 */
export const REQUEST_EFFECTS = [
  'refused',
  'given-again',
  'nobody-approves',
  'somebody-approves',
  'more-approvals',
  'other-approvers',
] as const;
export type RequestEffect = (typeof REQUEST_EFFECTS)[number];

export interface Affected {
  request: OpenRequest;
  effects: RequestEffect[];
  /** From when on, where that is neither now nor when access is to be given: the request may be decided before. */
  from: Date | null;
}

/**
 * The open requests that a change affects, each with what it does to them, in the given order. One that is approved is
 * judged when its access is to be given; a pending one now and then, as both must allow it, and also at each moment while
 * it may still wait at which a policy of the change begins or ends.
 */
export function affectedRequests(
  changed: Changed,
  requests: readonly OpenRequest[],
  facts: { ancestorsOf: (accountId: string) => string[] | null; deciders: Deciders; limits: PolicyLimits; now: Date },
): Affected[] {
  const { ancestorsOf, deciders, now } = facts;
  // The durations that the form offers limit no request that is there already.
  const limits = { ...facts.limits, allowedDurationsMinutes: [] };
  const reach = reachOf(changed, null);
  const moments = momentsOf(changed, now);
  return requests.flatMap((request) => {
    const subject = { userId: request.requesterId, groupIds: request.groupIds };
    const ancestorIds = ancestorsOf(request.accountId);
    if (ancestorIds === null || !reach.person(subject) || !reach.role(request.permissionSetArn)) return [];
    const ask: Ask = { ...request, ancestorIds };
    if (!reach.place(ask)) return [];

    const isGiven = (policies: Policies, at: Date) => {
      const verdict = evaluate(policies, subject, ask, limits, at);
      // As at the moment before access is given: who could approve no longer matters once somebody did.
      return (verdict.allowed || verdict.code === 'no-approvers') && !(request.selfServed && verdict.approvalNeeded);
    };
    const opens = request.startsAt !== null && request.startsAt > now ? request.startsAt : now;
    const standing = (policies: Policies, decided: Date): Standing => {
      const times = request.pending && decided < opens ? [decided, opens] : [request.pending ? decided : opens];
      const given = times.every((at) => isGiven(policies, at));
      if (!request.pending) return { given, steps: [], stuck: false };
      const steps = stepsLeft(request, requirement(policies, subject, ask, decided).steps);
      const who = approvable(steps, deciders);
      const stuck = steps.length > 0 && (!who.byOthers || who.except.has(request.requesterId));
      return { given, steps, stuck };
    };

    const told = new Set<RequestEffect>();
    return moments.flatMap((at): Affected[] => {
      if (at > now && (!request.pending || at >= request.expiresAt)) return [];
      const all = effectsOn(standing(changed.before, at), standing(changed.after, at));
      const effects = all.filter((effect) => !told.has(effect));
      for (const effect of effects) told.add(effect);
      return effects.length === 0 ? [] : [{ request, effects, from: at > now ? at : null }];
    });
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
  const needed = ({ steps }: Standing) => steps.reduce((sum, step) => sum + step.approvalsNeeded, 0);
  if (needed(after) > needed(before)) effects.push('more-approvals');
  const approvers = ({ steps }: Standing) => steps.map((step) => step.approvers);
  const [was, is] = [approvers(before), approvers(after)];
  const named = [...was, ...is].every((list) => list.length > 0);
  if (named && JSON.stringify(was) !== JSON.stringify(is)) effects.push('other-approvers');
  return effects;
}
