import { principalsOf } from './compile.ts';
import { type Cell, type Cells, remembered } from './impact-cells.ts';
import type { PrincipalRef, Subject } from './types.ts';

/** People whom no policy tells apart. `members`: their positions in the list they come from, ascending. */
export interface Atom {
  members: number[];
}

/** People to whom the same policies of one cell apply. */
export interface Crowd {
  /** Stands for `eligibility`, in every cell. */
  key: number;
  /** Stands for `approval`, in every cell. */
  approvalKey: number;
  /** The eligibility policies that name them. */
  eligibility: number[];
  atoms: number[];
}

export interface People {
  atoms: Atom[];
  /** The position of the atom that a person is in, by the person's position; -1: no policy names them. */
  atomOf: Int32Array;
  /** The people whom some eligibility policy of the cell names, by what applies to them there. */
  crowdsIn(cell: Cell): Crowd[];
}

/** Brings together the people to whom the same policies apply. */
export function peopleOf(subjects: readonly Subject[], { eligibility, approval, cells }: Cells): People {
  const used = new Set(cells.flatMap((cell) => cell.eligibility));
  const tagsOf = new Map<PrincipalRef, number[]>();
  const tag = (ref: PrincipalRef, value: number) => remembered(tagsOf, ref, () => []).push(value);
  for (const [index, { compiled }] of eligibility.entries()) {
    if (used.has(index)) for (const ref of new Set(compiled.policy.principals)) tag(ref, index);
  }
  for (const [index, { compiled }] of approval.entries()) {
    for (const id of compiled.requesterGroups) tag(`GROUP:${id}`, eligibility.length + index);
  }

  const found = new Map<string, { index: number; tags: number[] }>();
  const atoms: Atom[] = [];
  const atomOf = new Int32Array(subjects.length).fill(-1);
  for (const [position, subject] of subjects.entries()) {
    const tags = new Set(principalsOf(subject).flatMap((ref) => tagsOf.get(ref) ?? []));
    if (![...tags].some((each) => each < eligibility.length)) continue;
    const sorted = [...tags].sort((a, b) => a - b);
    const { index } = remembered(found, sorted.join(), () => ({
      index: atoms.push({ members: [] }) - 1,
      tags: sorted,
    }));
    atoms[index]?.members.push(position);
    atomOf[position] = index;
  }

  const atomsWith = Array.from({ length: eligibility.length + approval.length }, (): number[] => []);
  for (const { index, tags } of found.values()) for (const each of tags) atomsWith[each]?.push(index);
  return { atoms, atomOf, crowdsIn: crowds(atoms.length, atomsWith, eligibility.length) };
}

/**
 * Splits the atoms by policy after policy. Each set of policies is a path from the root of a tree, and its number the
 * same in whatever cell it is met.
 */
function crowds(atomCount: number, atomsWith: readonly number[][], eligibilityCount: number): People['crowdsIn'] {
  const paths: number[][] = [[]];
  const steps = new Map<number, Map<number, number>>();
  const step = (node: number, policy: number) =>
    remembered(
      remembered(steps, node, () => new Map<number, number>()),
      policy,
      () => paths.push([...(paths[node] ?? []), policy]) - 1,
    );
  // Where each atom stands in the tree, for the cell that is looked at; zero, the root, between cells.
  const named = new Int32Array(atomCount);
  const narrowed = new Int32Array(atomCount);

  return (cell) => {
    const touched: number[] = [];
    for (const policy of cell.eligibility) {
      for (const atom of atomsWith[policy] ?? []) {
        const node = named[atom] ?? 0;
        if (node === 0) touched.push(atom);
        named[atom] = step(node, policy);
      }
    }
    for (const policy of cell.approval) {
      for (const atom of atomsWith[eligibilityCount + policy] ?? []) {
        if (named[atom] !== 0) narrowed[atom] = step(narrowed[atom] ?? 0, eligibilityCount + policy);
      }
    }
    const found = new Map<string, Crowd>();
    for (const atom of touched) {
      const [key, approvalKey] = [named[atom] ?? 0, narrowed[atom] ?? 0];
      const crowd = remembered(found, `${key} ${approvalKey}`, () => ({
        key,
        approvalKey,
        eligibility: paths[key] ?? [],
        atoms: [],
      }));
      crowd.atoms.push(atom);
      named[atom] = 0;
      narrowed[atom] = 0;
    }
    return [...found.values()];
  };
}
