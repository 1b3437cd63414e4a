/** Things that wait for their turn, each for its owner. One owner with many never makes another wait behind all of them. */
export interface FairTurns<T> {
  add(owner: string, thing: T): void;
  /** Whose turn it is: the first of the owner who has waited longest since their last turn. It stays where it is. */
  next(): T | undefined;
  /** The thing is taken, and its owner is next once all others had a turn. False: it does not wait. */
  take(owner: string, thing: T): boolean;
  /** The thing waits no more; nobody's turn changes. False: it did not wait. */
  drop(owner: string, thing: T): boolean;
  readonly size: number;
}

export function createFairTurns<T>(): FairTurns<T> {
  // Both keep the order in which things came: the first owner is the one whose turn it is.
  const owners = new Map<string, Set<T>>();
  let size = 0;

  function remove(owner: string, thing: T): Set<T> | null {
    const things = owners.get(owner);
    if (!things?.delete(thing)) return null;
    size -= 1;
    if (things.size === 0) owners.delete(owner);
    return things;
  }

  return {
    add(owner, thing) {
      const things = owners.get(owner) ?? new Set();
      owners.set(owner, things);
      if (!things.has(thing)) size += 1;
      things.add(thing);
    },
    next() {
      const [things] = owners.values();
      const [first] = things ?? [];
      return first;
    },
    take(owner, thing) {
      const left = remove(owner, thing);
      if (left !== null && left.size > 0) {
        owners.delete(owner);
        owners.set(owner, left);
      }
      return left !== null;
    },
    drop: (owner, thing) => remove(owner, thing) !== null,
    get size() {
      return size;
    },
  };
}
