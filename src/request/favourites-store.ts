import type { Tx } from '../platform/db.ts';

/** Only one change of a person's favourites at a time, until the transaction ends. */
export async function lockFavourites(tx: Tx, userId: string): Promise<string[]> {
  await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`favourites ${userId}`}, 0))::text`;
  const rows = await tx.favouriteAccount.findMany({ where: { userId }, select: { accountId: true } });
  return rows.map(({ accountId }) => accountId);
}

export async function addFavourite(tx: Tx, userId: string, accountId: string): Promise<void> {
  await tx.favouriteAccount.create({ data: { userId, accountId } });
}

export async function removeFavourite(tx: Tx, userId: string, accountId: string): Promise<void> {
  await tx.favouriteAccount.deleteMany({ where: { userId, accountId } });
}
