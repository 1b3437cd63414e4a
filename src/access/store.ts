import { Prisma, type Tx } from '../platform/db.ts';
import { DOUBTFUL } from './operations-sql.ts';
import type { TupleKey } from './provisioner.ts';
import { camelCased, type Json } from './store-rows.ts';
import type { OpenGrant, Operation, Tuple } from './tuple.ts';
import { WAYS } from './ways.ts';

/** Seconds for which the holder of a lease is left alone. Longer than any single action of it. */
const LEASE_SECONDS = 60;
/** Postgres interval. After a longer silence of all processes, access is given on fresh looks only. */
export const LONGEST_SILENCE = '10 minutes';

export interface Lease {
  holder: string;
  fence: bigint;
}

/** The database's time, and the same moment on the real clock, which the queue's alarms run on. */
export interface Now {
  now: Date;
  real: Date;
}

export interface Held extends Now {
  lease: Lease;
  tuple: Tuple;
  key: TupleKey;
  giving: Giving;
}

/** What holds for all giving of access, as `access_state` has it. */
interface Giving {
  /** No administrator stopped it, and no restored backup waits to be looked at. */
  mayGive: boolean;
  /** After a silence of all processes: what was seen before then is not believed when access is to be given. */
  looksTrustedFrom: Date | null;
  /** Nobody has said for so long that a process is there that nothing is given until one does. */
  silent: boolean;
  /** Creates and deletes of other assignments that AWS is working on for us in the account. */
  writesInAccount: number;
}

/** Of the one row of `access_state`. */
const MAY_GIVE = Prisma.sql`giving_stopped_at is null and (restored_at is null or restore_reviewed_at is not null)`;

/** What is not over; and what was revoked before it opened, of which nobody was told yet. */
const CONCERNED = Prisma.sql`(g.status in ('scheduled', 'activating', 'active', 'ending')
  or (g.status = 'revoked' and g.announced in ('', 'scheduled') and g.activated_at is null))`;

/** The operation `o` may take effect yet, or is asked after: however many came after it, it is not lost sight of. */
const IN_DOUBT = Prisma.sql`(o.outcome in ('intended', 'in_progress')
  or (o.outcome = 'unknown' and o.aws_request_id is not null and o.reason is distinct from ${WAYS.lost.words})
  or (${DOUBTFUL}
    and (o.kind = 'create' or o.effective_until > app_now() - interval '1 minute')))`;

/** Takes the lease, or renews the one that is given. Null: somebody else holds it. */
export async function hold(tx: Tx, id: string, holder: string, lease: Lease | null): Promise<Held | null> {
  const until = Prisma.sql`app_now() + make_interval(secs => ${LEASE_SECONDS})`;
  const rows = await (lease === null
    ? tx.$queryRaw<(Now & { fence: bigint })[]>`
        update assignments set lease_holder = ${holder}, lease_until = ${until}, fence = fence + 1
        where id = ${id}::uuid and (lease_until is null or lease_until <= app_now())
        returning fence, app_now() as now, clock_timestamp() as real`
    : tx.$queryRaw<(Now & { fence: bigint })[]>`
        update assignments set lease_until = ${until}
        where id = ${id}::uuid and fence = ${lease.fence} and lease_holder = ${holder}
        returning fence, app_now() as now, clock_timestamp() as real`);
  const [row] = rows;
  if (!row) return null;
  const { tuple, key, giving } = await load(tx, id);
  return { now: row.now, real: row.real, lease: { holder, fence: row.fence }, tuple, key, giving };
}

/** In one statement, after the lock: what was changed under the lock before is seen. */
async function load(tx: Tx, id: string): Promise<Pick<Held, 'tuple' | 'key' | 'giving'>> {
  const [row] = await tx.$queryRaw<{ assignment: Json; grants: Json[]; operations: Json[]; giving: Json }[]>`
    select to_jsonb(a) as assignment,
      coalesce((
        select jsonb_agg(to_jsonb(g) order by g.opens_at, g.id) from grants g
        where g.assignment_id = a.id and ${CONCERNED}
      ), '[]') as grants,
      -- What was asked before it last became ours is history; what AWS refused had no effect.
      coalesce((
        select jsonb_agg(to_jsonb(o) order by o.intended_at desc) from (
          select o.* from assignment_operations o
          where o.assignment_id = a.id and o.intended_at >= least(a.absent_seen_at, a.adopted_at) and o.outcome <> 'refused'
            and (${IN_DOUBT} or o.id in (
              select newest.id from assignment_operations newest
              where newest.assignment_id = a.id and newest.outcome <> 'refused'
              order by newest.intended_at desc limit 50
            ))
        ) o
      ), '[]') as operations,
      (
        select jsonb_build_object(
          'may_give', ${MAY_GIVE},
          'looks_trusted_from', looks_trusted_from,
          'silent', beat_at < app_now() - ${LONGEST_SILENCE}::interval,
          'writes_in_account', (
            select count(*) from assignment_operations o join assignments other on other.id = o.assignment_id
            where o.outcome in ('intended', 'in_progress') and o.intended_at > (select app_now()) - interval '1 minute'
              and other.target_id = a.target_id and other.id <> a.id
          )
        ) from access_state
      ) as giving
    from assignments a where a.id = ${id}::uuid`;
  if (!row) throw new Error(`There is no assignment ${id}.`);
  const assignment = camelCased<Omit<Tuple, 'grants' | 'operations'> & TupleKey>(row.assignment);
  const { instanceArn, principalType, principalId, targetId, permissionSetArn } = assignment;
  return {
    tuple: {
      ...assignment,
      grants: row.grants.map((each) => camelCased<OpenGrant>(each)),
      operations: row.operations.map((each) => camelCased<Operation>(each)),
    },
    key: { instanceArn, principalType, principalId, targetId, permissionSetArn },
    giving: camelCased<Giving>(row.giving),
  };
}

