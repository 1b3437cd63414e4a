import { Prisma, type Tx } from '../platform/db.ts';
import type { SettingName } from './words.ts';

/** An event about the settings, as the audit log has it. */
export interface SettingsEvent {
  id: number;
  at: Date;
  kind: string;
  actorName: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

const OF_SETTINGS = Prisma.sql`subject_kind = 'settings' and subject_id = 'settings'`;

/** The events, newest first: `limit` of those before the event `before`, about one setting or all (null). */
export async function settingsEvents(
  tx: Tx,
  wanted: { setting: string | null; before: number | null; limit: number },
): Promise<SettingsEvent[]> {
  const { setting, before, limit } = wanted;
  const about =
    setting === null
      ? Prisma.empty
      : Prisma.sql`and (jsonb_exists(coalesce(before, '{}'), ${setting}) or after ->> 'setting' = ${setting})`;
  const earlier = before === null ? Prisma.empty : Prisma.sql`and id < ${before}`;
  return tx.$queryRaw<SettingsEvent[]>`
    select id::int, at, kind, actor_name as "actorName", before, after from audit_events
    where ${OF_SETTINGS} ${about} ${earlier} order by id desc limit ${limit}`;
}

/** The changes after version `version` of the settings, newest first. */
export async function changesSince(tx: Tx, version: number): Promise<SettingsEvent[]> {
  return tx.$queryRaw<SettingsEvent[]>`
    select id::int, at, kind, actor_name as "actorName", before, after from audit_events
    where ${OF_SETTINGS} and kind = 'settings.changed' and (after ->> 'version')::int > ${version} order by id desc`;
}

/** Who changed each setting last, and when; one that was never changed is not there. */
export async function lastChanges(tx: Tx): Promise<Partial<Record<SettingName, { by: string; at: Date }>>> {
  const rows = await tx.$queryRaw<{ setting: string; by: string; at: Date }[]>`
    select distinct on (setting) setting, actor_name as by, at
    from audit_events, jsonb_object_keys(before) as setting
    where ${OF_SETTINGS} and kind = 'settings.changed' order by setting, id desc`;
  return Object.fromEntries(rows.map(({ setting, by, at }) => [setting, { by, at }]));
}
