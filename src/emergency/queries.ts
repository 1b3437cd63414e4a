import { Prisma, type Tx } from '../platform/db.ts';
import type { Scope } from './scope.ts';
import type { Emergency } from './store.ts';

/** What there is in a scope, and so what ending everything there ends. */
export interface Extent {
  active: number;
  activating: number;
  scheduled: number;
  /** Being taken away already. */
  ending: number;
  /** Of the active ones: access that stood before Latchkey, which stays. */
  preexisting: number;
  /** The first few by name, and how many there are. */
  people: { names: string[]; count: number };
  accounts: { names: string[]; count: number };
  /** Requests that wait for a decision; they are left waiting. */
  pending: number;
  /** The first few of those. */
  pendingRequests: { id: string; number: number }[];
}

const NAMED = 10;

function within(scope: Pick<Scope, 'kind' | 'id'>, table: 'g' | 'r'): Prisma.Sql {
  if (scope.kind === 'all') return Prisma.sql`true`;
  if (scope.kind === 'account') {
    return table === 'g' ? Prisma.sql`g.account_id = ${scope.id}` : Prisma.sql`r.account_id = ${scope.id}`;
  }
  return table === 'g' ? Prisma.sql`g.user_id = ${scope.id}` : Prisma.sql`r.requester_id = ${scope.id}`;
}

export async function readExtent(tx: Tx, scope: Scope): Promise<Extent> {
  const [row] = await tx.$queryRaw<Extent[]>`
    with concerned as (
      select g.*, a.ownership from grants g join assignments a on a.id = g.assignment_id
      where g.status in ('active', 'activating', 'scheduled', 'ending') and ${within(scope, 'g')}
    ), people as (
      select max(user_display_name) as name from concerned group by user_id
    ), places as (
      select max(account_name) || ' (' || account_id || ')' as name from concerned group by account_id
    )
    select
      (select count(*)::int from concerned where status = 'active') as active,
      (select count(*)::int from concerned where status = 'activating') as activating,
      (select count(*)::int from concerned where status = 'scheduled') as scheduled,
      (select count(*)::int from concerned where status = 'ending') as ending,
      (select count(*)::int from concerned where status = 'active' and ownership = 'preexisting') as preexisting,
      jsonb_build_object('count', (select count(*) from people),
        'names', (select coalesce(jsonb_agg(name), '[]') from (select name from people order by name limit ${NAMED}) p)) as people,
      jsonb_build_object('count', (select count(*) from places),
        'names', (select coalesce(jsonb_agg(name), '[]') from (select name from places order by name limit ${NAMED}) p)) as accounts,
      (select count(*)::int from requests r where r.status = 'pending' and ${within(scope, 'r')}) as pending,
      (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'number', number) order by number), '[]') from (
        select id, number from requests r where r.status = 'pending' and ${within(scope, 'r')} order by number limit ${NAMED}
      ) p) as "pendingRequests"`;
  if (!row) throw new Error('counting gave no row');
  return row;
}

/** A grant of an emergency whose access AWS has not confirmed to be gone. */
export interface StillGoing {
  grantId: string;
  assignmentId: string;
  requestId: string | null;
  number: bigint | null;
  personName: string;
  accountId: string;
  accountName: string;
  roleName: string;
  /** 'ending' where AWS was asked or is to be asked; anything else: its turn has not come yet. */
  status: string;
  since: Date | null;
  overdue: boolean;
  lastError: string | null;
  nextTryAt: Date | null;
  cannotRevokeSince: Date | null;
  cannotRevokeReason: string | null;
  /** AWS was asked to take it away. */
  asked: boolean;
  /** It is time to try, and nobody is at it. */
  due: boolean;
}

export interface Progress {
  total: number;
  /** Confirmed by AWS. */
  ended: number;
  /** Being taken away. */
  ending: number;
  /** Not yet on record as to be taken away: the next seconds' work. */
  waiting: number;
  /** Of those two: AWS has not been asked yet. */
  notAsked: number;
  overdue: number;
  cannotRevoke: number;
  /** Ended, and the access stays, because it stood there before Latchkey. */
  preexisting: number;
  done: boolean;
  /** The longest under way first. */
  still: StillGoing[];
}

/** How far an emergency has come, with at most `limit` of what is still going. */
export async function readProgress(tx: Tx, { id }: Pick<Emergency, 'id'>, limit = 100): Promise<Progress> {
  const mine = Prisma.sql`select g.*, a.last_error, a.next_at, a.cannot_revoke_since, a.cannot_revoke_reason,
      a.next_at <= app_now() and (a.lease_until is null or a.lease_until <= app_now()) as due,
      g.status = 'ending' and exists (
        select from assignment_operations o
        where o.assignment_id = a.id and o.kind = 'delete' and o.intended_at >= g.end_due_at
      ) as asked, (select number from requests r where r.id = g.request_id) as number,
      g.status = 'ending' and g.end_due_at < app_now() - interval '1 minute' as overdue
    from grants g join assignments a on a.id = g.assignment_id join emergencies e on e.id = ${id}::uuid
    where g.emergency_id = e.id or (
      e.swept_at is null and g.status in ('scheduled', 'activating', 'active') and g.created_at <= e.started_at
      and (e.scope = 'all' or (e.scope = 'user' and g.user_id = e.scope_id) or (e.scope = 'account' and g.account_id = e.scope_id)))`;
  const [counts] = await tx.$queryRaw<Omit<Progress, 'done' | 'still'>[]>`
    select count(*)::int as total,
      count(*) filter (where status in ('ended', 'revoked', 'failed'))::int as ended,
      count(*) filter (where status = 'ending')::int as ending,
      count(*) filter (where status in ('scheduled', 'activating', 'active'))::int as waiting,
      count(*) filter (where status in ('ending', 'scheduled', 'activating', 'active') and not asked)::int as "notAsked",
      count(*) filter (where overdue)::int as overdue,
      count(*) filter (where status = 'ending' and cannot_revoke_since is not null)::int as "cannotRevoke",
      count(*) filter (where status in ('ended', 'revoked') and preexisting)::int as preexisting
    from (${mine}) m`;
  if (!counts) throw new Error('counting gave no row');
  const still = await tx.$queryRaw<StillGoing[]>`
    select id as "grantId", assignment_id as "assignmentId", request_id as "requestId", number,
      user_display_name as "personName", account_id as "accountId", account_name as "accountName",
      permission_set_name as "roleName", status, end_due_at as since, coalesce(overdue, false) as overdue, last_error as "lastError",
      next_at as "nextTryAt", cannot_revoke_since as "cannotRevokeSince",
      cannot_revoke_reason as "cannotRevokeReason", asked, coalesce(due, false) as due
    from (${mine}) m where status not in ('ended', 'revoked', 'failed')
    order by end_due_at nulls last, id limit ${limit}`;
  return { ...counts, done: counts.ending + counts.waiting === 0, still };
}
