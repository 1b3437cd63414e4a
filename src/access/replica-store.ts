import type { Tx } from '../platform/db.ts';
import { LONGEST_SILENCE } from './store.ts';

/** A process of the portal. */
export interface Replica {
  id: string;
  host: string;
  /** What it does: 'all', 'web' or 'worker'. */
  role: string;
  startedAt: Date;
  seenAt: Date;
  /** It was seen within 30 seconds; three beats. */
  alive: boolean;
}

/** A time in which no process was there, and how much should have been taken away by its end and was not yet. */
export interface Silence {
  from: Date;
  to: Date;
  due: number;
}

/**
 * Says that the process is there, in one statement. False: nobody has said so for so long that it has to be declared
 * first. Rows of processes that nobody has seen for a day go.
 */
export async function beat(tx: Tx, { id, host, role }: Pick<Replica, 'id' | 'host' | 'role'>): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    with mine as (
      insert into replicas (id, host, role) values (${id}::uuid, ${host}, ${role})
      on conflict (id) do update set seen_at = app_now()
    ), forgotten as (
      delete from replicas where seen_at < app_now() - interval '1 day' and id <> ${id}::uuid
    )
    update access_state set beat_at = greatest(beat_at, app_now())
    where beat_at >= app_now() - ${LONGEST_SILENCE}::interval
    returning id`;
  return rows.length > 0;
}

/**
 * Ends a long silence: draws the line before which no look is believed when access is to be given, and wakes what
 * waits for that. Null where somebody else has ended it meanwhile.
 */
export async function endSilence(tx: Tx): Promise<Silence | null> {
  const [before] = await tx.$queryRaw<{ from: Date }[]>`select beat_at as "from" from access_state for update`;
  const [ended] = await tx.$queryRaw<{ to: Date }[]>`
    update access_state set beat_at = app_now(), looks_trusted_from = app_now()
    where beat_at < app_now() - ${LONGEST_SILENCE}::interval
    returning beat_at as "to"`;
  if (!before || !ended) return null;
  const [late] = await tx.$queryRaw<{ due: number }[]>`
    select count(*)::int as due from grants
    where status = 'ending' or (status = 'active' and closes_at <= app_now())`;
  return { from: before.from, to: ended.to, due: late?.due ?? 0 };
}

/** What waits for access to be given is looked after at once; in one order, as everyone locks them. */
export async function wakeGiving(tx: Tx): Promise<number> {
  return tx.$executeRaw`
    update assignments set next_at = least(next_at, app_now()) where id in (
      select a.id from assignments a
      where exists (select from grants g where g.assignment_id = a.id and g.status = 'activating')
      order by a.id for update
    )`;
}

export async function removeReplica(tx: Tx, id: string): Promise<void> {
  await tx.$executeRaw`delete from replicas where id = ${id}::uuid`;
}

/** The processes that were there within a day, those that are alive first. */
export async function listReplicas(tx: Tx): Promise<Replica[]> {
  return tx.$queryRaw<Replica[]>`
    select id, host, role, started_at as "startedAt", seen_at as "seenAt",
      seen_at > app_now() - interval '30 seconds' as alive
    from replicas order by alive desc, started_at, id`;
}
