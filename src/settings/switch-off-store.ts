import type { Actor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';

/** What loosens the portal when it is switched off. In the database `switch_offs_setting` lists the same. */
export const SWITCHES = ['secondAdminRequired', 'approvalEnabled'] as const;
export type Switch = (typeof SWITCHES)[number];

/** An admin's wish to switch something off, which waits for another admin. */
export interface SwitchOff {
  id: string;
  setting: Switch;
  askedAt: Date;
  askedById: string;
  askedByName: string;
}

export interface StoredSwitchOff extends SwitchOff {
  /** Null while it waits. */
  outcome: string | null;
  closedByName: string | null;
}

/** What waits for another admin, the oldest first. */
export async function openSwitchOffs(tx: Tx): Promise<SwitchOff[]> {
  const rows = await tx.switchOff.findMany({ where: { outcome: null }, orderBy: { askedAt: 'asc' } });
  return rows.map((row) => ({ ...row, setting: settingOf(row.setting) }));
}

/** Null where there is none. Whoever is to close it locks the settings first: their row stands for it too. */
export async function findSwitchOff(tx: Tx, id: string): Promise<StoredSwitchOff | null> {
  const row = await tx.switchOff.findFirst({ where: { id } });
  return row && { ...row, setting: settingOf(row.setting) };
}

/** Writes the wish down; null where the same waits already. */
export async function insertSwitchOff(tx: Tx, setting: Switch, actor: Actor, at: Date): Promise<string | null> {
  const data = { setting, askedAt: at, askedById: actor.id, askedByName: actor.name };
  const [row] = await tx.switchOff.createManyAndReturn({ data: [data], skipDuplicates: true });
  return row?.id ?? null;
}

export async function closeSwitchOff(
  tx: Tx,
  id: string,
  outcome: 'confirmed' | 'withdrawn',
  actor: Actor,
  at: Date,
): Promise<void> {
  await tx.switchOff.update({
    where: { id },
    data: { outcome, closedAt: at, closedById: actor.id, closedByName: actor.name },
  });
}

function settingOf(stored: string): Switch {
  const found = SWITCHES.find((each) => each === stored);
  if (found === undefined) throw new Error(`a switch-off of ${stored}, which cannot be switched off`);
  return found;
}
