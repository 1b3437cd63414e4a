import type { Tx } from '../platform/db.ts';
import type { Fact } from './compare.ts';
import { type DriftTuple, inScope, type Scope } from './known-store.ts';

/** A finding that stands: nobody decided on it, or somebody left it as it is. */
export type StandingFinding = DriftTuple & { id: string; kind: Fact; state: 'open' | 'left' };

export async function standingFindings(tx: Tx, scope: Scope): Promise<StandingFinding[]> {
  return tx.$queryRaw<StandingFinding[]>`
    select id, kind, state, principal_id as "principalId", account_id as "accountId",
      permission_set_arn as "permissionSetArn"
    from drift_findings where state in ('open', 'left') and ${inScope(scope, 'account_id')}
    order by id for update`;
}

/** What a comparison shows now. */
export type Shown = DriftTuple & { kind: Fact; grantId: string | null };

/** Writes the findings, or that they still show; those that are new, with their IDs. `shown`: each one once. */
export async function noteFindings(tx: Tx, shown: Shown[], seenAt: Date): Promise<(Shown & { id: string })[]> {
  if (shown.length === 0) return [];
  const rows = await tx.$queryRaw<(Shown & { id: string; isNew: boolean })[]>`
    insert into drift_findings (kind, principal_id, account_id, permission_set_arn, grant_id, seen_at)
    select s.kind, s."principalId", s."accountId", s."permissionSetArn", s."grantId", ${seenAt}
    from jsonb_to_recordset(${JSON.stringify(shown)}::jsonb) as s (
      kind text, "principalId" text, "accountId" text, "permissionSetArn" text, "grantId" uuid
    )
    on conflict (principal_id, account_id, permission_set_arn, kind) where state in ('open', 'left')
    do update set seen_at = greatest(drift_findings.seen_at, excluded.seen_at),
      grant_id = coalesce(excluded.grant_id, drift_findings.grant_id)
    returning id, kind, principal_id as "principalId", account_id as "accountId",
      permission_set_arn as "permissionSetArn", grant_id as "grantId", xmax = 0 as "isNew"`;
  return rows.filter(({ isNew }) => isNew);
}

/** A later look no longer shows it. Who had left it as it was stays in the audit log. */
export async function clearFinding(tx: Tx, id: string): Promise<void> {
  await tx.driftFinding.update({
    where: { id },
    data: { state: 'cleared', decidedAt: null, decidedById: null, decidedByName: null, reason: null },
  });
}

export type DecidableFinding = DriftTuple & {
  kind: Fact;
  state: 'open' | 'left' | 'adopted' | 'removed' | 'cleared';
  seenAt: Date;
  grantId: string | null;
  decidedByName: string | null;
};

/** The finding, locked; null where there is none. */
export async function lockFinding(tx: Tx, id: string): Promise<DecidableFinding | null> {
  const [row] = await tx.$queryRaw<DecidableFinding[]>`
    select kind, state, principal_id as "principalId", account_id as "accountId", seen_at as "seenAt",
      permission_set_arn as "permissionSetArn", grant_id as "grantId", decided_by_name as "decidedByName"
    from drift_findings where id = ${id}::uuid for update`;
  return row ?? null;
}

/** Findings whose adoption failed, and that no later comparison has found anew; in a fixed order. */
export async function adoptionsThatFailed(tx: Tx): Promise<{ id: string; failure: string | null }[]> {
  return tx.$queryRaw`
    select f.id, g.failure from drift_findings f join grants g on g.id = f.resulting_grant_id
    where f.state = 'adopted' and g.status = 'failed' and not exists (
      select from drift_findings later
      where later.principal_id = f.principal_id and later.account_id = f.account_id
        and later.permission_set_arn = f.permission_set_arn and later.id <> f.id
        and (later.found_at > f.decided_at or later.state in ('open', 'left'))
    )
    order by f.id limit 500`;
}
