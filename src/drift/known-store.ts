import { CHANGED_AT, mayTakeEffect } from '../access/index.ts';
import { Prisma, type Tx } from '../platform/db.ts';
import type { Known } from './compare.ts';

/** An assignment of a user, as drift tells them apart. */
export interface DriftTuple {
  principalId: string;
  accountId: string;
  permissionSetArn: string;
}

/** What one question to AWS answers completely. */
export type Scope =
  | { kind: 'account'; accountId: string; permissionSetArns: string[] }
  | { kind: 'user'; principalId: string; accountId: string | null };

export type KnownTuple = Known & DriftTuple & { assignmentId: string };

/**
 * What Latchkey's rows say of the assignments in this scope that it gives, or that `people` have. `from`: the
 * database's time before AWS was asked.
 */
export async function readKnown(tx: Tx, scope: Scope, people: string[], from: Date): Promise<KnownTuple[]> {
  const rows = await tx.$queryRaw<
    (Omit<KnownTuple, 'activeGrant'> & { grantId: string | null; opensAt: Date; removedOutsideAt: Date | null })[]
  >`
    select a.id as "assignmentId", a.principal_id as "principalId", a.target_id as "accountId",
      a.permission_set_arn as "permissionSetArn", a.ownership, a.present_at as "seenAt",
      coalesce(a.lease_until > app_now(), false)
        or exists (select from grants g where g.assignment_id = a.id and (
          g.status in ('activating', 'ending') or (g.status = 'active' and g.closes_at <= app_now())
        ))
        or exists (
          select from assignment_operations o where o.assignment_id = a.id
            and ${mayTakeEffect(Prisma.sql`${from}::timestamptz`)}
        ) as busy,
      ${CHANGED_AT} as "changedAt",
      coalesce((
        select o.kind = 'delete' from assignment_operations o
        where o.assignment_id = a.id and o.outcome <> 'refused' order by o.intended_at desc limit 1
      ), false) and a.ownership <> 'ours' as "takenAway",
      active.id as "grantId", active.opens_at as "opensAt", active.removed_outside_at as "removedOutsideAt"
    from assignments a
    left join lateral (
      select g.id, g.opens_at, g.removed_outside_at from grants g
      where g.assignment_id = a.id and g.status = 'active' order by g.closes_at desc, g.id limit 1
    ) active on true
    where a.principal_type = 'USER' and ${inScope(scope, 'a.target_id')}
      -- Of what is only to be given one day there is nothing to compare.
      and (a.ownership = 'ours' or active.id is not null or a.principal_id = any(${people}))`;
  return rows.map(({ grantId, opensAt, removedOutsideAt, ...row }) => ({
    ...row,
    activeGrant: grantId === null ? null : { id: grantId, opensAt, removedOutsideAt },
  }));
}

export function inScope(scope: Scope, accountColumn: 'a.target_id' | 'account_id'): Prisma.Sql {
  const column = Prisma.raw(accountColumn);
  if (scope.kind === 'account') {
    return Prisma.sql`${column} = ${scope.accountId} and permission_set_arn = any(${scope.permissionSetArns})`;
  }
  const account = scope.accountId === null ? Prisma.empty : Prisma.sql`and ${column} = ${scope.accountId}`;
  return Prisma.sql`principal_id = ${scope.principalId} ${account}`;
}

/** The permission sets by account through which Latchkey gives access, or has yet to take it away; in a fixed order. */
export async function ownSets(tx: Tx): Promise<{ accountId: string; permissionSetArns: string[] }[]> {
  return tx.$queryRaw`
    select a.target_id as "accountId",
      array_agg(distinct a.permission_set_arn order by a.permission_set_arn) as "permissionSetArns"
    from assignments a
    where a.principal_type = 'USER' and (a.ownership = 'ours' or a.id in (
      select g.assignment_id from grants g where g.status in ('active', 'ending')
    ))
    group by 1 order by 1`;
}

/** The permission sets of the account about which there is something to compare, whether AWS has them there or not. */
export async function concernedSets(tx: Tx, accountId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ arn: string }[]>`
    select a.permission_set_arn as arn from assignments a
    where a.target_id = ${accountId} and a.principal_type = 'USER' and (a.ownership = 'ours' or exists (
      select from grants g where g.assignment_id = a.id and g.status in ('active', 'ending')
    ))
    union select permission_set_arn from drift_findings where account_id = ${accountId} and state in ('open', 'left')`;
  return rows.map(({ arn }) => arn);
}

/** The end of the last long silence of all processes: what was seen before then is not relied on. */
export async function trustedFrom(tx: Tx): Promise<Date | null> {
  const state = await tx.accessState.findFirst({ select: { looksTrustedFrom: true } });
  return state?.looksTrustedFrom ?? null;
}
