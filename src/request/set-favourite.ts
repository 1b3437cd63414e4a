import { type Actor, record } from '../audit/index.ts';
import { InvalidInputError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import type { Subject } from '../policy/index.ts';
import { addFavourite, lockFavourites, removeFavourite } from './favourites-store.ts';
import { accountOf, readOffered } from './offered.ts';

const MOST = 50;

/**
 * Gives an account its star, so that it comes first in the person's list, or takes it. Throws `NotFoundError` for an
 * account in which the person may not ask for anything, `InvalidInputError` for one star too many.
 */
export async function setFavourite(
  { db }: Platform,
  { accountId, favourite, subject }: { accountId: string; favourite: boolean; subject: Subject },
  actor: Actor,
): Promise<void> {
  await db.tx(async (tx) => {
    const before = await lockFavourites(tx, subject.userId);
    if (before.includes(accountId) === favourite) return;
    if (favourite) {
      const offered = await readOffered(tx, subject);
      if (accountOf(offered, accountId) === null) {
        throw new NotFoundError('no-such-account', 'There is no such account, or nothing is offered to you there.');
      }
      // What is offered no more is not shown and could not be taken away by its owner: it must not be in the way.
      if (before.filter((id) => accountOf(offered, id) !== null).length >= MOST) {
        throw new InvalidInputError({
          accountId: `You have ${MOST} favourite accounts, which is the most there can be. Take the star from another one first.`,
        });
      }
      await addFavourite(tx, subject.userId, accountId);
    } else {
      await removeFavourite(tx, subject.userId, accountId);
    }
    await record(tx, {
      kind: favourite ? 'favourite.added' : 'favourite.removed',
      actor,
      subject: { kind: 'account', id: accountId },
    });
  });
}
