import { Prisma, type Tx } from '../platform/db.ts';
import type { CopyTable } from './copy-tables.ts';

/** What a copy changed in the tables. */
export interface Changes {
  added: number;
  changed: number;
  removed: number;
}

/** So many rows are sent to the database at once: 50,000 in one piece would be held in memory several times over. */
const BATCH = 500;

/**
 * The table becomes what was read: what is new is inserted, what differs updated, what vanished deleted, and nothing
 * else written. With `tell`, what administrators want to know of it goes into the list of changes. What was read
 * twice counts once.
 */
export async function replaceRows(tx: Tx, table: CopyTable, rows: readonly object[], tell: boolean): Promise<Changes> {
  const total: Changes = { added: 0, changed: 0, removed: 0 };
  for (let from = 0; from < rows.length; from += BATCH) {
    const { added, changed } = await writeBatch(tx, table, rows.slice(from, from + BATCH), tell);
    total.added += added;
    total.changed += changed;
  }
  total.removed = await removeOthers(tx, table, rows, tell);
  return total;
}

async function writeBatch(
  tx: Tx,
  table: CopyTable,
  rows: readonly object[],
  tell: boolean,
): Promise<Pick<Changes, 'added' | 'changed'>> {
  const { name, columns, key } = table;
  const all = Object.keys(columns);
  const rest = all.filter((column) => !key.includes(column));
  const list = (names: string[], of: string) => names.map((column) => `${of}.${column}`).join(', ');
  const onKey = (one: string, other: string) =>
    key.map((column) => `${one}.${column} = ${other}.${column}`).join(' and ');
  const shape = Object.entries(columns).map(([, [type, field]]) => `"${field}" ${type}`);
  const selected = Object.entries(columns).map(([column, [, field]]) => `r."${field}" as ${column}`);
  const changed =
    rest.length === 0
      ? 'select 1 where false'
      : `update ${name} was set ${rest.map((column) => `${column} = now.${column}`).join(', ')} from now
         where ${onKey('was', 'now')} and (${list(rest, 'was')}) is distinct from (${list(rest, 'now')}) returning 1`;
  // The names come from the tables, never from outside; the rows are the statement's one parameter.
  const [counts] = await tx.$queryRaw<Pick<Changes, 'added' | 'changed'>[]>`
    ${Prisma.raw(`with now as materialized (
      select distinct on (${key.map((column) => `"${columns[column]?.[1]}"`).join(', ')}) ${selected.join(', ')}
      from jsonb_to_recordset(`)}${JSON.stringify(rows)}${Prisma.raw(`::jsonb) as r(${shape.join(', ')})
    ), added as (
      insert into ${name} (${all.join(', ')}) select ${list(all, 'now')} from now
      where not exists (select from ${name} was where ${onKey('was', 'now')}) on conflict do nothing returning 1
    ), changed as (${changed})${tell ? toldChanges(table, onKey('was', 'now')) : ''}
    select (select count(*)::int from added) as added, (select count(*)::int from changed) as changed`)}`;
  if (!counts) throw new Error(`copying ${name} gave no counts`);
  return counts;
}

/** Every part of one statement sees the rows as they were before it, so that old and new values can be compared. */
function toldChanges({ name, key, told }: CopyTable, onKey: string): string {
  if (told === undefined) return '';
  const { kind, nameColumn, tracked } = told;
  const changes = tracked.map(
    ({ what, when, from, to }) => `select '${kind}', now.${key[0]}, now.${nameColumn}, '${what}', ${from}, ${to}
      from now join ${name} was on ${onKey} where ${when}`,
  );
  return `, told as (
      insert into directory_changes (kind, thing_id, name, what, old_value, new_value)
      select '${kind}', now.${key[0]}, now.${nameColumn}, 'appeared', null::text, null::text from now
      where not exists (select from ${name} was where ${onKey})
      union all ${changes.join(' union all ')}
    )`;
}

async function removeOthers(
  tx: Tx,
  { name, columns, key, told }: CopyTable,
  rows: readonly object[],
  tell: boolean,
): Promise<number> {
  const kept = key.map((column) => {
    const field = columns[column]?.[1] ?? column;
    return Prisma.sql`${rows.map((row) => String((row as Record<string, unknown>)[field]))}::text[]`;
  });
  const onKey = key.map((column) => `kept.${column} = was.${column}`).join(' and ');
  const logged =
    tell && told
      ? `, told as (insert into directory_changes (kind, thing_id, name, what)
           select '${told.kind}', ${key[0]}, name, 'vanished' from removed)`
      : '';
  const [counts] = await tx.$queryRaw<{ removed: number }[]>`
    with kept as materialized (select * from unnest(${Prisma.join(kept)}) ${Prisma.raw(`as kept(${key.join(', ')})
    ), removed as (
      delete from ${name} was where not exists (select from kept where ${onKey})
      returning ${key.map((column) => `was.${column}`).join(', ')}, ${told ? `was.${told.nameColumn}` : "''"} as name
    )${logged}
    select count(*)::int as removed from removed`)}`;
  return counts?.removed ?? 0;
}
