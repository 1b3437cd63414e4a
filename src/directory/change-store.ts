import type { Tx } from '../platform/db.ts';

export const CHANGE_KINDS = ['account', 'organizational_unit', 'permission_set', 'user', 'group'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
export type ChangeWhat =
  | 'appeared'
  | 'vanished'
  | 'renamed'
  | 'moved'
  | 'state'
  | 'enabled'
  | 'disabled'
  | 'management';

/** One thing that was found to have changed at AWS. */
export interface Change {
  id: bigint;
  at: Date;
  kind: ChangeKind;
  thingId: string;
  name: string;
  what: ChangeWhat;
  oldValue: string | null;
  newValue: string | null;
}

/** The changes of the last 90 days, the newest first: those before the change `beforeId`, and how many there are in all. */
export async function listChanges(
  tx: Tx,
  { kind, beforeId, limit }: { kind?: ChangeKind | undefined; beforeId?: bigint | undefined; limit: number },
): Promise<{ changes: Change[]; total: number }> {
  const where = kind === undefined ? {} : { kind };
  const rows = await tx.directoryChange.findMany({
    where: { ...where, ...(beforeId === undefined ? {} : { id: { lt: beforeId } }) },
    orderBy: { id: 'desc' },
    take: limit,
  });
  // What stands in these columns is checked by the table.
  return { changes: rows as Change[], total: await tx.directoryChange.count({ where }) };
}

/** Forgets what nobody asks about any more: changes older than 90 days, and all but the last 10,000. */
export async function forgetOldChanges(tx: Tx): Promise<void> {
  await tx.$executeRaw`
    delete from directory_changes where at < app_now() - interval '90 days'
      or id <= (select id from directory_changes order by id desc offset 10000 limit 1)`;
}

/** Notes a change that was seen between two copies. */
export async function noteChange(tx: Tx, change: Pick<Change, 'kind' | 'thingId' | 'name' | 'what'>): Promise<void> {
  await tx.directoryChange.create({ data: change });
}
