import {
  type CompiledApproval,
  type CompiledEligibility,
  coversPlace,
  holds,
  type Place,
  type Places,
} from './compile.ts';
import { type Bounds, boundsOf } from './guard.ts';
import type { Changed } from './impact-change.ts';
import type { PolicyLimits, TargetRef } from './types.ts';

/** A policy that holds, and on which side of the change it does. */
export interface Slot<C> {
  compiled: C;
  before: boolean;
  after: boolean;
}

/** Accounts, or roles, that no policy tells apart. `members`: their positions in the list they come from. */
export interface Class {
  members: number[];
}

/** Combinations of account and role that the same policies take and the same limits bound. */
export interface Cell {
  /** Positions in `eligibility` and `approval` of the `Cells`, ascending. */
  eligibility: number[];
  approval: number[];
  bounds: { before: Bounds; after: Bounds };
  /** Any one of them. */
  place: Place;
  permissionSetArn: string;
  /** The place class and the role class of each rectangle of combinations. */
  parts: [place: number, role: number][];
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
  places: readonly Place[];
  roles: readonly string[];
  limits: PolicyLimits;
  now: Date;
}

/**
 * All combinations of these accounts and roles that some eligibility policy takes, before or after the change,
 * brought together wherever all that judges them is the same.
 */
export function cellsOf({ changed, places, roles, limits, now }: Asked): Cells {
  const { before, after } = changed;
  const wanted = new Set(roles);
  const eligibility = slotsOf(before.eligibility, after.eligibility).filter(
    ({ compiled }) => holds(compiled.policy, now) && compiled.policy.permissionSets.some((arn) => wanted.has(arn)),
  );
  const approval = slotsOf(before.approval, after.approval).filter(({ compiled }) => holds(compiled.policy, now));
  const guardrails = slotsOf(before.guardrails, after.guardrails);

  const roleClasses = classesOfRoles(roles, [eligibility, approval, guardrails]);
  const placeClasses = classesOfPlaces(places, [eligibility, approval, guardrails]);
  const rolesOfPolicy = eligibility.map((): number[] => []);
  for (const [index, role] of roleClasses.entries())
    for (const slot of role.takenBy[0] ?? []) rolesOfPolicy[slot]?.push(index);

  const bounds = new Map<string, Cell['bounds'] & { key: string }>();
  const approvals = new Map<string, { taking: number[]; key: string }>();
  const cells = new Map<string, Cell>();
  for (const [placeIndex, placeClass] of placeClasses.entries()) {
    const place = places[placeClass.members[0] ?? 0];
    if (place === undefined) continue;
    const [reaching = [], covering = []] = placeClass.takenBy;
    const byRole = new Map<number, number[]>();
    for (const slot of reaching) for (const role of rolesOfPolicy[slot] ?? []) push(byRole, role, slot);

    for (const [roleIndex, taking] of byRole) {
      const roleClass = roleClasses[roleIndex];
      const permissionSetArn = roles[roleClass?.members[0] ?? 0];
      if (roleClass === undefined || permissionSetArn === undefined) continue;
      const both = (kind: number) => `${placeClass.keys[kind]}/${roleClass.keys[kind]}`;
      const limit = remembered(bounds, both(2), () => {
        const of = (policies: Changed['before']) => boundsOf(policies, place, permissionSetArn, limits);
        const pair = { before: of(before), after: of(after) };
        return { ...pair, key: keyOf(pair.before) + keyOf(pair.after) };
      });
      const deciding = remembered(approvals, both(1), () => {
        const list = covering.filter((slot) => {
          const { permissionSets } = approval[slot]?.compiled ?? {};
          return permissionSets?.size === 0 || permissionSets?.has(permissionSetArn);
        });
        return { taking: list, key: list.join() };
      });
      const cell = remembered(cells, `${taking.join()}|${deciding.key}|${limit.key}`, () => ({
        eligibility: taking,
        approval: deciding.taking,
        bounds: limit,
        place,
        permissionSetArn,
        parts: [],
      }));
      cell.parts.push([placeIndex, roleIndex]);
    }
  }
  return { eligibility, approval, places: placeClasses, roles: roleClasses, cells: [...cells.values()] };
}

function slotsOf<C>(before: readonly C[], after: readonly C[]): Slot<C>[] {
  const [old, next] = [new Set(before), new Set(after)];
  return [...new Set([...before, ...after])].map((compiled) => ({
    compiled,
    before: old.has(compiled),
    after: next.has(compiled),
  }));
}

/** A class with the policies that take it, kind by kind: eligibility, approval, guardrails. */
interface TakenClass extends Class {
  takenBy: number[][];
  keys: string[];
}

function classesOfRoles(
  roles: readonly string[],
  kinds: readonly Slot<{ permissionSets: ReadonlySet<string> }>[][],
): TakenClass[] {
  const taken = new Map(roles.map((arn) => [arn, kinds.map((): number[] => [])]));
  for (const [kind, slots] of kinds.entries()) {
    for (const [index, { compiled }] of slots.entries()) {
      for (const arn of compiled.permissionSets) taken.get(arn)?.[kind]?.push(index);
    }
  }
  return classesBy(roles.map((arn) => taken.get(arn) ?? []));
}

interface Placed {
  policy: { targets: TargetRef[] };
  places: Places;
}

function classesOfPlaces(places: readonly Place[], kinds: readonly Slot<Placed>[][]): TakenClass[] {
  const naming = kinds.map((slots) => {
    const byTarget = new Map<TargetRef, number[]>();
    for (const [index, { compiled }] of slots.entries()) {
      for (const target of new Set(compiled.policy.targets)) push(byTarget, target, index);
    }
    return byTarget;
  });
  // Accounts side by side in one OU are alike unless some policy names one of them.
  const named = new Set<string>();
  for (const { compiled } of kinds.flat()) {
    for (const id of compiled.places.accountIds) named.add(id);
    for (const id of compiled.places.exceptAccountIds) named.add(id);
  }
  const alike = new Map<string, number[][]>();
  const taken = places.map((place) => {
    const key = named.has(place.accountId) ? `ACCOUNT:${place.accountId}` : `OU:${place.ancestorIds.join()}`;
    return remembered(alike, key, () => {
      const refs = [`ACCOUNT:${place.accountId}`, ...place.ancestorIds.map((id) => `OU:${id}`)];
      return naming.map((byTarget, kind) => {
        const found = new Set(refs.flatMap((ref) => byTarget.get(ref) ?? []));
        const covers = (index: number) => {
          const slot = kinds[kind]?.[index];
          return slot !== undefined && coversPlace(slot.compiled.places, place);
        };
        return [...found].filter(covers).sort((a, b) => a - b);
      });
    });
  });
  return classesBy(taken);
}

function classesBy(taken: readonly number[][][]): TakenClass[] {
  const classes = new Map<string, TakenClass>();
  for (const [index, takenBy] of taken.entries()) {
    const keys = takenBy.map((slots) => slots.join());
    remembered(classes, keys.join('|'), () => ({ members: [], takenBy, keys })).members.push(index);
  }
  return [...classes.values()];
}

function keyOf({ longestMinutes, neverSelfServed }: Bounds): string {
  return `${longestMinutes}${neverSelfServed ? 'n' : 's'}`;
}

function push<K>(map: Map<K, number[]>, key: K, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** What the map has under the key; made and kept where it has nothing. */
export function remembered<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}
