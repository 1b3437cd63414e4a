import { findUsers, membersOf, type User } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { approversIn, splitRef } from './approval.ts';
import { loadPolicies } from './load-store.ts';
import { readNames } from './names.ts';
import type { ApprovalStep } from './types.ts';

/**
 * The enabled people who could act in some step, each once, from the directory's copy; the requester is left out.
 * For mail and "who decides"; a decision reads Identity Center instead.
 */
export async function resolveApprovers(tx: Tx, steps: ApprovalStep[], requesterId: string): Promise<User[]> {
  const people = new Map<string, User>();
  for (const step of await resolveSteps(tx, steps, requesterId)) for (const user of step) people.set(user.id, user);
  return [...people.values()];
}

/** The same, step by step: what `withApprovers` counts. */
export async function resolveSteps(tx: Tx, steps: ApprovalStep[], requesterId: string): Promise<User[][]> {
  const groups = idsOf('GROUP', steps);
  const members = await membersOf(tx, groups);
  const users = await findUsers(tx, idsOf('USER', steps));
  const known = new Map([...members, ...users].map((user) => [user.id, user]));
  const idsByGroup = new Map<string, string[]>(groups.map((id) => [id, []]));
  for (const { groupId, id } of members) idsByGroup.get(groupId)?.push(id);

  return steps.map((step) =>
    approversIn(step, idsByGroup)
      .map((id) => known.get(id))
      .filter((user) => user !== undefined)
      .filter((user) => user.enabled && user.id !== requesterId)
      .map(({ id, userName, displayName, email, enabled }) => ({ id, userName, displayName, email, enabled })),
  );
}

/** The approvers of the steps that the directory does not have any more, as they were last called. */
export async function vanishedApprovers(tx: Tx, steps: ApprovalStep[]): Promise<{ kind: string; name: string }[]> {
  const refs = [...new Set(steps.flatMap((step) => step.approvers))];
  const names = await readNames(tx, refs);
  return names.all(refs).flatMap(({ known, kind, name }) => (known ? [] : [{ kind, name }]));
}

function idsOf(wanted: 'USER' | 'GROUP', steps: ApprovalStep[]): string[] {
  const refs = steps.flatMap((step) => step.approvers).map(splitRef);
  return [...new Set(refs.filter(([kind]) => kind === wanted).map(([, id]) => id))];
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
