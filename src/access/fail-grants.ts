import { asks, type OpenGrant, type Operation, type Tuple } from './tuple.ts';

/** What the check of one grant's rights found. */
export function rights(
  tuple: Tuple,
  grantId: string,
  at: Date,
  verdict: { allowed: true } | { allowed: false; reason: string },
  now: Date,
): Tuple {
  const settle = (grant: OpenGrant): OpenGrant => {
    if (grant.id !== grantId) return grant;
    if (verdict.allowed) return { ...grant, rightsCheckedAt: at };
    if (asks(grant)) return { ...grant, status: 'failed', failure: verdict.reason };
    return withdrawn(grant, verdict.reason, now);
  };
  return { ...tuple, grants: tuple.grants.map(settle) };
}

/**
 * Access that cannot be given: those who wait for it are told why. Where one create failed, so are those who had it and
 * lost it, and whoever came after it was asked has a try of their own. That AWS could not be read takes it from nobody.
 */
export function failAsking(tuple: Tuple, words: string, text: string, now: Date, create?: Operation): Tuple {
  const failure = `${words} AWS says: ${text}`;
  const fail = (grant: OpenGrant): OpenGrant => {
    if (!asks(grant)) return create === undefined ? grant : withdrawn(grant, failure, now);
    const checked = grant.rightsCheckedAt;
    const meant = create === undefined || (checked !== null && checked <= create.intendedAt);
    return meant ? { ...grant, status: 'failed', failure } : grant;
  };
  return { ...tuple, grants: tuple.grants.map(fail) };
}

function withdrawn(grant: OpenGrant, reason: string, now: Date): OpenGrant {
  if (grant.status !== 'active') return grant;
  return { ...grant, status: 'ending', endCause: 'rights_lost', endComment: reason, endDueAt: now };
}
