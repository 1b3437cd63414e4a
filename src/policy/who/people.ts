import { findUsers, membersOf, type User } from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { splitRef } from '../approval.ts';
import { resolveSteps } from '../approvers.ts';
import type { Names } from '../names.ts';
import type { ApprovalStep } from '../types.ts';

/** One step of an approval, with who could act in it today by the directory's copy. */
export interface StepPeople {
  needed: number;
  /** The groups and people that the step names, by name. */
  named: string[];
  /** The first few who could act, and how many more there are. */
  people: { names: string[]; others: number };
  /** Who is named but cannot act, with why: 'Gus Onn (disabled)'. */
  leftOut: string[];
  /** Approvers that no longer exist. */
  vanished: string[];
}

const SHOWN = 5;

/** The steps with their people, and the user IDs of those as `withApprovers` counts them. `requesterId`: '' for anyone. */
export async function readStepPeople(
  tx: Tx,
  steps: ApprovalStep[],
  requesterId: string,
  names: Names,
): Promise<{ steps: StepPeople[]; perStep: string[][]; vanished: string[] }> {
  const able = await resolveSteps(tx, steps, requesterId);
  const everyone = await peopleNamed(tx, steps);
  const read = steps.map((step, index): StepPeople => {
    const there = able[index] ?? [];
    const ids = new Set(there.map(({ id }) => id));
    const named = names.all(step.approvers);
    return {
      needed: step.approvalsNeeded,
      named: named.filter((each) => each.known).map(({ name }) => name),
      people: { names: there.slice(0, SHOWN).map(({ displayName }) => displayName), others: beyond(there) },
      leftOut: leftOutInWords(
        everyone(step).filter(({ id }) => !ids.has(id)),
        requesterId,
      ),
      vanished: named.filter((each) => !each.known).map(({ name }) => name),
    };
  });
  return {
    steps: read,
    perStep: able.map((users) => users.map(({ id }) => id)),
    vanished: read.flatMap((step) => step.vanished),
  };
}

/** For each step everyone whom it names, whether they can act or not, each once. */
async function peopleNamed(tx: Tx, steps: ApprovalStep[]): Promise<(step: ApprovalStep) => User[]> {
  const refs = steps.flatMap((step) => step.approvers).map(splitRef);
  const idsOf = (wanted: string) => [...new Set(refs.flatMap(([kind, id]) => (kind === wanted ? [id] : [])))];
  const members = Map.groupBy(await membersOf(tx, idsOf('GROUP')), ({ groupId }) => groupId);
  const users = new Map((await findUsers(tx, idsOf('USER'))).map((user) => [user.id, user]));
  return (step) => {
    const named = step.approvers.map(splitRef).flatMap(([kind, id]): User[] => {
      const user = users.get(id);
      if (kind === 'USER') return user ? [user] : [];
      return members.get(id) ?? [];
    });
    return [...new Map(named.map((user) => [user.id, user])).values()];
  };
}

function leftOutInWords(users: User[], requesterId: string): string[] {
  const told = users
    .slice(0, SHOWN)
    .map(({ id, displayName }) => `${displayName} (${id === requesterId ? 'asks' : 'disabled'})`);
  const more = beyond(users);
  return more > 0 ? [...told, `${more} ${more === 1 ? 'other' : 'others'}`] : told;
}

function beyond(list: unknown[]): number {
  return Math.max(0, list.length - SHOWN);
}
