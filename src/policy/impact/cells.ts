import { type CompiledApproval, type CompiledEligibility, holds, type Place } from '../compile.ts';
import { type Bounds, boundsOf } from '../guard.ts';
import type { PolicyLimits, PrincipalRef } from '../types.ts';
import type { Changed } from './change.ts';
import { type Class, classesOfPlaces, classesOfRoles, type Slot, slotsOf, type TakenClass } from './classes.ts';
import { createPaths, remembered } from './paths.ts';

/** Combinations of account and role that the same policies take and the same limits bound. */
export interface Cell {
  /** Positions in `eligibility` and `approval` of the `Cells`, ascending. */
  eligibility: number[];
  approval: Deciding;
  bounds: Limit;
  /** Any one of them. */
  place: Place;
  permissionSetArn: string;
  /** The place class and the role class of each rectangle of combinations, one after the other. */
  parts: number[];
}

/** The approval policies of a cell; `key` stands for them in every cell. */
interface Deciding {
  key: number;
  policies: number[];
}

/** The bounds of a cell; `key` stands for them in every cell. */
interface Limit {
  key: number;
  before: Bounds;
  after: Bounds;
}

export interface Cells {
  eligibility: Slot<CompiledEligibility>[];
  approval: Slot<CompiledApproval>[];
  places: Class[];
  roles: Class[];
  cells: Cell[];
}

interface Asked {
  changed: Changed;
  /** Who is there at all: policies for nobody of them are left out. */
  principals: ReadonlySet<PrincipalRef>;
  places: readonly Place[];
  roles: readonly string[];
  limits: PolicyLimits;
  now: Date;
}

/**
 * All combinations of these accounts and roles that some eligibility policy takes, before or after the change,
 * brought together wherever all that judges them is the same.
 */
export function cellsOf({ changed, principals, places, roles, limits, now }: Asked): Cells {
  const { before, after } = changed;
  const wanted = new Set(roles);
  const eligibility = slotsOf(before.eligibility, after.eligibility).filter(
    ({ compiled: { policy } }) =>
      holds(policy, now) &&
      policy.permissionSets.some((arn) => wanted.has(arn)) &&
      policy.principals.some((ref) => principals.has(ref)),
  );
  const approval = slotsOf(before.approval, after.approval).filter(({ compiled }) => holds(compiled.policy, now));
  const guardrails = slotsOf(before.guardrails, after.guardrails);
  const roleClasses = classesOfRoles(roles, [eligibility, approval, guardrails]);
  const placeClasses = classesOfPlaces(places, [eligibility, approval, guardrails]);

  const [deciding, limit] = [decidingIn(approval), limitIn(changed, limits)];
  const reached = reachedIn(eligibility.length, roleClasses);
  // By bounds, by approval policies, by eligibility policies.
  const cells: Map<number, Cell>[][] = [];
  for (const [placeIndex, placeClass] of placeClasses.entries()) {
    const place = places[placeClass.members[0] ?? 0];
    if (place === undefined) continue;
    for (const [roleIndex, node] of reached.by(placeClass)) {
      const roleClass = roleClasses[roleIndex];
      const permissionSetArn = roles[roleClass?.members[0] ?? 0];
      if (roleClass === undefined || permissionSetArn === undefined) continue;
      const bounds = limit(placeClass, roleClass, place, permissionSetArn);
      const approvals = deciding(placeClass, roleClass, permissionSetArn);
      const byNode = at(at(cells, bounds.key, EMPTY), approvals.key, () => new Map<number, Cell>());
      let cell = byNode.get(node);
      if (cell === undefined) {
        const taking = reached.listOf(node);
        cell = { eligibility: taking, approval: approvals, bounds, place, permissionSetArn, parts: [] };
        byNode.set(node, cell);
      }
      cell.parts.push(placeIndex, roleIndex);
    }
  }
  const all = cells.flat().flatMap((some) => [...some.values()]);
  return { eligibility, approval, places: placeClasses, roles: roleClasses, cells: all };
}

/** Which eligibility policies reach which roles in an account: role class by role class the node of their list. */
function reachedIn(policies: number, roleClasses: readonly TakenClass[]) {
  const rolesOf = Array.from({ length: policies }, (): number[] => []);
  for (const [index, { takenBy }] of roleClasses.entries()) {
    for (const slot of takenBy[0] ?? []) rolesOf[slot]?.push(index);
  }
  const paths = createPaths();
  return {
    listOf: paths.listOf,
    by({ takenBy }: TakenClass): Map<number, number> {
      const nodes = new Map<number, number>();
      for (const slot of takenBy[0] ?? []) {
        for (const role of rolesOf[slot] ?? []) nodes.set(role, paths.step(nodes.get(role) ?? 0, slot));
      }
      return nodes;
    },
  };
}

function decidingIn(approval: readonly Slot<CompiledApproval>[]) {
  const known: Deciding[][] = [];
  const paths = createPaths();
  return (place: TakenClass, role: TakenClass, permissionSetArn: string): Deciding =>
    at(at(known, place.keys[1] ?? 0, EMPTY), role.keys[1] ?? 0, () => {
      const policies = (place.takenBy[1] ?? []).filter((slot) => {
        const { permissionSets } = approval[slot]?.compiled ?? {};
        return permissionSets?.size === 0 || permissionSets?.has(permissionSetArn);
      });
      return { key: policies.reduce((node, slot) => paths.step(node, slot), 0), policies };
    });
}

function limitIn({ before, after }: Changed, limits: PolicyLimits) {
  const known: Limit[][] = [];
  const alike = new Map<string, Limit>();
  return (place: TakenClass, role: TakenClass, where: Place, permissionSetArn: string): Limit =>
    at(at(known, place.keys[2] ?? 0, EMPTY), role.keys[2] ?? 0, () => {
      const was = boundsOf(before, where, permissionSetArn, limits);
      const is = boundsOf(after, where, permissionSetArn, limits);
      const text = [was, is].map(({ longestMinutes, neverSelfServed }) => `${longestMinutes}${neverSelfServed}`).join();
      return remembered(alike, text, () => ({ key: alike.size, before: was, after: is }));
    });
}

const EMPTY = () => [];

/** What the list has at the position; made and kept where it has nothing. Quicker than a map of pairs. */
function at<T>(list: T[], position: number, make: () => T): T {
  const there = list[position];
  if (there !== undefined) return there;
  const made = make();
  list[position] = made;
  return made;
}
