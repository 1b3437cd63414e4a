/** What a comparison can find: see the table drift_findings. */
export const FACTS = ['unknown', 'removed', 'recreated', 'missing'] as const;
export type Fact = (typeof FACTS)[number];

/** What Latchkey's rows say of one assignment, whatever AWS lists. */
export interface Known {
  ownership: 'unknown' | 'preexisting' | 'ours';
  /** A process is at work on it, access is being given or taken, or a change of ours may still take effect. */
  busy: boolean;
  /** When Latchkey last did something about it, be it to ask AWS or to hear the answer; null: never. */
  changedAt: Date | null;
  /** When it was last seen to be there. */
  seenAt: Date | null;
  /** The last thing that Latchkey asked of AWS was to take it away, and that was confirmed. */
  takenAway: boolean;
  /** The open grant that gives the access now. */
  activeGrant: { id: string; opensAt: Date; removedOutsideAt: Date | null } | null;
}

/** What AWS lists. `from`: the database's time before AWS was asked; it may be as old as that. */
export interface Look {
  from: Date;
  present: boolean;
}

export type Verdict =
  /** As it should be. */
  | { kind: 'nothing' }
  /** Not to be told yet: the list may lag behind a change of ours, or one is under way. */
  | { kind: 'unsettled' }
  | { kind: Fact };

/** How long after a change of ours a list is not held against it, in milliseconds. */
export const QUIET_MS = 60_000;

/**
 * Compares one assignment as AWS lists it with what Latchkey knows of it. `trustedFrom`: what was seen before then,
 * the end of a long silence, does not prove that it was there since. Nothing known: null.
 */
export function compare(known: Known | null, { from, present }: Look, trustedFrom: Date | null): Verdict {
  if (known === null) return { kind: present ? 'unknown' : 'nothing' };
  const quiet = known.changedAt === null || from.getTime() - known.changedAt.getTime() >= QUIET_MS;
  if (known.busy || !quiet) return { kind: 'unsettled' };
  const { activeGrant } = known;
  if (present) {
    if (known.ownership !== 'ours') return { kind: known.takenAway ? 'recreated' : 'unknown' };
    // Ours without a grant that gives it: the engine is taking it away.
    return { kind: activeGrant === null ? 'unsettled' : 'nothing' };
  }
  if (activeGrant === null) return { kind: 'nothing' };
  const { seenAt } = known;
  const seenSince = seenAt !== null && seenAt >= activeGrant.opensAt && (trustedFrom === null || seenAt >= trustedFrom);
  return { kind: seenSince ? 'removed' : 'missing' };
}
