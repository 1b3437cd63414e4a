import type pg from 'pg';
import type { Table } from './tables.ts';

/** What is no table of the portal's own: the bookkeeping of migrations, and the clock that tests move. */
const NOT_OURS = ['migrations', 'test_clock'];

/** The tables of a migrated database. Partial indexes and those on expressions are left out: Prisma has no word for them. */
export async function tablesOfDatabase(connection: pg.Pool | pg.PoolClient): Promise<Table[]> {
  const columns = await connection.query<{
    table: string;
    column: string;
    type: string;
    nullable: boolean;
    filled: boolean;
  }>(COLUMNS);
  const keys = await connection.query<{ table: string; name: string; is_primary: boolean; columns: string[] }>(KEYS);
  const references = await connection.query<{ table: string; to: string; own: string[]; other: string[] }>(REFERENCES);
  const names = [...new Set(columns.rows.map((row) => row.table))].filter((name) => !NOT_OURS.includes(name));
  return names.map((name) => {
    const ofTable = <T extends { table: string }>({ rows }: { rows: T[] }) => rows.filter((row) => row.table === name);
    return {
      name,
      columns: new Map(
        ofTable(columns).map(({ column, type, nullable, filled }) => [column, { type, nullable, filled }]),
      ),
      primaryKey: ofTable(keys)
        .filter((key) => key.is_primary)
        .map((key) => key.columns.join(', '))
        .join('; '),
      uniques: ofTable(keys)
        .filter((key) => !key.is_primary)
        .map((key) => `${key.name}(${key.columns.join(', ')})`)
        .sort(),
      references: ofTable(references).map(({ to, own, other }) => `(${own.join(', ')}) -> ${to}(${other.join(', ')})`),
    };
  });
}

const COLUMNS = `
  select table_name as table, column_name as column, is_nullable = 'YES' as nullable,
    udt_name || case when data_type like 'timestamp%' then '(' || datetime_precision || ')' else '' end as type,
    column_default is not null or is_identity = 'YES' or is_generated = 'ALWAYS' as filled
  from information_schema.columns join information_schema.tables using (table_schema, table_name)
  where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name, ordinal_position`;

const KEYS = `
  select t.relname as table, i.relname as name, x.indisprimary as is_primary,
    array(select a.attname::text from unnest(x.indkey) with ordinality k(attnum, place)
      join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.attnum order by k.place) as columns
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
  where t.relnamespace = 'public'::regnamespace and x.indisunique and x.indpred is null and x.indexprs is null`;

const REFERENCES = `
  select c.conrelid::regclass::text as table, c.confrelid::regclass::text as to,
    array(select a.attname::text from unnest(c.conkey) with ordinality k(attnum, place)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum order by k.place) as own,
    array(select a.attname::text from unnest(c.confkey) with ordinality k(attnum, place)
      join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.attnum order by k.place) as other
  from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace`;
