/** When access is there, and until when what it opened may still be used. */
export interface AccessWindow {
  opensAt: Date;
  closesAt: Date;
  /** Sessions that were opened just before the end live on for the role's session length. */
  effectiveEnd: Date;
}

/** The window that a request would get: from its start, or from `now` where that is later or none is set. */
export function windowFrom(
  ask: { startsAt: Date | null; durationMinutes: number; sessionSeconds: number },
  now: Date,
): AccessWindow {
  const opens = Math.max(ask.startsAt?.getTime() ?? 0, now.getTime());
  return closing(new Date(opens), ask.durationMinutes, ask.sessionSeconds);
}

/** The window of a grant, as far as it is known: AWS's confirmation sets its end for good. */
export function windowOfGrant(grant: {
  opensAt: Date;
  activatedAt: Date | null;
  closesAt: Date | null;
  endDueAt: Date | null;
  durationMinutes: number;
  sessionSeconds: number;
}): AccessWindow {
  const opensAt = grant.activatedAt ?? grant.opensAt;
  const end = grant.endDueAt ?? grant.closesAt;
  if (end === null) return closing(opensAt, grant.durationMinutes, grant.sessionSeconds);
  return { opensAt, closesAt: end, effectiveEnd: new Date(end.getTime() + grant.sessionSeconds * 1000) };
}

function closing(opensAt: Date, durationMinutes: number, sessionSeconds: number): AccessWindow {
  const closesAt = new Date(opensAt.getTime() + durationMinutes * 60_000);
  return { opensAt, closesAt, effectiveEnd: new Date(closesAt.getTime() + sessionSeconds * 1000) };
}
