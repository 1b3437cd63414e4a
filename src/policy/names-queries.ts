import type { Tx } from '../platform/db.ts';

/** Those of the names that several groups, or several people, of the copy bear. */
export async function namesOfSeveral(
  tx: Tx,
  names: { groups: string[]; people: string[] },
): Promise<{ groups: Set<string>; people: Set<string> }> {
  const rows = await tx.$queryRaw<{ kind: string; name: string }[]>`
    select 'group' as kind, display_name as name from groups
      where display_name = any(${names.groups}) group by display_name having count(*) > 1
    union all
    select 'person', display_name from users
      where display_name = any(${names.people}) group by display_name having count(*) > 1`;
  const of = (kind: string) => new Set(rows.filter((row) => row.kind === kind).map((row) => row.name));
  return { groups: of('group'), people: of('person') };
}

/** What things that vanished were called last, by their ID, as far as a copy saw them vanish. */
export async function lastNames(tx: Tx, ids: string[]): Promise<Map<string, string>> {
  const rows = await tx.$queryRaw<{ id: string; name: string }[]>`
    select distinct on (thing_id) thing_id as id, name from directory_changes
    where thing_id = any(${ids}) and what = 'vanished' order by thing_id, id desc`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}
