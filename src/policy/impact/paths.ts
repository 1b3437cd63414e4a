/** Lists of ascending numbers as the nodes of a tree: the same list is the same node, the empty list node 0. */
export interface Paths {
  /** The node of the list with one more item at its end. */
  step(node: number, item: number): number;
  listOf(node: number): number[];
}

export function createPaths(): Paths {
  const parents = [0];
  const items = [-1];
  const steps: (Map<number, number> | undefined)[] = [];
  return {
    step(node, item) {
      let next = steps[node];
      if (next === undefined) {
        next = new Map();
        steps[node] = next;
      }
      const there = next.get(item);
      if (there !== undefined) return there;
      const made = parents.push(node) - 1;
      items.push(item);
      next.set(item, made);
      return made;
    },
    listOf(node) {
      const list: number[] = [];
      for (let at = node; at !== 0; at = parents[at] ?? 0) list.push(items[at] ?? -1);
      return list.reverse();
    },
  };
}

/** What the map has under the key; made and kept where it has nothing. */
export function remembered<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

/** Two numbers below 2^26 as one. */
export function pair(a: number, b: number): number {
  return a * 2 ** 26 + b;
}
