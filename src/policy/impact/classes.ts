import { coversPlace, type Place, type Places } from '../compile.ts';
import type { TargetRef } from '../types.ts';
import { createPaths, remembered } from './paths.ts';

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

/** The policies of both sides, each once. */
export function slotsOf<C>(before: readonly C[], after: readonly C[]): Slot<C>[] {
  const [old, next] = [new Set(before), new Set(after)];
  return [...new Set([...before, ...after])].map((compiled) => ({
    compiled,
    before: old.has(compiled),
    after: next.has(compiled),
  }));
}

/** A class with the policies that take it, kind by kind: eligibility, approval, guardrails. */
export interface TakenClass extends Class {
  takenBy: number[][];
  /** Stands for `takenBy`, kind by kind. */
  keys: number[];
}

/** Brings together the roles that the same policies take. */
export function classesOfRoles(
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

/** Brings together the accounts that the same policies take. */
export function classesOfPlaces(places: readonly Place[], kinds: readonly Slot<Placed>[][]): TakenClass[] {
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
  const paths = createPaths();
  const classes = new Map<string, TakenClass>();
  // Places that are alike share one array, which is then looked at once.
  const seen = new Map<number[][], TakenClass>();
  for (const [index, takenBy] of taken.entries()) {
    const found = remembered(seen, takenBy, () => {
      const keys = takenBy.map((slots) => slots.reduce((node, slot) => paths.step(node, slot), 0));
      return remembered(classes, keys.join(), () => ({ members: [], takenBy, keys }));
    });
    found.members.push(index);
  }
  return [...classes.values()];
}

function push<K>(map: Map<K, number[]>, key: K, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
