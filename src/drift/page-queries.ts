import { DOUBTFUL } from '../access/index.ts';
import { Prisma, type Tx } from '../platform/db.ts';
import { probableCause } from './causes.ts';
import type { Fact } from './compare.ts';

/** What the list is narrowed to. */
export interface FindingsInput {
  q: string;
  kind: Fact | '';
  state: 'open' | 'left';
  /** Only these; all unless given. */
  ids?: string[];
  after: { foundAt: Date; id: string } | null;
  limit: number;
}

export interface FindingRow {
  id: string;
  kind: Fact;
  state: 'open' | 'left' | 'adopted' | 'removed' | 'cleared';
  principalId: string;
  personName: string;
  userName: string;
  /** As the copy of the directory has the person. */
  personState: 'active' | 'disabled' | 'gone';
  accountId: string;
  accountName: string;
  ouPath: string;
  roleName: string;
  foundAt: Date;
  decidedAt: Date | null;
  decidedByName: string | null;
  reason: string | null;
  /** Until when a grant of ours gives the same access; null: none does. */
  openUntil: Date | null;
  /** The request behind the grant that this came to, or that it is about. */
  requestId: string | null;
  /** How the grant that adopting or removing made stands now. */
  resultStatus: string | null;
  resultFailure: string | null;
  /** Why the last try to adopt it failed; null: it did not, or there was none. */
  adoptFailure: string | null;
  cause: string;
}

type Facts = Omit<FindingRow, 'cause'> & {
  doubtfulCreate: boolean;
  known: boolean;
  restoredAt: Date | null;
  silentUntil: Date | null;
};

// As precise as a cursor can say it.
const FOUND = Prisma.sql`date_trunc('milliseconds', f.found_at)`;

/** What was found and stands, the newest first; and how many there are. */
export async function listFindings(tx: Tx, input: FindingsInput): Promise<{ rows: FindingRow[]; total: number }> {
  const where = conditions(input);
  const beyond = input.after
    ? Prisma.sql`and (${FOUND}, f.id) < (${input.after.foundAt}::timestamptz, ${input.after.id}::uuid)`
    : Prisma.empty;
  const rows = await tx.$queryRaw<
    Facts[]
  >`${SELECT} where ${where} ${beyond} order by ${FOUND} desc, f.id desc limit ${input.limit}`;
  const [count] = await tx.$queryRaw<{ total: number }[]>`select count(*)::int as total ${FROM} where ${where}`;
  return { rows: rows.map(withCause), total: count?.total ?? 0 };
}

/** The last decisions that changed something, the newest first. */
export async function lastDecided(tx: Tx, limit: number): Promise<FindingRow[]> {
  const rows = await tx.$queryRaw<Facts[]>`
    ${SELECT} where f.state in ('adopted', 'removed') order by f.decided_at desc, f.id desc limit ${limit}`;
  return rows.map(withCause);
}

function withCause({ doubtfulCreate, known, restoredAt, silentUntil, ...row }: Facts): FindingRow {
  const { kind, foundAt, openUntil } = row;
  const cause = probableCause({
    kind,
    foundAt,
    doubtfulCreate,
    openGrant: openUntil !== null,
    known,
    restoredAt,
    silentUntil,
  });
  return { ...row, cause };
}

function conditions({ q, kind, state, ids }: FindingsInput): Prisma.Sql {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [
    Prisma.sql`f.state = ${state}`,
    ...(kind === '' ? [] : [Prisma.sql`f.kind = ${kind}`]),
    ...(ids === undefined ? [] : [Prisma.sql`f.id = any(${ids}::uuid[])`]),
    ...words.map(
      (
        word,
      ) => Prisma.sql`strpos(lower(concat_ws(' ', u.display_name, u.user_name, f.principal_id, a.name, f.account_id,
      a.ou_path, p.name, f.permission_set_arn)), ${word}) > 0`,
    ),
  ];
  return Prisma.join(all, ' and ');
}

const FROM = Prisma.sql`
  from drift_findings f
  left join users u on u.id = f.principal_id
  left join accounts a on a.id = f.account_id
  left join permission_sets p on p.arn = f.permission_set_arn`;

