import { approversIn, fulfilment, reachOf } from '../approval.ts';
import type { ApprovalPolicy, ApprovalStep } from '../types.ts';
import { remembered } from './paths.ts';

/** Who could decide. */
export interface Deciders {
  /** By group ID the user IDs of its enabled members: all of them, or at least as many as `enoughForAll` says. */
  members: ReadonlyMap<string, readonly string[]>;
  /** The user IDs of everybody enabled who is named by themselves or in `members`. */
  enabled: ReadonlySet<string>;
}

export interface Approvable {
  /** For a requester who is none of the approvers. */
  byOthers: boolean;
  /** The requesters for whom it is otherwise, because they cannot approve for themselves. */
  except: ReadonlySet<string>;
}

/**
 * For whom enough people could approve these steps. A step never runs short of people once it has one more than all
 * steps need together, so so many are looked at and no more, and the only requesters who can be missing are these.
 */
export function approvable(steps: ApprovalStep[], { members, enabled }: Deciders): Approvable {
  if (steps.length === 0) return { byOthers: false, except: new Set() };
  const enough = enoughFor(steps);
  const people = steps.map((step) =>
    approversIn(step, members)
      .filter((id) => enabled.has(id))
      .slice(0, enough),
  );
  const byOthers = fulfilment(steps, people, '').possible;
  const except = new Set<string>();
  if (!byOthers) return { byOthers, except };
  // Whether one of them is missed depends only on the steps in which they could act.
  const missed = new Map<number, boolean>();
  for (const [id, reach] of reachOf(people)) {
    if (remembered(missed, reach, () => !fulfilment(steps, people, id).possible)) except.add(id);
  }
  return { byOthers, except };
}

/** The same for whatever these approval policies may ever ask for together. */
export function enoughForAll(policies: readonly ApprovalPolicy[]): number {
  const most: ApprovalStep[] = [];
  for (const { steps } of policies) {
    for (const [index, { approvalsNeeded }] of steps.entries()) {
      most[index] = { approvers: [], approvalsNeeded: Math.max(approvalsNeeded, most[index]?.approvalsNeeded ?? 0) };
    }
  }
  return enoughFor(most);
}

/** How many people of a group tell all there is to know about whether these steps can be fulfilled. */
function enoughFor(steps: ApprovalStep[]): number {
  return steps.reduce((sum, step) => sum + step.approvalsNeeded, 0) + 1;
}
