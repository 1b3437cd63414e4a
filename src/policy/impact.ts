import { requirement } from './approval.ts';
import type { Place } from './compile.ts';
import { type Approvable, approvable, type Deciders } from './impact-approvable.ts';
import { type Cell, cellsOf, remembered } from './impact-cells.ts';
import { type Changed, reachOf } from './impact-change.ts';
import { effectsOf, mayNeedApproval, type Right, rightOf, type Standing } from './impact-effects.ts';
import { peopleOf } from './impact-people.ts';
import { type Tally, tallies } from './impact-tally.ts';
import type { ApprovalStep, PolicyLimits, Subject } from './types.ts';

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

const NOTHING: Right = { withTicket: { longest: 0, alone: 0 }, withoutTicket: { longest: 0, alone: 0 } };

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

  const cells = cellsOf({ changed, places, roles, limits, now });
  const crowds = peopleOf(people, cells);
  const positions = new Map(people.map(({ userId }, position) => [userId, position]));
  const tally = tallies(crowds.atoms, cells);

  const rights = new Map<string, Right>();
  const required = new Map<string, { steps: ApprovalStep[] } & Approvable>();
  const approvables = new Map<string, Approvable>();

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
    const bounds = cell.bounds[side];
    const key = `${side} ${crowd.key} ${bounds.longestMinutes} ${bounds.neverSelfServed}`;
    return remembered(rights, key, () => {
      const reaching = crowd.eligibility.flatMap((index) => {
        const slot = cells.eligibility[index];
        return slot?.[side] ? [slot.compiled] : [];
      });
      return reaching.length === 0 ? NOTHING : rightOf(reaching, limits, bounds);
    });
  }

  function decisionOn(side: 'before' | 'after', cell: Cell, approvalKey: number, subject: Subject) {
    return remembered(required, `${side} ${cell.approval.join()} ${approvalKey}`, () => {
      const ask = { ...cell.place, permissionSetArn: cell.permissionSetArn };
      const { steps } = requirement(changed[side], subject, ask, now);
      const who = remembered(approvables, JSON.stringify(steps), () => approvable(steps, deciders));
      return { steps, ...who };
    });
  }
}

const NOBODY_ASKED: { steps: ApprovalStep[] } & Approvable = { steps: [], byOthers: true, except: new Set() };

function standing(
  { right, decision }: { right: Right; decision: { steps: ApprovalStep[] } & Approvable },
  userId: string | null,
): Standing {
  const exception = userId !== null && decision.except.has(userId);
  return { right, steps: decision.steps, approvable: decision.byOthers !== exception };
}
