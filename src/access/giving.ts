import type { Tx } from '../platform/db.ts';
import { wakeGiving } from './replica-store.ts';

/** Why no access is given at the moment. */
export type GivingStop =
  | { cause: 'stopped'; since: Date; byId: string; byName: string; reason: string }
  /** A backup was restored, and no administrator has looked yet at what is uncertain. */
  | { cause: 'restored'; since: Date };

/** Why no access is given at the moment; null where it is. An administrator's stop goes first. */
export async function readGiving(tx: Tx): Promise<GivingStop | null> {
  const state = await tx.accessState.findFirst();
  if (state === null) return null;
  const { givingStoppedAt: since, restoredAt, restoreReviewedAt } = state;
  if (since !== null) {
    const [byId, byName] = [state.givingStoppedById ?? '', state.givingStoppedByName ?? ''];
    return { cause: 'stopped', since, byId, byName, reason: state.givingStoppedReason ?? '' };
  }
  return restoredAt !== null && restoreReviewedAt === null ? { cause: 'restored', since: restoredAt } : null;
}

const MEANWHILE = {
  ask: 'You can ask; it opens',
  extend: 'You can ask where approval is needed; it can be approved',
  'decide-extension': 'You can reject it; it can be approved',
  decide: 'You can decide; what you approve opens',
  wait: 'This opens',
};

/**
 * What somebody who asks for access, decides on it or waits for it reads meanwhile; '' while access is given. Whether
 * a window passes meanwhile is told where it does.
 */
export function notGiving(
  stop: GivingStop | null,
  reader: keyof typeof MEANWHILE,
  format: (at: Date) => string,
): string {
  if (stop === null) return '';
  return `New access is not given at the moment (since ${format(stop.since)}). ${MEANWHILE[reader]} once an administrator allows it again.`;
}

/**
 * Keeps everybody else from changing the state of giving until the transaction ends; `stops`: in order to stop it.
 * Whoever locks grants besides takes this first, as those do who tell of what is overdue.
 */
export async function lockGiving(tx: Tx, { stops }: { stops: boolean }): Promise<void> {
  // Creates are decided on under this lock: each comes before the stop, or hears of it.
  if (stops) await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('access.outstanding-creates'))`;
  await tx.$executeRaw`select from access_state for update`;
}

/**
 * From the commit on no access is given; what was given stays. Throws nothing where it was stopped already: that stop
 * is the answer, and stands as it is. Null: it is this one's.
 */
export async function stopGiving(tx: Tx, by: { id: string; name: string; reason: string }): Promise<GivingStop | null> {
  await lockGiving(tx, { stops: true });
  const changed = await tx.$executeRaw`
    update access_state set giving_stopped_at = app_now(), giving_stopped_by_id = ${by.id},
      giving_stopped_by_name = ${by.name}, giving_stopped_reason = ${by.reason}
    where giving_stopped_at is null`;
  return changed === 0 ? readGiving(tx) : null;
}

/**
 * Access is given again, as far as no restored backup stands in the way; what waited goes on at once. The stop that
 * it ends; null where there was none.
 */
export async function allowGiving(tx: Tx): Promise<GivingStop | null> {
  // First: whoever works on one of them may be waiting for the state of giving.
  await wakeGiving(tx);
  await lockGiving(tx, { stops: false });
  const stop = await readGiving(tx);
  if (stop?.cause !== 'stopped') return null;
  await tx.$executeRaw`
    update access_state set giving_stopped_at = null, giving_stopped_by_id = null, giving_stopped_by_name = null,
      giving_stopped_reason = null`;
  return stop;
}

/**
 * A backup was restored: from the commit on no access is given, until an administrator has looked at what is
 * uncertain, and nothing that was seen before is believed. Gives when.
 */
export async function holdForRestore(tx: Tx): Promise<Date> {
  await lockGiving(tx, { stops: true });
  const [row] = await tx.$queryRaw<{ at: Date }[]>`
    update access_state set restored_at = app_now(), looks_trusted_from = app_now(),
      restore_reviewed_at = null, restore_reviewed_by_id = null, restore_reviewed_by_name = null
    returning restored_at as at`;
  if (!row) throw new Error('The table access_state has lost its row.');
  return row.at;
}

/**
 * An administrator has looked: access is given again, as far as nobody stopped it, and what waited goes on at once.
 * False where this restore does not wait (any more).
 */
export async function reviewRestore(tx: Tx, restoredAt: Date, by: { id: string; name: string }): Promise<boolean> {
  // First, as in `allowGiving`.
  await wakeGiving(tx);
  const reviewed = await tx.$executeRaw`
    update access_state set restore_reviewed_at = app_now(), restore_reviewed_by_id = ${by.id},
      restore_reviewed_by_name = ${by.name}
    where restore_reviewed_at is null and date_trunc('milliseconds', restored_at) = ${restoredAt}::timestamptz`;
  return reviewed > 0;
}
