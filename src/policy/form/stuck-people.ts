import { approversIn, fulfilment, mayDecide, requirement } from '../approval.ts';
import { type Policies, principalsOf } from '../compile.ts';
import { evaluate } from '../evaluate.ts';
import { type Approvable, approvable, type Deciders } from '../impact/approvable.ts';
import { remembered } from '../impact/paths.ts';
import type { ApprovalStep, Subject } from '../types.ts';
import type { About, Circumstances, Shortage } from './unfulfillable.ts';

/** A person whose requests nobody could approve, where, and what lacks there: see `Fulfilment`; null: no approval policy covers it. */
export interface Stuck {
  userId: string;
  shortage: Shortage;
  lack: { step: number; steps: number; needed: number; found: number } | null;
}

/** Who of these people is stuck somewhere, each once, with the first place where they are. */
export function stuckPeople(
  found: readonly Shortage[],
  { requesterGroups }: Pick<About, 'requesterGroups'>,
  people: readonly Subject[],
  policies: Policies,
  { deciders, limits, now }: Circumstances,
): Stuck[] {
  const outcomes = new Map<string, Approvable>();
  const lacks = new Map<string, Stuck['lack']>();
  const sets = found.map((shortage) => ({ shortage, principals: new Set(shortage.principals) }));
  return people.flatMap((subject) => {
    if (requesterGroups.size > 0 && !subject.groupIds.some((id) => requesterGroups.has(id))) return [];
    for (const { shortage, principals } of sets) {
      if (shortage.only !== null && !shortage.only.has(subject.userId)) continue;
      if (!principalsOf(subject).some((ref) => principals.has(ref))) continue;
      const ask = { ...shortage.place, permissionSetArn: shortage.permissionSetArn };
      const verdict = evaluate(policies, subject, { ...ask, durationMinutes: 1, ticketGiven: true }, limits, now);
      if (verdict.longestMinutes <= verdict.longestWithoutApprovalMinutes) continue;
      const { steps } = requirement(policies, subject, ask, now);
      const key = JSON.stringify(steps);
      const { byOthers, except } = remembered(outcomes, key, () => approvable(steps, deciders));
      if (steps.length > 0 && byOthers && !except.has(subject.userId)) continue;
      // Those who are no approvers themselves all lack the same.
      const own = steps.some(({ approvers }) => mayDecide(approvers, subject)) ? subject.userId : '';
      const lack = remembered(lacks, `${own} ${key}`, () => lackOf(steps, deciders, subject.userId));
      return [{ userId: subject.userId, shortage, lack }];
    }
    return [];
  });
}

function lackOf(steps: ApprovalStep[], { members, enabled }: Deciders, userId: string): Stuck['lack'] {
  const people = steps.map((step) => approversIn(step, members).filter((id) => enabled.has(id)));
  const outcome = fulfilment(steps, people, userId);
  if (outcome.possible) return null;
  const { step, needed, found } = outcome;
  return { step, steps: steps.length, needed, found };
}
