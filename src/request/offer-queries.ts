import { Prisma, type Tx } from '../platform/db.ts';
import type { AccountScope } from '../policy/index.ts';

/** The condition that the account with this ID lies in the scope. An account that is gone lies only in what names it. */
export function inScopeSql(scope: AccountScope, accountId: Prisma.Sql): Prisma.Sql {
  if (scope.length === 0) return Prisma.sql`false`;
  const parts = scope.map(
    (part) => Prisma.sql`(${accountId} <> all(${[...part.exceptAccountIds]}::text[])
      and not exists (select from accounts a where a.id = ${accountId} and a.ancestor_ids && ${[...part.exceptOuIds]}::text[])
      and (${accountId} = any(${[...part.accountIds]}::text[]) or exists (
        select from accounts a where a.id = ${accountId} and (a.parent_id = any(${[...part.parentOuIds]}::text[])
          or a.ancestor_ids && ${[...part.ancestorOuIds]}::text[]))))`,
  );
  return Prisma.sql`(${Prisma.join(parts, ' or ')})`;
}

/** A request that is under way for the same person, account and role. */
export interface AlreadyAsked {
  id: string;
  number: number;
  /** Pending; else what was asked for is approved, and not over yet. */
  pending: boolean;
}

/** The latest request for this that waits for a decision, or whose access is to come or there. */
export async function alreadyAsked(
  tx: Tx,
  ask: { userId: string; accountId: string; permissionSetArn: string },
): Promise<AlreadyAsked | null> {
  const [row] = await tx.$queryRaw<(Omit<AlreadyAsked, 'number'> & { number: bigint })[]>`
    select id, number, status = 'pending' as pending from requests r
    where requester_id = ${ask.userId} and account_id = ${ask.accountId} and permission_set_arn = ${ask.permissionSetArn}
      and (status = 'pending' or status = 'approved' and exists (
        select from grants g where g.request_id = r.id and g.status in ('scheduled', 'activating', 'active')))
    order by number desc limit 1`;
  return row ? { ...row, number: Number(row.number) } : null;
}
