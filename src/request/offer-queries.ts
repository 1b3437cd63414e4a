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

/** The IDs of all accounts in the scope. */
export async function accountsInScope(tx: Tx, scope: AccountScope): Promise<string[]> {
  const rows = await tx.$queryRaw<
    { id: string }[]
  >`select id from accounts where ${inScopeSql(scope, Prisma.sql`accounts.id`)}`;
  return rows.map((row) => row.id);
}

/** The accounts that the person asked for last, each once, the latest first. */
export async function recentAccounts(tx: Tx, userId: string, limit = 5): Promise<string[]> {
  const rows = await tx.$queryRaw<{ accountId: string }[]>`
    select account_id as "accountId" from requests where requester_id = ${userId}
    group by account_id order by max(number) desc limit ${limit}`;
  return rows.map((row) => row.accountId);
}
