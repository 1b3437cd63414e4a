import { principalsOf } from '../compile.ts';
import type { PrincipalRef, Subject } from '../types.ts';
import type { Cell, Cells } from './cells.ts';
import { createPaths, pair, remembered } from './paths.ts';

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

/** Splits the atoms by policy after policy. */
function crowds(atomCount: number, atomsWith: readonly number[][], eligibilityCount: number): People['crowdsIn'] {
  const [named, narrowed] = [createPaths(), createPaths()];
  // Where each atom stands, for the cell that is looked at; zero between cells.
  const nodes = new Int32Array(atomCount);
  const approvalNodes = new Int32Array(atomCount);

  return (cell) => {
    const touched: number[] = [];
    for (const policy of cell.eligibility) {
      for (const atom of atomsWith[policy] ?? []) {
        const node = nodes[atom] ?? 0;
        if (node === 0) touched.push(atom);
        nodes[atom] = named.step(node, policy);
      }
    }
    for (const policy of cell.approval.policies) {
      for (const atom of atomsWith[eligibilityCount + policy] ?? []) {
        if (nodes[atom] !== 0) approvalNodes[atom] = narrowed.step(approvalNodes[atom] ?? 0, policy);
      }
    }
    const found = new Map<number, Crowd>();
    for (const atom of touched) {
      const [key, approvalKey] = [nodes[atom] ?? 0, approvalNodes[atom] ?? 0];
      const both = pair(approvalKey, key);
      const crowd = found.get(both);
      if (crowd) crowd.atoms.push(atom);
      else found.set(both, { key, approvalKey, eligibility: named.listOf(key), atoms: [atom] });
      nodes[atom] = 0;
      approvalNodes[atom] = 0;
    }
    return [...found.values()];
  };
}
