interface Called {
  name: string;
}

/** The names that several of a list bear, by the list: the directory's lists are made anew whenever they change. */
const known = new WeakMap<readonly Called[], ReadonlySet<string>>();

/** Whether several things of the list are called this. The list must never change. */
export function isSeveralTimes(list: readonly Called[], name: string): boolean {
  let several = known.get(list);
  if (several === undefined) {
    several = namesOfSeveral(list);
    known.set(list, several);
  }
  return several.has(name);
}

function namesOfSeveral(list: readonly Called[]): Set<string> {
  const once = new Set<string>();
  const several = new Set<string>();
  for (const { name } of list) (once.has(name) ? several : once).add(name);
  return several;
}
