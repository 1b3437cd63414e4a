import { MINUTE, plus, since } from './tuple.ts';
import type { Grant } from './types.ts';

/** Why the end of a grant cannot move. */
export type NotExtendable =
  /** Its end has begun, or it is over. */
  | 'over'
  /** It is not there yet, so that there is no end to move. */
  | 'not-there-yet'
  /** Somebody took the access away past Latchkey. */
  | 'removed-outside';

/** Why a grant cannot be extended at this moment; null where it can. Pure. */
export function whyNotExtendable(
  grant: Pick<Grant, 'status' | 'closesAt' | 'removedOutsideAt'>,
  now: Date,
): NotExtendable | null {
  if (grant.status === 'scheduled' || grant.status === 'activating') return 'not-there-yet';
  if (grant.status !== 'active' || grant.closesAt === null || now >= grant.closesAt) return 'over';
  return grant.removedOutsideAt === null ? null : 'removed-outside';
}

/** The end that a grant would get, and how many minutes that is from its activation on, begun ones counted. */
export function extendedBy(
  grant: { activatedAt: Date | null; opensAt: Date; closesAt: Date },
  minutes: number,
): { closesAt: Date; totalMinutes: number } {
  const closesAt = plus(grant.closesAt, minutes * MINUTE);
  return { closesAt, totalMinutes: Math.ceil(since(grant.activatedAt ?? grant.opensAt, closesAt) / MINUTE) };
}
