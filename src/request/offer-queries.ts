import { Prisma, type Tx } from '../platform/db.ts';
import type { AccountScope } from '../policy/index.ts';

/** The condition that the account with this ID lies in the scope. An account that is gone lies only in what names it. */
export function inScopeSql(scope: AccountScope, accountId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(${accountId} = any(${[...scope.accountIds]}::text[]) or exists (
    select from accounts a where a.id = ${accountId} and (a.parent_id = any(${[...scope.parentOuIds]}::text[])
      or a.ancestor_ids && ${[...scope.ancestorOuIds]}::text[])))`;
}

/** The IDs of all accounts in the scope. */
export async function accountsInScope(tx: Tx, scope: AccountScope): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from accounts where id = any(${[...scope.accountIds]}::text[])
      or parent_id = any(${[...scope.parentOuIds]}::text[]) or ancestor_ids && ${[...scope.ancestorOuIds]}::text[]`;
  return rows.map((row) => row.id);
}

/** The accounts that the person asked for last, each once, the latest first. */
export async function recentAccounts(tx: Tx, userId: string, limit = 5): Promise<string[]> {
  const rows = await tx.$queryRaw<{ accountId: string }[]>`
    select account_id as "accountId" from requests where requester_id = ${userId}
    group by account_id order by max(number) desc limit ${limit}`;
  return rows.map((row) => row.accountId);
}
