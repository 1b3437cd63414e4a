import { type PersonNow, rememberPerson } from '../directory/index.ts';
import { ForbiddenError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { personaGroups } from './persona-groups.ts';

export type ReadPersonNow = (platform: Platform, userId: string) => Promise<PersonNow | null>;

/**
 * Refuses whoever is no administrator any more by Identity Center's word of this moment. The copy is minutes old, and
 * what an administrator changes outlasts their right to change it. Throws `ForbiddenError`, and `UnavailableError`
 * where Identity Center cannot be asked.
 */
export async function confirmAdmin(platform: Platform, readPersonNow: ReadPersonNow, userId: string): Promise<void> {
  const person = await readPersonNow(platform, userId);
  const { admin } = await personaGroups(platform, platform.db.prisma);
  if (person?.user.enabled && person.groupIds.some((id) => admin.includes(id))) return;
  // From the next page on they are not offered what was just refused.
  if (person !== null) await platform.db.tx((tx) => rememberPerson(tx, person));
  throw new ForbiddenError(
    'not-admin-any-more',
    'Identity Center says that you are no administrator of Latchkey any more, so nothing was changed. If you should be one, ask an administrator to add you to their group there.',
  );
}
