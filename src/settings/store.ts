import type { Prisma, Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import { DEFAULT_SETTINGS, Settings } from './schema.ts';

export interface StoredSettings {
  settings: Settings;
  /** 0 where nobody changed anything yet, and so the defaults hold. */
  version: number;
  updatedAt: Date | null;
  updatedByName: string | null;
}

/** The settings that hold now: one row, read by its key, so that a change holds on every replica at once. */
export async function readSettings(tx: Tx): Promise<StoredSettings> {
  // Not `findUnique`: Prisma joins several of those into one `in`, which a boolean key does not take.
  const row = await tx.settings.findFirst();
  if (row === null) return { settings: DEFAULT_SETTINGS, version: 0, updatedAt: null, updatedByName: null };
  const { version, updatedAt, updatedByName } = row;
  return { settings: parseStored(row.value), version, updatedAt, updatedByName };
}

/** The settings and the person's own time zone (null: none chosen), in one statement: what every page needs. */
export async function readSettingsAndZone(
  tx: Tx,
  userId: string | null,
): Promise<{ settings: Settings; timeZone: string | null }> {
  const [row] = await tx.$queryRaw<{ value: unknown; timeZone: string | null }[]>`
    select (select value from settings) as value,
      (select time_zone from preferences where user_id = ${userId}) as "timeZone"`;
  return { settings: settingsFrom(row?.value ?? null), timeZone: row?.timeZone ?? null };
}

/** The settings from the row's value; null: nobody changed anything yet, and so the defaults hold. */
export function settingsFrom(value: unknown): Settings {
  return value === null ? DEFAULT_SETTINGS : parseStored(value);
}

/** Takes the row's lock until the transaction ends, and reads it. Before the first change there is no row to lock. */
export async function lockSettings(tx: Tx): Promise<StoredSettings> {
  await tx.$queryRaw`select 1 from settings where id for update`;
  return readSettings(tx);
}

/** Writes the settings as the version after `version`; false where another change came first. */
export async function writeSettings(
  tx: Tx,
  settings: Settings,
  version: number,
  by: { id: string; name: string; at: Date },
): Promise<boolean> {
  const value: Prisma.InputJsonObject = { ...settings };
  const data = { value, version: version + 1, updatedAt: by.at, updatedById: by.id, updatedByName: by.name };
  const { count } =
    version === 0
      ? await tx.settings.createMany({ data: [data], skipDuplicates: true })
      : await tx.settings.updateMany({ where: { version }, data });
  return count === 1;
}

function parseStored(value: unknown): Settings {
  try {
    return Settings.parse(value);
  } catch (error) {
    // Whatever a hand at the database broke must not open anything: no default stands in for it.
    throw new Error(`The stored settings cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
