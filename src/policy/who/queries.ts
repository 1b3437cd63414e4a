import type { Tx } from '../../platform/db.ts';

/** Somebody of those whom policies name, with which of the groups they are in. */
export interface Named {
  id: string;
  userName: string;
  displayName: string;
  groupIds: string[];
}

/** The enabled people who are named, by themselves or by a group, by name: one page of them, and how many there are. */
export async function peopleNamed(
  tx: Tx,
  { userIds, groupIds }: { userIds: string[]; groupIds: string[] },
  { from, size }: { from: number; size: number },
): Promise<{ people: Named[]; total: number }> {
  const [found] = await tx.$queryRaw<{ people: Named[]; total: number }[]>`
    with named as (
      select user_id as id from memberships where group_id = any(${groupIds})
      union select unnest(${userIds}::text[])
    ), page as (
      select u.id, u.user_name, u.display_name, u.search from users u join named on named.id = u.id where u.enabled
      order by u.search collate "C", u.id offset ${from} limit ${size}
    )
    select
      (select count(*)::int from users u join named on named.id = u.id where u.enabled) as total,
      (select coalesce(jsonb_agg(jsonb_build_object(
        'id', p.id, 'userName', p.user_name, 'displayName', p.display_name,
        'groupIds', (select coalesce(jsonb_agg(m.group_id order by m.group_id), '[]') from memberships m
          where m.user_id = p.id and m.group_id = any(${groupIds}))) order by p.search collate "C", p.id), '[]')
       from page p) as people`;
  return found ?? { people: [], total: 0 };
}

/** How many enabled people are in each of the groups, by group ID. */
export async function countMembers(tx: Tx, groupIds: string[]): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ id: string; members: number }[]>`
    select m.group_id as id, count(*)::int as members from memberships m join users u on u.id = m.user_id
    where m.group_id = any(${groupIds}) and u.enabled group by m.group_id`;
  return new Map(rows.map(({ id, members }) => [id, members]));
}
