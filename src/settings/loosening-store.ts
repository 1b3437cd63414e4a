import { type Actor, record } from '../audit/index.ts';
import type { Prisma, Tx } from '../platform/db.ts';
import { HELD, type HeldSetting } from './loosening.ts';
import type { Settings } from './schema.ts';

/** An admin's wish to loosen something, which waits for another admin. */
export interface Loosening {
  id: string;
  setting: HeldSetting;
  /** What the setting was when this was asked; once it is something else, the wish is closed. */
  oldValue: Prisma.JsonValue;
  newValue: Prisma.JsonValue;
  askedAt: Date;
  askedById: string;
  askedByName: string;
}

export interface StoredLoosening extends Loosening {
  /** Null while it waits. */
  outcome: string | null;
  closedByName: string | null;
}

/** What waits for another admin, the oldest first. */
export async function openLoosenings(tx: Tx): Promise<Loosening[]> {
  const rows = await tx.loosening.findMany({ where: { outcome: null }, orderBy: { askedAt: 'asc' } });
  return rows.map((row) => ({ ...row, setting: settingOf(row.setting) }));
}

/** Null where there is none. Whoever is to close it locks the settings first: their row stands for it too. */
export async function findLoosening(tx: Tx, id: string): Promise<StoredLoosening | null> {
  const row = await tx.loosening.findFirst({ where: { id } });
  return row && { ...row, setting: settingOf(row.setting) };
}

/** Writes the wish down; null where one for the same setting waits already. */
export async function insertLoosening(
  tx: Tx,
  wish: { setting: HeldSetting; before: Settings; wanted: Settings },
  actor: Actor,
  at: Date,
): Promise<string | null> {
  const { setting, before, wanted } = wish;
  const values = { oldValue: before[setting], newValue: wanted[setting] };
  const data = { setting, ...values, askedAt: at, askedById: actor.id, askedByName: actor.name };
  const [row] = await tx.loosening.createManyAndReturn({ data: [data], skipDuplicates: true });
  return row?.id ?? null;
}

export async function closeLoosening(
  tx: Tx,
  id: string,
  outcome: 'confirmed' | 'withdrawn',
  actor: Actor,
  at: Date,
): Promise<void> {
  await tx.loosening.update({
    where: { id },
    data: { outcome, closedAt: at, closedById: actor.id, closedByName: actor.name },
  });
}

/** The audit event of a wish that was taken back. */
export async function recordWithdrawal(
  tx: Tx,
  { id, setting, newValue, askedByName }: Pick<Loosening, 'id' | 'setting' | 'newValue' | 'askedByName'>,
  actor: Actor,
): Promise<void> {
  await record(tx, {
    kind: 'settings.loosening-withdrawn',
    actor,
    subject: { kind: 'settings', id: 'settings' },
    after: { setting, newValue, looseningId: id, askedByName },
  });
}

function settingOf(stored: string): HeldSetting {
  const found = HELD.find((each) => each === stored);
  if (found === undefined) throw new Error(`a wish to loosen ${stored}, which one admin can change`);
  return found;
}
