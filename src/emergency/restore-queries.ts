import { OVERDUE_AFTER, overdueFor } from '../access/index.ts';
import { Prisma, type Tx } from '../platform/db.ts';

/** So many of each list are shown; the pages of access and drift have all. */
const SHOWN = 100;

export interface Listed<T> {
  rows: T[];
  total: number;
}

/** A grant of the backup that is not over, and how its assignment stands at AWS. */
export interface UncertainGrant {
  id: string;
  requestId: string | null;
  number: bigint | null;
  personName: string;
  accountId: string;
  accountName: string;
  ouPath: string;
  roleName: string;
  status: 'scheduled' | 'activating' | 'active' | 'ending';
  overdue: boolean;
  opensAt: Date;
  closesAt: Date | null;
  latestEnd: Date;
  /** What the last look since the restore showed; null: there was none yet. */
  observed: 'present' | 'absent' | null;
  observedAt: Date | null;
  /** What a comparison found about it; null: nothing. */
  finding: 'unknown' | 'removed' | 'recreated' | 'missing' | null;
}

/** Something that was asked of AWS and of whose end the backup does not know. */
export interface OpenOperation {
  id: string;
  kind: 'create' | 'delete';
  intendedAt: Date;
  personName: string;
  accountId: string;
  accountName: string;
  roleName: string;
  /** How the grant stands that it was asked for. */
  status: string;
  overdue: boolean;
  /** AWS shows it gone since, by looks since the restore; null: it is there, or nobody has looked. */
  goneSince: Date | null;
  /** Until then it can still take effect, and is watched. */
  watchedUntil: Date;
}

/** An assignment that AWS has and Latchkey does not know. */
export interface UnknownAssignment {
  id: string;
  principalId: string;
  personName: string | null;
  accountId: string;
  accountName: string | null;
  ouPath: string;
  permissionSetArn: string;
  roleName: string | null;
  foundAt: Date;
}

/** Somebody asked for more time, or got it, shortly before the backup. */
export interface BackupExtension {
  requestId: string;
  number: bigint;
  personName: string;
  accountName: string;
  roleName: string;
  status: string;
  submittedAt: Date;
  from: Date | null;
  to: Date | null;
}

/** What a restored backup leaves uncertain. */
export interface Uncertain {
  /** It is there, says the backup. */
  given: Listed<UncertainGrant>;
  /** It was promised and opens once access is given again. */
  waiting: Listed<UncertainGrant>;
  operations: Listed<OpenOperation>;
  unknown: Listed<UnknownAssignment>;
  extensions: Listed<BackupExtension>;
}

export async function readUncertain(tx: Tx, restoredAt: Date): Promise<Uncertain> {
  return {
    given: await grants(tx, restoredAt, Prisma.sql`g.status in ('active', 'ending')`),
    waiting: await grants(tx, restoredAt, Prisma.sql`g.status in ('scheduled', 'activating')`),
    operations: await operations(tx, restoredAt),
    unknown: await unknownAssignments(tx, restoredAt),
    extensions: await extensions(tx, restoredAt),
  };
}

/** Rows that carry how many there are in all. */
function listed<T extends { total: number }>(rows: T[]): Listed<Omit<T, 'total'>> {
  return { rows: rows.map(({ total, ...row }) => row), total: rows[0]?.total ?? 0 };
}

async function grants(tx: Tx, restoredAt: Date, which: Prisma.Sql): Promise<Listed<UncertainGrant>> {
  const rows = await tx.$queryRaw<(UncertainGrant & { total: number })[]>`
    select g.id, g.request_id as "requestId", r.number, g.user_display_name as "personName", g.account_id as "accountId",
      g.account_name as "accountName", g.ou_path as "ouPath", g.permission_set_name as "roleName", g.status,
      coalesce(${overdueFor(OVERDUE_AFTER)}, false) as overdue, g.opens_at as "opensAt", g.closes_at as "closesAt", g.latest_end as "latestEnd",
      case when a.observed_at >= ${restoredAt} and a.observed <> 'unknown' then a.observed end as observed,
      case when a.observed_at >= ${restoredAt} and a.observed <> 'unknown' then a.observed_at end as "observedAt",
      (
        select kind from drift_findings f
        where f.principal_id = a.principal_id and f.account_id = a.target_id
          and f.permission_set_arn = a.permission_set_arn and f.state = 'open'
        order by f.seen_at desc limit 1
      ) as finding,
      (count(*) over ())::int as total
    from grants g join assignments a on a.id = g.assignment_id left join requests r on r.id = g.request_id
    where ${which}
    order by coalesce(g.closes_at, g.opens_at), g.id limit ${SHOWN}`;
  return listed(rows);
}

async function operations(tx: Tx, restoredAt: Date): Promise<Listed<OpenOperation>> {
  const rows = await tx.$queryRaw<(OpenOperation & { total: number })[]>`
    select o.id, o.kind, o.intended_at as "intendedAt", g.user_display_name as "personName", a.target_id as "accountId",
      g.account_name as "accountName", g.permission_set_name as "roleName", g.status,
      coalesce(${overdueFor(OVERDUE_AFTER)}, false) as overdue, o.effective_until as "watchedUntil",
      case when a.observed = 'absent' and a.observed_at >= ${restoredAt}
        then case when a.absent_since >= ${restoredAt} then a.absent_since else a.observed_at end end as "goneSince",
      (count(*) over ())::int as total
    from assignment_operations o join assignments a on a.id = o.assignment_id
      join lateral (select * from grants where assignment_id = a.id order by created_at desc limit 1) g on true
    where o.outcome in ('intended', 'in_progress') or (o.outcome = 'unknown' and o.effective_until > app_now())
    order by o.intended_at desc, o.id limit ${SHOWN}`;
  return listed(rows);
}

async function unknownAssignments(tx: Tx, restoredAt: Date): Promise<Listed<UnknownAssignment>> {
  const rows = await tx.$queryRaw<(UnknownAssignment & { total: number })[]>`
    select f.id, f.principal_id as "principalId", u.display_name as "personName", f.account_id as "accountId",
      a.name as "accountName", coalesce(a.ou_path, '') as "ouPath", f.permission_set_arn as "permissionSetArn",
      p.name as "roleName", f.found_at as "foundAt", (count(*) over ())::int as total
    from drift_findings f left join users u on u.id = f.principal_id left join accounts a on a.id = f.account_id
      left join permission_sets p on p.arn = f.permission_set_arn
    where f.state = 'open' and f.kind in ('unknown', 'recreated') and f.seen_at >= ${restoredAt}
    order by f.found_at desc, f.id limit ${SHOWN}`;
  return listed(rows);
}

/** Those that wait for a decision, and those of the day before the restore. */
async function extensions(tx: Tx, restoredAt: Date): Promise<Listed<BackupExtension>> {
  const rows = await tx.$queryRaw<(BackupExtension & { total: number })[]>`
    select r.id as "requestId", r.number, r.requester_name as "personName", r.account_name as "accountName",
      r.permission_set_name as "roleName", r.status, r.submitted_at as "submittedAt", e.from_closes_at as "from",
      e.to_closes_at as "to", (count(*) over ())::int as total
    from requests r left join extensions e on e.request_id = r.id
    where r.extends_grant_id is not null
      and (r.status = 'pending' or e.created_at > ${restoredAt}::timestamptz - interval '1 day')
    order by r.submitted_at desc, r.id limit ${SHOWN}`;
  return listed(rows);
}
