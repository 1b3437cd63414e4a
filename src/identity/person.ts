import { findMember } from '../directory/index.ts';
import type { Platform } from '../platform/index.ts';
import { personaGroups } from './persona-groups.ts';
import type { Person, Persona } from './types.ts';

/** Whether someone may approve anything at all: policies know, and are plugged in so that identity does not import them. */
export type IsApprover = (subject: { userId: string; groupIds: string[] }) => Promise<boolean>;

/** The person of a session, from the synced copy; null where the user is gone from it or disabled in it. */
export async function findPerson(platform: Platform, isApprover: IsApprover, userId: string): Promise<Person | null> {
  const { prisma } = platform.db;
  const [user, groups] = await Promise.all([findMember(prisma, userId), personaGroups(platform, prisma)]);
  if (!user?.enabled) return null;
  const { groupIds } = user;
  const isIn = (ids: string[]) => ids.some((id) => groupIds.includes(id));
  const personas = new Set<Persona>(['requester']);
  if (isIn(groups.admin)) personas.add('admin');
  if (isIn(groups.auditor)) personas.add('auditor');
  if (await isApprover({ userId, groupIds })) personas.add('approver');
  return {
    userId,
    userName: user.userName,
    displayName: user.displayName,
    email: user.email,
    groupIds,
    personas,
  };
}
