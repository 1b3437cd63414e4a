import { LATEST_DELAY, MINUTE, type OpenGrant, type Tuple } from '../../src/access/tuple.ts';

/** A tuple of which nothing is known yet and that nobody asks for. */
export function emptyTuple(id: string): Tuple {
  return {
    id,
    ownership: 'unknown',
    observed: 'unknown',
    observedAt: null,
    absentSince: null,
    presentAt: null,
    absentSeenAt: null,
    mustBeGoneBy: null,
    nextAt: null,
    failures: 0,
    lastError: null,
    giveAfter: null,
    takeAfter: null,
    cannotRevokeSince: null,
    cannotRevokeReason: null,
    adoptedAt: null,
    goneSince: null,
    rereadFrom: null,
    grants: [],
    operations: [],
  };
}

/** A grant as open-grant.ts makes it. */
export function newGrant(id: string, opensAt: Date, durationMinutes: number, more: Partial<OpenGrant> = {}): OpenGrant {
  return {
    id,
    basis: 'approval',
    status: 'scheduled',
    opensAt,
    latestEnd: new Date(opensAt.getTime() + durationMinutes * MINUTE + LATEST_DELAY),
    durationMinutes,
    closesAt: null,
    activatedAt: null,
    endDueAt: null,
    endCause: null,
    endComment: null,
    endedAt: null,
    failure: null,
    continuedBy: null,
    preexisting: false,
    gone: false,
    removedOutsideAt: null,
    rightsCheckedAt: null,
    announced: '',
    endingSoonToldAt: null,
    requestId: null,
    ...more,
  } as OpenGrant;
}
