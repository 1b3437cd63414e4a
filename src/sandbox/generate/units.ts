import { organizationalUnitIdOf } from '../identifiers.ts';
import type { OrganizationalUnit } from '../organization.ts';
import { oddName } from './odd-names.ts';
import { STAGES, TEAMS } from './words.ts';

const REGIONS = ['Europe', 'Americas', 'Asia'];
const TIERS = ['Tier 1', 'Tier 2'];

/**
 * OUs three to five deep, which is the deepest that AWS allows: stages, teams, numbered parts of a team, and in some
 * parts Regions and tiers. `branches` is the number of paths down to a unit without children.
 */
export function generateUnits(rootId: string, branches: number): OrganizationalUnit {
  const root: OrganizationalUnit = { id: rootId, name: 'Root', children: [] };
  for (const stage of STAGES) childOf(root, stage, stage);
  for (let index = 0; index < branches; index++) {
    const round = Math.floor(index / STAGES.length);
    const stage = STAGES[index % STAGES.length] ?? 'Other';
    const team = TEAMS[round % TEAMS.length] ?? 'Other';
    const part = `${team} ${Math.floor(round / TEAMS.length) + 1}`;
    const steps = [stage, team, part, REGIONS[round % REGIONS.length] ?? '', TIERS[round % TIERS.length] ?? ''];
    let parent = root;
    let path = '';
    for (const [level, step] of steps.slice(0, 3 + (round % 3)).entries()) {
      path = path === '' ? step : `${path}/${step}`;
      parent = childOf(parent, path, level === 2 ? (oddName(index, 13) ?? step) : step);
    }
  }
  return root;

  function childOf(parent: OrganizationalUnit, path: string, name: string): OrganizationalUnit {
    const id = organizationalUnitIdOf(rootId, path);
    const known = parent.children.find((child) => child.id === id);
    if (known) return known;
    const unit: OrganizationalUnit = { id, name, children: [] };
    parent.children.push(unit);
    return unit;
  }
}

/** The units in which accounts lie: all but the root and the stages right below it. */
export function placesIn(root: OrganizationalUnit): OrganizationalUnit[] {
  const below = (unit: OrganizationalUnit): OrganizationalUnit[] => [unit, ...unit.children.flatMap(below)];
  const places = root.children.flatMap((stage) => stage.children.flatMap(below));
  return places.length > 0 ? places : [root];
}
