import type { OrganizationalUnit } from './types.ts';

// Numbers as numbers, so that 'Team 10' comes after 'Team 9'.
const BY_NAME = new Intl.Collator('en', { numeric: true });

/** The root first, each unit before what lies in it, units side by side by name. What hangs on nothing comes last. */
export function inTreeOrder(units: readonly OrganizationalUnit[]): OrganizationalUnit[] {
  const known = new Set(units.map(({ id }) => id));
  const children = Map.groupBy(units, ({ parentId }) => (parentId !== null && known.has(parentId) ? parentId : null));
  const sorted: OrganizationalUnit[] = [];
  const place = (parentId: string | null) => {
    const here = children.get(parentId) ?? [];
    here.sort((a, b) => BY_NAME.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
    for (const unit of here) {
      sorted.push(unit);
      place(unit.id);
    }
  };
  place(null);
  return sorted;
}
