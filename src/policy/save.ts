import type { Actor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import {
  applyContent,
  applyDeletion,
  checkContent,
  checkTicket,
  lockAsSeen,
  sameContent,
  withNamesApart,
} from './apply.ts';
import type { AnyPolicy, KindOfPolicy, Seen } from './kind-of-policy.ts';
import type { Stored } from './store.ts';
import type { PolicyContent } from './types.ts';

/**
 * Creates the policy, or changes it where `seen` names one. Writes its version and the audit event with it. What
 * changes nothing writes nothing. Throws `InvalidInputError` with a sentence for each wrong field, `NotFoundError`
 * where it was deleted, and `ConflictError` where someone else changed it since the person saw it.
 */
export async function savePolicy<P extends AnyPolicy>(
  platform: Platform,
  how: KindOfPolicy<P>,
  content: PolicyContent<P> & { name: string; ticket: string },
  actor: Actor,
  seen?: Seen,
): Promise<Stored<P>> {
  return withNamesApart(
    platform.db.tx(async (tx) => {
      const before = seen === undefined ? null : await lockAsSeen(tx, how, seen);
      await checkContent(tx, how, content, before);
      if (before !== null && sameContent(before, content)) return before;
      return applyContent(platform, tx, how, { before, content, restoredFrom: null }, { actor, proposedBy: null });
    }),
  );
}

/**
 * Deletes the policy. Requests that rest on it keep what they copied of it. Throws `NotFoundError` where it is gone
 * already, and `ConflictError` where someone else changed it since the person saw it.
 */
export async function deletePolicy<P extends AnyPolicy>(
  platform: Platform,
  how: KindOfPolicy<P>,
  seen: Seen,
  actor: Actor,
  ticket = '',
): Promise<Stored<P>> {
  return platform.db.tx(async (tx) => {
    const before = await lockAsSeen(tx, how, seen);
    await checkTicket(tx, ticket);
    await applyDeletion(platform, tx, how, { before, ticket }, { actor, proposedBy: null });
    return before;
  });
}
