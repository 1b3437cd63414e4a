import type { SandboxGroup, SandboxUser } from '../organization.ts';
import { pick } from './random.ts';

const GROUPS_PER_USER = 4;
/** In a large organization a few people are in very many groups, and a few groups have very many members. */
const LARGE = 1_000;
const MANY_GROUPS = 200;
const MANY_MEMBERS = 1_500;

/** Group ID → user IDs. Every thousandth user is in two hundred groups, every thousandth group has 1,500 members. */
export function generateMemberships(
  users: SandboxUser[],
  groups: SandboxGroup[],
  random: () => number,
): Map<string, Set<string>> {
  const memberships = new Map(groups.map(({ id }) => [id, new Set<string>()]));
  const join = (group: SandboxGroup | undefined, user: SandboxUser | undefined) => {
    if (group && user) memberships.get(group.id)?.add(user.id);
  };
  for (const [index, user] of users.entries()) {
    for (let joined = 0; joined < GROUPS_PER_USER; joined++) join(pick(groups, random), user);
    if (groups.length < LARGE || index % LARGE !== 0) continue;
    // Side by side from a random place on, so that they are two hundred different ones.
    const from = Math.floor(random() * groups.length);
    for (let joined = 0; joined < MANY_GROUPS; joined++) join(groups[(from + joined) % groups.length], user);
  }
  for (let index = 0; users.length >= 2 * MANY_MEMBERS && index < groups.length; index += LARGE) {
    const from = Math.floor(random() * users.length);
    for (let joined = 0; joined < MANY_MEMBERS; joined++) join(groups[index], users[(from + joined) % users.length]);
  }
  return memberships;
}