const SELECT = Prisma.sql`
  select f.id, f.kind, f.state, f.principal_id as "principalId", coalesce(u.display_name, 'Unknown person') as "personName",
    coalesce(u.user_name, f.principal_id) as "userName",
    case when u.id is null then 'gone' when u.enabled then 'active' else 'disabled' end as "personState", f.account_id as "accountId",
    coalesce(a.name, 'Unknown account') as "accountName", coalesce(a.ou_path, '') as "ouPath",
    coalesce(p.name, f.permission_set_arn) as "roleName", f.found_at as "foundAt", f.decided_at as "decidedAt",
    f.decided_by_name as "decidedByName", f.reason, result.status as "resultStatus", result.failure as "resultFailure",
    (
      select case when g.status = 'failed' then g.failure end from grants g
      where g.assignment_id = s.id and g.basis = 'adopted' order by g.created_at desc limit 1
    ) as "adoptFailure",
    open_grant.closes_at as "openUntil", coalesce(open_grant.request_id, concerned.request_id) as "requestId",
    s.id is not null as known, state.restored_at as "restoredAt", state.looks_trusted_from as "silentUntil",
    exists (
      select from assignment_operations o where o.assignment_id = s.id and o.kind = 'create'
      and ${DOUBTFUL}
      and o.intended_at > f.found_at - interval '1 day'
    ) as "doubtfulCreate"
  ${FROM}
  cross join access_state state
  left join grants result on result.id = f.resulting_grant_id
  left join grants concerned on concerned.id = f.grant_id
  left join assignments s on s.principal_id = f.principal_id and s.target_id = f.account_id
    and s.permission_set_arn = f.permission_set_arn and s.principal_type = 'USER'
  left join lateral (
    select g.closes_at, g.request_id from grants g
    where g.assignment_id = s.id and g.status = 'active' order by g.closes_at desc limit 1
  ) open_grant on true`;

/** How far comparing has come. */
export interface DriftAge {
  /** When all of our own were last compared, and why the last time failed where it did. */
  ownAt: Date | null;
  ownError: string | null;
  accounts: number;
  /** So many accounts were never read. */
  unread: number;
  oldestAt: Date | null;
  newestAt: Date | null;
}

export async function readDriftAge(tx: Tx): Promise<DriftAge> {
  const [row] = await tx.$queryRaw<DriftAge[]>`
    select
      (select max(finished_at) from drift_requests where scope = 'own' and error is null) as "ownAt",
      (select error from drift_requests where scope = 'own' and finished_at is not null order by finished_at desc limit 1) as "ownError",
      count(*)::int as accounts, count(*) filter (where d.read_at is null)::int as unread,
      min(d.read_at) as "oldestAt", max(d.read_at) as "newestAt"
    from accounts a left join drift_accounts d on d.account_id = a.id where a.state = 'ACTIVE'`;
  return row ?? { ownAt: null, ownError: null, accounts: 0, unread: 0, oldestAt: null, newestAt: null };
}

/** A comparison that somebody asked for. */
export interface RunRow {
  id: string;
  scope: 'own' | 'account' | 'user';
  name: string;
  /** What narrows the list to it; '': nothing does. */
  scopeId: string;
  requestedByName: string;
  requestedAt: Date;
  finishedAt: Date | null;
  done: number;
  expected: number | null;
  found: number | null;
  error: string | null;
  /** For a person whom AWS does not tell of: the accounts in which they are known to have or have had something. */
  accounts: { id: string; name: string }[];
}

/** Those that run or wait, and the last that are over; without the hourly ones that went well. */
export async function lastRuns(tx: Tx, limit: number): Promise<RunRow[]> {
  return tx.$queryRaw<RunRow[]>`
    select r.id, r.scope, coalesce(a.name, u.display_name, r.scope_id, 'Access given by Latchkey') as name,
      case r.requested_by_id when 'cli' then 'the command line' else r.requested_by_name end as "requestedByName",
      case when r.scope = 'own' then '' else r.scope_id end as "scopeId", r.requested_at as "requestedAt", r.finished_at as "finishedAt",
      r.done, r.expected, r.found, r.error,
      case when r.scope = 'user' and r.error is not null then coalesce((
        select jsonb_agg(jsonb_build_object('id', k.id, 'name', k.name) order by k.name) from (
          select * from (${accountsOf(Prisma.sql`r.scope_id`)}) of_person limit 10
        ) k
      ), '[]') else '[]' end as accounts
    from drift_requests r
    left join accounts a on r.scope = 'account' and a.id = r.scope_id
    left join users u on r.scope = 'user' and u.id = r.scope_id
    where r.finished_at is null or r.scope <> 'own'
    order by r.finished_at is null desc, r.requested_at desc, r.id limit ${limit}`;
}

/** The accounts in which this person is known to have or have had something. */
export async function accountsOfPerson(tx: Tx, userId: string): Promise<{ id: string; name: string }[]> {
  return tx.$queryRaw`${accountsOf(Prisma.sql`${userId}`)} order by ac.name, ac.id`;
}

function accountsOf(userId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select ac.id, ac.name from accounts ac where ac.state = 'ACTIVE' and ac.id in (
      select target_id from assignments where principal_id = ${userId}
      union select account_id from drift_findings where principal_id = ${userId}
    )`;
}

/** How many findings wait for a decision. */
export async function countOpenFindings(tx: Tx): Promise<number> {
  return tx.driftFinding.count({ where: { state: 'open' } });
}
