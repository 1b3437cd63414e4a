import type { Tx } from '../platform/db.ts';
import { approversIn, splitRef } from './approval.ts';
import { readMembers, readPeople } from './queries.ts';
import { loadPolicies } from './store.ts';
import type { ApprovalStep } from './types.ts';

/** Someone who could act in a step, as the directory's copy has them. */
export interface ApproverPerson {
  userId: string;
  displayName: string;
  userName: string;
  email: string | null;
}

/**
 * The enabled people who could act in each step, by display name, from the directory's copy; the requester is left
 * out. For the check at submission, for mail and for "who decides"; a decision reads Identity Center instead.
 */
export async function resolveApprovers(
  tx: Tx,
  steps: ApprovalStep[],
  requesterId: string,
): Promise<ApproverPerson[][]> {
  const refs = new Set(steps.flatMap((step) => step.approvers).map(splitRef));
  const groups = [...refs].filter(([kind]) => kind === 'GROUP').map(([, id]) => id);
  const members = await readMembers(tx, [...new Set(groups)]);
  const idsByStep = steps.map((step) => approversIn(step, members).filter((id) => id !== requesterId));
  const people = await readPeople(tx, [...new Set(idsByStep.flat())]);
  return idsByStep.map((ids) => {
    const wanted = new Set(ids);
    return people.filter((person) => wanted.has(person.userId));
  });
}

/** The groups whose members the policies make it necessary to know: principals, requester groups and approvers. */
export async function groupsNamedInPolicies(tx: Tx): Promise<string[]> {
  const { eligibility, approval } = await loadPolicies(tx);
  const principals = [
    ...eligibility.flatMap((each) => each.policy.principals),
    ...approval.flatMap((each) => [...each.approvers]),
  ];
  const groups = principals
    .map(splitRef)
    .filter(([kind]) => kind === 'GROUP')
    .map(([, id]) => id);
  return [...new Set([...groups, ...approval.flatMap((each) => each.policy.requesterGroups)])].sort();
}
