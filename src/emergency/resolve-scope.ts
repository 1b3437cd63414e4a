import { findAccount, findUser } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { NotFoundError } from '../platform/errors.ts';
import { EVERYTHING, type Scope, type ScopeKind } from './scope.ts';

/**
 * What is meant, by ID, or by the user name of a person. Who or what has vanished from the directory is found by the
 * access that is on record. Throws `NotFoundError`.
 */
export async function resolveScope(tx: Tx, kind: ScopeKind, id: string): Promise<Scope> {
  if (kind === 'all') return EVERYTHING;
  const found = kind === 'user' ? await findPerson(tx, id) : await findPlace(tx, id);
  if (found) return found;
  const what = kind === 'user' ? 'person with the ID or user name' : 'account with the ID';
  throw new NotFoundError(
    'no-scope',
    `Latchkey knows no ${what} “${id}”. Nothing was changed. Check it and try again.`,
  );
}

async function findPerson(tx: Tx, id: string): Promise<Scope | null> {
  const user = (await findUser(tx, id)) ?? (await findByUserName(tx, id));
  if (user) return { kind: 'user', id: user.id, name: user.displayName, confirmation: user.userName };
  const past = await tx.grant.findFirst({
    where: { OR: [{ userId: id }, { userName: id }] },
    orderBy: { createdAt: 'desc' },
  });
  return past && { kind: 'user', id: past.userId, name: past.userDisplayName, confirmation: past.userName };
}

async function findByUserName(tx: Tx, userName: string) {
  const found = await tx.user.findMany({ where: { userName: { equals: userName, mode: 'insensitive' } }, take: 2 });
  return found.find((user) => user.userName === userName) ?? (found.length === 1 ? (found[0] ?? null) : null);
}

async function findPlace(tx: Tx, id: string): Promise<Scope | null> {
  const account = await findAccount(tx, id);
  if (account) return { kind: 'account', id, name: `${account.name} (${id})`, confirmation: id };
  const past = await tx.grant.findFirst({ where: { accountId: id }, orderBy: { createdAt: 'desc' } });
  return past && { kind: 'account', id, name: `${past.accountName} (${id})`, confirmation: id };
}
