import type { Grant } from './types.ts';

/**
 * Everything that decides what to do next about one account assignment, as the rows have it. The pure files of
 * this folder (evidence, learn, settle, plan, turn) map one Tuple to the next; `store.ts` reads and writes it.
 */
export interface Tuple {
  id: string;
  ownership: 'unknown' | 'preexisting' | 'ours';
  /** What the last look showed. Lists may lag: what it proves says `evidence.ts`. */
  observed: 'unknown' | 'absent' | 'present';
  observedAt: Date | null;
  /** The first of the looks in a row that found it absent. */
  absentSince: Date | null;
  /** The last look that found it present. */
  presentAt: Date | null;
  /** When it was seen absent before our first create; set while it is ours, unless it was adopted. */
  absentSeenAt: Date | null;
  mustBeGoneBy: Date | null;
  nextAt: Date | null;
  /** Failures in a row, for the back-off. */
  failures: number;
  lastError: string | null;
  giveAfter: Date | null;
  takeAfter: Date | null;
  cannotRevokeSince: Date | null;
  /** What AWS said when it last forbade that; it stays when AWS allows it again. */
  cannotRevokeReason: string | null;
  /** When an administrator took it over as it stood: ours from then on. */
  adoptedAt: Date | null;
  /** Since when AWS no longer knows the account or the permission set. */
  goneSince: Date | null;
  /**
   * Since when it is gone for certain and no longer ours; absence is read again ten and sixty minutes later. What
   * those looks find (`observed` is 'present' while it is not ours) somebody else made, and it stays.
   */
  rereadFrom: Date | null;
  /** Those that are not over, and those of whose end nobody was told yet. */
  grants: OpenGrant[];
  /** What was asked of AWS since it became ours and may have had an effect, the newest first. */
  operations: Operation[];
}

export interface OpenGrant extends Grant {
  rightsCheckedAt: Date | null;
  /** The last status of which people were told. */
  announced: string;
  endingSoonToldAt: Date | null;
}

export type OperationKind = 'create' | 'delete';

export interface Operation {
  id: string;
  kind: OperationKind;
  intendedAt: Date;
  /** Whatever we heard of it, it takes no effect after this. */
  effectiveUntil: Date;
  /**
   * intended: committed before the call, nothing heard yet. refused: AWS answered at once that it did nothing.
   * unknown: it may take effect until `effectiveUntil`.
   */
  outcome: 'intended' | 'in_progress' | 'succeeded' | 'failed' | 'refused' | 'unknown';
  awsRequestId: string | null;
  reason: string | null;
  askedAt: Date | null;
  finishedAt: Date | null;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** How long a call whose outcome is unknown is taken to be able to take effect. AWS documents no limit; calls take minutes at the worst. */
export const EFFECT_WINDOW = 15 * MINUTE;
/** How far ListAccountAssignments is assumed to lag behind. AWS documents none. */
export const LIST_LAG = 10 * SECOND;
/** How old the check of a person's rights may be when access is given. */
export const RIGHTS_AGE = 10 * SECOND;
/** Waiting for AWS delays an end by no more than this. */
export const LATEST_DELAY = 15 * MINUTE;
/** People are told so long before the end of longer access. */
export const ENDING_SOON = 15 * MINUTE;

export function plus(at: Date, milliseconds: number): Date {
  return new Date(at.getTime() + milliseconds);
}

/** Milliseconds from one time to a later one. */
export function since(from: Date, to: Date): number {
  return to.getTime() - from.getTime();
}

export function earliest(times: (Date | null | undefined)[]): Date | null {
  const given = times.filter((time) => time instanceof Date);
  return given.length === 0 ? null : new Date(Math.min(...given.map((time) => time.getTime())));
}

export function latest(times: (Date | null | undefined)[]): Date | null {
  const given = times.filter((time) => time instanceof Date);
  return given.length === 0 ? null : new Date(Math.max(...given.map((time) => time.getTime())));
}

/** It gives access now: AWS confirmed it, and its end has not come. */
export function holds(grant: OpenGrant, now: Date): boolean {
  return grant.status === 'active' && grant.closesAt !== null && now < grant.closesAt;
}

/** It waits for access to be given. */
export function asks(grant: OpenGrant): boolean {
  return grant.status === 'activating';
}

/** It waits for access, and may have it: while giving is stopped only what is taken over in order to be ended goes on. */
export function mayGoOn(grant: OpenGrant, mayGive: boolean): boolean {
  return asks(grant) && (mayGive || grant.basis === 'adopted');
}

/** The rights behind it were found in order now, or right before a create that was made with it in view. */
export function rightsVerified(grant: OpenGrant, tuple: Tuple, now: Date): boolean {
  const checked = grant.rightsCheckedAt;
  if (checked === null) return false;
  const soonAfter = (at: Date) => since(checked, at) >= 0 && since(checked, at) <= RIGHTS_AGE;
  return soonAfter(now) || tuple.operations.some(({ kind, intendedAt }) => kind === 'create' && soonAfter(intendedAt));
}
