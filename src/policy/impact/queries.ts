import { Prisma, type Tx } from '../../platform/db.ts';
import { splitRef } from '../approval.ts';
import type { PrincipalRef, Subject } from '../types.ts';
import type { Deciders } from './approvable.ts';
import type { OpenRequest } from './requests.ts';

/** Members that the copy does not have yet, by group ID. */
export type Newcomers = ReadonlyMap<string, readonly string[]>;

/** The enabled people who are one of these principals, by name, each with those of the given groups that they are in. */
export async function readAudience(
  tx: Tx,
  principals: readonly PrincipalRef[],
  groupIds: readonly string[],
  newcomers: Newcomers,
): Promise<Subject[]> {
  const all = principals.map(splitRef);
  const ids = (wanted: string) => all.filter(([kind]) => kind === wanted).map(([, id]) => id);
  return tx.$queryRaw<Subject[]>`
    with ${known(newcomers)},
      audience as (
        select unnest(${ids('USER')}::text[]) as id
        union select user_id from known where group_id = any(${ids('GROUP')}))
    select u.id as "userId", coalesce(array_agg(k.group_id) filter (where k.group_id is not null), '{}') as "groupIds"
    from users u join audience using (id)
      left join known k on k.user_id = u.id and k.group_id = any(${groupIds})
    where u.enabled
    group by u.id
    order by u.search collate "C", u.id collate "C"`;
}

/** Who could decide of these principals. `enough`: so many people of a group are told, whatever more there are. */
export async function readDeciders(
  tx: Tx,
  approvers: readonly PrincipalRef[],
  enough: number,
  newcomers: Newcomers,
): Promise<Deciders> {
  const all = approvers.map(splitRef);
  const ids = (wanted: string) => all.filter(([kind]) => kind === wanted).map(([, id]) => id);
  const groups = await tx.$queryRaw<{ id: string; members: string[] }[]>`
    with ${known(newcomers)}
    select g.id, array(
      select u.id from known k join users u on u.id = k.user_id
      where k.group_id = g.id and u.enabled limit ${enough}) as members
    from unnest(${ids('GROUP')}::text[]) as g (id)`;
  const people = await tx.$queryRaw<{ id: string }[]>`
    select id from users where id = any(${ids('USER')}) and enabled`;
  const members = new Map(groups.map((group) => [group.id, group.members]));
  return { members, enabled: new Set([...[...members.values()].flat(), ...people.map(({ id }) => id)]) };
}

/** Those of the groups of which the copy knows no member. */
export async function withoutCopy(tx: Tx, groupIds: readonly string[]): Promise<string[]> {
  if (groupIds.length === 0) return [];
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select g.id from unnest(${groupIds}::text[]) as g (id)
    where not exists (select from memberships m where m.group_id = g.id)`;
  return rows.map(({ id }) => id);
}

/** Every request that waits for a decision or, approved, for its time; the oldest first. */
export async function readOpenRequests(tx: Tx, newcomers: Newcomers): Promise<OpenRequest[]> {
  return tx.$queryRaw<OpenRequest[]>`
    with ${known(newcomers)}
    select r.id, r.number::int as number, r.status = 'pending' as pending, r.requester_id as "requesterId",
      r.requester_name as "requesterName", r.account_id as "accountId", r.account_name as "accountName",
      r.permission_set_arn as "permissionSetArn", r.permission_set_name as "permissionSetName",
      -- More time is judged for the whole, from the activation on.
      coalesce(g.duration_minutes, r.duration_minutes + coalesce((select ceil(extract(epoch from e.closes_at - e.activated_at) / 60)::int
        from grants e where e.id = r.extends_grant_id), 0)) as "durationMinutes", r.ticket <> '' as "ticketGiven",
      coalesce(g.basis = 'self_serve', false) as "selfServed",
      coalesce(g.opens_at, r.starts_at) as "startsAt", r.expires_at as "expiresAt",
      case when r.status = 'pending' then coalesce(r.submitted_steps, r.steps) else '[]' end as steps,
      array(select step from decisions d where d.request_id = r.id and d.verdict = 'approve') as approvals,
      array(select group_id from known where user_id = r.requester_id) as "groupIds"
    from requests r left join grants g on g.request_id = r.id and g.status = 'scheduled'
    where r.status = 'pending' or (r.status = 'approved' and g.id is not null)
    order by r.number`;
}

/** The memberships of the copy, and those that it does not have yet. */
function known(newcomers: Newcomers): Prisma.Sql {
  const pairs = [...newcomers].flatMap(([groupId, userIds]) => userIds.map((userId) => [groupId, userId] as const));
  if (pairs.length === 0) return Prisma.sql`known as not materialized (select group_id, user_id from memberships)`;
  return Prisma.sql`known as not materialized (
    select group_id, user_id from memberships
    union select * from unnest(${pairs.map(([groupId]) => groupId)}::text[], ${pairs.map(([, userId]) => userId)}::text[]))`;
}
