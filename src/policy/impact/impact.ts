import { requirement } from '../approval.ts';
import { type Place, principalsOf } from '../compile.ts';
import type { ApprovalStep, PolicyLimits, Subject } from '../types.ts';
import { type Approvable, approvable, type Deciders } from './approvable.ts';
import { type Cell, cellsOf } from './cells.ts';
import { type Changed, reachOf } from './change.ts';
import { effectsOf, mayNeedApproval, type Right, rightOf, type Standing } from './effects.ts';
import { pair, remembered } from './paths.ts';
import { peopleOf } from './people.ts';
import { type Tally, tallies } from './tally.ts';

/** The organization as far as a change of the policies may matter in it. Lists are in the order in which examples are told. */
export interface Organization {
  /** Who may ask for anything: enabled, with the groups that policies name. */
  people: readonly Subject[];
  /** The accounts that can be asked for. */
  places: readonly Place[];
  /** The permission sets that can be asked for, by ARN. */
  roles: readonly string[];
  deciders: Deciders;
}

/** How much one effect of a change is, with the first whom and what it meets, by their IDs. */
export type Impact = Omit<Tally, 'first'> & { first: { people: string[]; accounts: string[]; roles: string[] } };

/** Who would have to decide, and whether they could. */
type Decision = { steps: ApprovalStep[] } & Approvable;

/**
 * What a change of the policies does to how many combinations of person, account and role: exactly, without looking at
 * each of them. Whoever the same policies name, wherever the same policies hold, is judged once by what judges a
 * request, and counted.
 */
export function impactOf(changed: Changed, organization: Organization, limits: PolicyLimits, now: Date): Impact[] {
  const reach = reachOf(changed, now);
  const { deciders } = organization;
  const people = organization.people.filter((each) => reach.person(each));
  const places = organization.places.filter((each) => reach.place(each));
  const roles = organization.roles.filter((each) => reach.role(each));

  const cells = cellsOf({ changed, principals: new Set(people.flatMap(principalsOf)), places, roles, limits, now });
  const crowds = peopleOf(people, cells);
  const positions = new Map(people.map(({ userId }, position) => [userId, position]));
  const tally = tallies(crowds.atoms, cells);

  const rights = { before: new Map<number, Right>(), after: new Map<number, Right>() };
  const decisions = { before: new Map<number, Decision>(), after: new Map<number, Decision>() };
  const sameRights = new Map<string, Right>();
  const sameSteps = new Map<string, Decision>();

  for (const cell of cells.cells) {
    for (const crowd of crowds.crowdsIn(cell)) {
      const subject = people[crowds.atoms[crowd.atoms[0] ?? 0]?.members[0] ?? 0];
      if (subject === undefined) continue;
      const sides = (['before', 'after'] as const).map((side) => {
        const right = rightOn(side, cell, crowd);
        const decision = mayNeedApproval(right) ? decisionOn(side, cell, crowd.approvalKey, subject) : NOBODY_ASKED;
        return { right, decision };
      });
      const [was, is] = sides;
      if (was === undefined || is === undefined) continue;
      const effectsFor = (userId: string | null) => effectsOf(standing(was, userId), standing(is, userId));
      const exceptions = [...new Set([...was.decision.except, ...is.decision.except])].flatMap((userId) => {
        const position = positions.get(userId);
        const atom = position === undefined ? undefined : crowds.atomOf[position];
        if (position === undefined || atom === undefined || !crowd.atoms.includes(atom)) return [];
        return [{ atom, position, effects: effectsFor(userId) }];
      });
      const rights = { before: was.right, after: is.right };
      tally.add(cell, { atoms: crowd.atoms, effects: effectsFor(null), exceptions, rights });
    }
  }
  return tally.result().map(({ first, ...counts }) => ({
    ...counts,
    first: {
      people: first.people.map((position) => people[position]?.userId ?? ''),
      accounts: first.accounts.map((position) => places[position]?.accountId ?? ''),
      roles: first.roles.map((position) => roles[position] ?? ''),
    },
  }));

  function rightOn(side: 'before' | 'after', cell: Cell, crowd: { key: number; eligibility: number[] }): Right {
    return remembered(rights[side], pair(cell.bounds.key, crowd.key), () => {
      const reaching = crowd.eligibility.flatMap((index) => {
        const slot = cells.eligibility[index];
        return slot?.[side] ? [slot.compiled] : [];
      });
      const right = rightOf(reaching, limits, cell.bounds[side]);
      return remembered(sameRights, JSON.stringify(right), () => right);
    });
  }

  function decisionOn(side: 'before' | 'after', cell: Cell, approvalKey: number, subject: Subject): Decision {
    return remembered(decisions[side], pair(cell.approval.key, approvalKey), () => {
      const ask = { ...cell.place, permissionSetArn: cell.permissionSetArn };
      const { steps } = requirement(changed[side], subject, ask, now);
      return remembered(sameSteps, JSON.stringify(steps), () => ({ steps, ...approvable(steps, deciders) }));
    });
  }
}

const NOBODY_ASKED: Decision = { steps: [], byOthers: true, except: new Set() };

function standing({ right, decision }: { right: Right; decision: Decision }, userId: string | null): Standing {
  const exception = userId !== null && decision.except.has(userId);
  return { right, steps: decision.steps, approvable: decision.byOthers !== exception };
}
