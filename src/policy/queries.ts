import type { Tx } from '../platform/db.ts';

/** How many accounts lie directly in each OU, and how many in its whole subtree, by OU ID. */
export async function countAccountsByUnit(tx: Tx): Promise<Map<string, { direct: number; nested: number }>> {
  const rows = await tx.$queryRaw<{ id: string; direct: number; nested: number }[]>`
    select unit as id, count(*)::int as nested, (count(*) filter (where unit = parent_id))::int as direct
    from accounts, unnest(ancestor_ids) as unit
    group by unit`;
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}
