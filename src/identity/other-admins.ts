import { membersOf, type User } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { personaGroups } from './persona-groups.ts';

/** Every administrator whose user is enabled, apart from this one (null: all of them); each once. */
export async function otherAdmins(platform: Pick<Platform, 'config'>, tx: Tx, userId: string | null): Promise<User[]> {
  const members = await membersOf(tx, (await personaGroups(platform, tx)).admin);
  const others = members.filter(({ id, enabled }) => enabled && id !== userId);
  return [...new Map(others.map((each) => [each.id, each])).values()];
}
