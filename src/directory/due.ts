/** How one kind of copy stands, as far as it matters for what to do next. */
export interface Standing<Kind> {
  kind: Kind;
  startedAt: Date | null;
  succeededAt: Date | null;
  failedAt: Date | null;
}

/** A little less than the schedule's ten minutes, so that a run which took its time does not make the next one skip. */
const RENEW_AFTER_MS = 9 * 60_000;

/**
 * The kinds to copy now: those that somebody asked for, and those whose last run is old, never was, or died with its
 * process. To be asked only while no run is under way: a run that has begun and not ended then has died.
 */
export function dueKinds<Kind extends string>(
  kinds: readonly Kind[],
  standings: readonly Standing<string>[],
  asked: ReadonlySet<string>,
  now: Date,
): Kind[] {
  return kinds.filter((kind) => {
    const standing = standings.find((each) => each.kind === kind);
    if (asked.has(kind) || standing === undefined || standing.startedAt === null) return true;
    const endedAt = Math.max(standing.succeededAt?.getTime() ?? 0, standing.failedAt?.getTime() ?? 0);
    return endedAt < standing.startedAt.getTime() || now.getTime() - standing.startedAt.getTime() >= RENEW_AFTER_MS;
  });
}
