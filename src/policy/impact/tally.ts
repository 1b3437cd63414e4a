import type { Cell } from './cells.ts';
import type { Class } from './classes.ts';
import type { Effect, Right } from './effects.ts';
import { remembered } from './paths.ts';
import type { Atom } from './people.ts';

/** How much one effect of a change is, and the first whom and what it meets, as positions in the lists. */
export interface Tally {
  effect: Effect;
  /** How many combinations of person, account and role. */
  combinations: number;
  people: number;
  accounts: number;
  roles: number;
  first: { people: number[]; accounts: number[]; roles: number[] };
  before: Shared;
  after: Shared;
}

/** The lengths of a right, as far as they are the same in all combinations: minutes, else null. */
export interface Shared {
  longest: number | null;
  alone: number | null;
  /** The longest without a ticket. */
  bare: number | null;
}

/** People who share what applies to them in a cell, and those of them for whom it is nevertheless otherwise. */
export interface Counted {
  atoms: readonly number[];
  effects: readonly Effect[];
  exceptions: readonly { atom: number; position: number; effects: readonly Effect[] }[];
  /** The same object wherever it is the same right. */
  rights: { before: Right; after: Right };
}

/** More are told only as a number. */
export const EXAMPLES = 5;

interface Sum {
  combinations: number;
  atoms: Uint8Array;
  /** People who are counted without the rest of their atom. */
  single: Set<number>;
  cells: Set<Cell>;
  before: Set<Right>;
  after: Set<Right>;
}

/** Adds up effects. The classes are those of the cells that are added. */
export function tallies(atoms: readonly Atom[], classes: { places: readonly Class[]; roles: readonly Class[] }) {
  const sums = new Map<Effect, Sum>();
  const sumOf = (effect: Effect): Sum => {
    const there = sums.get(effect);
    if (there) return there;
    const made: Sum = {
      combinations: 0,
      atoms: new Uint8Array(atoms.length),
      single: new Set(),
      cells: new Set(),
      before: new Set(),
      after: new Set(),
    };
    sums.set(effect, made);
    return made;
  };

  const weights = new Map<Cell, number>();
  const weightOf = (cell: Cell) =>
    remembered(weights, cell, () => {
      let weight = 0;
      for (let at = 0; at < cell.parts.length; at += 2) {
        weight += sizeOf(classes.places, cell.parts[at]) * sizeOf(classes.roles, cell.parts[at + 1]);
      }
      return weight;
    });

  function note(effect: Effect, cell: Cell, people: number, { rights }: Counted): Sum {
    const sum = sumOf(effect);
    sum.combinations += people * weightOf(cell);
    sum.cells.add(cell);
    sum.before.add(rights.before);
    sum.after.add(rights.after);
    return sum;
  }

  return {
    add(cell: Cell, counted: Counted): void {
      const { exceptions } = counted;
      const apart = new Set(exceptions.map(({ position }) => position));
      const torn = new Set(exceptions.map(({ atom }) => atom));
      const usual = counted.atoms.reduce((sum, atom) => sum + sizeOf(atoms, atom), 0) - apart.size;
      for (const effect of usual > 0 ? counted.effects : []) {
        const sum = note(effect, cell, usual, counted);
        for (const atom of counted.atoms) {
          if (!torn.has(atom)) sum.atoms[atom] = 1;
          else for (const person of atoms[atom]?.members ?? []) if (!apart.has(person)) sum.single.add(person);
        }
      }
      for (const { position, effects } of exceptions) {
        for (const effect of effects) note(effect, cell, 1, counted).single.add(position);
      }
    },

    result(): Tally[] {
      return [...sums].map(([effect, sum]) => {
        const [placeMarks, roleMarks] = [new Set<number>(), new Set<number>()];
        for (const { parts } of sum.cells) {
          for (const [at, index] of parts.entries()) (at % 2 === 0 ? placeMarks : roleMarks).add(index);
        }
        const whole = [...sum.atoms.keys()].filter((atom) => sum.atoms[atom] === 1);
        const people = inOrder([...membersOf(atoms, whole), ...sum.single]);
        const accounts = inOrder(membersOf(classes.places, placeMarks));
        const roles = inOrder(membersOf(classes.roles, roleMarks));
        return {
          effect,
          combinations: sum.combinations,
          people: people.length,
          accounts: accounts.length,
          roles: roles.length,
          first: {
            people: people.slice(0, EXAMPLES),
            accounts: accounts.slice(0, EXAMPLES),
            roles: roles.slice(0, EXAMPLES),
          },
          before: sharedBy(sum.before),
          after: sharedBy(sum.after),
        };
      });
    },
  };
}

function sharedBy(rights: ReadonlySet<Right>): Shared {
  const only = (lengthOf: (right: Right) => number): number | null => {
    const lengths = new Set([...rights].map(lengthOf));
    const [length = null] = lengths;
    return lengths.size === 1 ? length : null;
  };
  return {
    longest: only(({ withTicket }) => withTicket.longest),
    alone: only(({ withTicket }) => withTicket.alone),
    bare: only(({ withoutTicket }) => withoutTicket.longest),
  };
}

type Classes = readonly { members: readonly number[] }[];

function sizeOf(classes: Classes, index: number | undefined): number {
  return classes[index ?? -1]?.members.length ?? 0;
}

function membersOf(classes: Classes, indexes: Iterable<number>): number[] {
  return [...indexes].flatMap((index) => classes[index]?.members ?? []);
}

/** Each once, ascending. */
function inOrder(positions: number[]): number[] {
  return [...new Set(positions)].sort((a, b) => a - b);
}