/** Writes what a turn changed: the assignment, its operations and its grants. */
export async function save(tx: Tx, before: Tuple, after: Tuple, fence: bigint): Promise<void> {
  const assignment = differences(before, after, ASSIGNMENT_FIELDS);
  if (assignment) await tx.assignment.update({ where: { id: after.id }, data: assignment });
  for (const operation of after.operations) {
    const old = before.operations.find(({ id }) => id === operation.id);
    if (!old) {
      const absentSeenAt = operation.kind === 'create' ? after.absentSeenAt : null;
      await tx.assignmentOperation.create({ data: { ...operation, assignmentId: after.id, fence, absentSeenAt } });
    } else if (old !== operation) {
      const { id, ...data } = operation;
      await tx.assignmentOperation.update({ where: { id }, data });
    }
  }
  for (const [old, grant] of changedGrants(before, after)) {
    const data = differences(old, grant, GRANT_FIELDS);
    if (data) await tx.grant.update({ where: { id: grant.id }, data: { ...data, version: { increment: 1 } } });
  }
}

/** The grants that a turn changed, each as it was and as it is. */
export function changedGrants(before: Tuple, after: Tuple): [OpenGrant, OpenGrant][] {
  return after.grants.flatMap((grant) => {
    const old = before.grants.find(({ id }) => id === grant.id);
    return old && old !== grant ? [[old, grant] as [OpenGrant, OpenGrant]] : [];
  });
}

const ASSIGNMENT_FIELDS = [
  'ownership',
  'observed',
  'observedAt',
  'absentSince',
  'presentAt',
  'absentSeenAt',
  'mustBeGoneBy',
  'nextAt',
  'failures',
  'lastError',
  'giveAfter',
  'takeAfter',
  'cannotRevokeSince',
  'cannotRevokeReason',
  'adoptedAt',
  'goneSince',
  'rereadFrom',
] as const satisfies (keyof Tuple)[];

const GRANT_FIELDS = [
  'status',
  'closesAt',
  'activatedAt',
  'endDueAt',
  'endCause',
  'endComment',
  'endedAt',
  'failure',
  'continuedBy',
  'preexisting',
  'gone',
  'removedOutsideAt',
  'rightsCheckedAt',
  'announced',
  'endingSoonToldAt',
] as const satisfies (keyof OpenGrant)[];

function differences<T, K extends keyof T>(before: T, after: T, fields: readonly K[]): Pick<T, K> | null {
  const changed = fields.filter((field) => !same(before[field], after[field]));
  if (changed.length === 0) return null;
  return Object.fromEntries(changed.map((field) => [field, after[field]])) as Pick<T, K>;
}

function same(one: unknown, other: unknown): boolean {
  return one instanceof Date && other instanceof Date ? one.getTime() === other.getTime() : one === other;
}

/** Gives the lease back. */
export async function release(tx: Tx, id: string, { fence }: Lease): Promise<void> {
  await tx.$executeRaw`
    update assignments set lease_holder = null, lease_until = null where id = ${id}::uuid and fence = ${fence}`;
}

/**
 * What AWS is working on for us: creates in the whole organization, and writes of other assignments in the account.
 * One of which nothing was heard for a minute is not counted. Whoever counts counts alone until their transaction
 * ends, so that a burst does not run past the limit.
 */
export async function outstandingWrites(
  tx: Tx,
  { id, accountId }: { id: string; accountId: string },
): Promise<{ outstandingCreates: number; writesInAccount: number; mayGive: boolean }> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('access.outstanding-creates'))`;
  const [row] = await tx.$queryRaw<{ outstandingCreates: number; writesInAccount: number; mayGive: boolean }[]>`
    select count(*) filter (where o.kind = 'create')::int as "outstandingCreates",
      count(*) filter (where a.target_id = ${accountId} and a.id <> ${id}::uuid)::int as "writesInAccount",
      -- Read again under the lock, which whoever stops giving takes too: no create is intended after the stop.
      (select ${MAY_GIVE} from access_state) as "mayGive"
    from assignment_operations o join assignments a on a.id = o.assignment_id
    where o.outcome in ('intended', 'in_progress') and o.intended_at > app_now() - interval '1 minute'`;
  return row ?? { outstandingCreates: 0, writesInAccount: 0, mayGive: false };
}

/** Locks the assignment, so that nothing about its grants changes meanwhile, and reads the time. */
export async function lockAssignment(tx: Tx, id: string): Promise<Now & { ownership: string; nextAt: Date | null }> {
  const [row] = await tx.$queryRaw<{ ownership: string; nextAt: Date | null }[]>`
    select ownership, next_at as "nextAt" from assignments where id = ${id}::uuid for update`;
  if (!row) throw new Error(`There is no assignment ${id}.`);
  // After the lock: waiting for it takes time.
  const [time] = await tx.$queryRaw<Now[]>`select app_now() as now, clock_timestamp() as real`;
  if (!time) throw new Error('app_now() gave no row');
  return { ...row, ...time };
}

/** The assignment is to be looked after at that time, or sooner if something else is due before. */
export async function dueAt(tx: Tx, id: string, at: Date, mustBeGoneBy: Date | null = null): Promise<void> {
  await tx.$executeRaw`
    update assignments set
      next_at = least(next_at, ${at}::timestamptz),
      must_be_gone_by = case when ownership = 'preexisting' then null else greatest(must_be_gone_by, ${mustBeGoneBy}::timestamptz) end
    where id = ${id}::uuid`;
}
