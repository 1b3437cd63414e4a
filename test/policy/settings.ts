import type { Db } from '../../src/platform/db.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/settings/index.ts';

/** Stores the settings as they come, with these changed: what a test needs of them, whatever the page allows. */
export async function changeSetting({ prisma }: Db, changes: Partial<Settings>): Promise<void> {
  const value = { ...DEFAULT_SETTINGS, ...changes };
  const by = { updatedById: 'u-admin', updatedByName: 'Ada Admin', updatedAt: new Date() };
  await prisma.settings.upsert({
    where: { id: true },
    create: { value, version: 1, ...by },
    update: { value, version: { increment: 1 }, ...by },
  });
}
