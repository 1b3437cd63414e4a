import type { Tx } from '../platform/db.ts';
import { noteChange } from './change-store.ts';
import type { User } from './types.ts';

/** One user as just read; null means that they are gone. For the watch, which sees single users between two copies. */
export async function storeUser(tx: Tx, id: string, user: User | null): Promise<void> {
  const known = await tx.user.findUnique({ where: { id }, select: { displayName: true, enabled: true } });
  if (known === null) return;
  const change = { kind: 'user', thingId: id, name: known.displayName } as const;
  if (user === null) {
    await tx.user.deleteMany({ where: { id } });
    await noteChange(tx, { ...change, what: 'vanished' });
  } else if (user.enabled !== known.enabled) {
    await tx.user.updateMany({ where: { id }, data: { enabled: user.enabled } });
    await noteChange(tx, { ...change, what: user.enabled ? 'enabled' : 'disabled' });
  }
}
