/** What of a CloudTrail record the matching looks at. Everything may be missing: records come in many forms. */
export interface RecordIdentity {
  recipientAccountId?: string | undefined;
  eventTime: Date;
  identityType?: string | undefined;
  principalId?: string | undefined;
  issuerUserName?: string | undefined;
  /** When the session's credentials were issued. */
  sessionStartedAt?: Date | undefined;
  /** Identity Center's UserId, where the service logged it. */
  onBehalfOfUserId?: string | undefined;
}

/** The grant whose activity is looked for. */
export interface MatchTarget {
  accountId: string;
  permissionSetName: string;
  userName: string;
  userId: string;
  activatedAt: Date;
  endedAt: Date | null;
  /** How long a session of the permission set lives. */
  sessionSeconds: number;
}

/** The access may work a little before AWS confirms it to us, and a little after it is deleted. */
export const SKEW_MS = 2 * 60_000;
/** Events may carry a time slightly after the session's own end. */
export const MARGIN_MS = 5 * 60_000;

/**
 * Whether the record was written by a session of this grant: the account, the role of the permission set and the
 * whole user name agree, the session began while the grant held, and it could still be alive at the event.
 *
 * The role's name is `AWSReservedSSO_<permission set>_<16 hex digits>` (IAM Identity Center User Guide,
 * "Referencing permission sets"); the session's name, after the colon in `principalId`, is the user name.
 */
export function matchesGrant(record: RecordIdentity, grant: MatchTarget): boolean {
  if (record.recipientAccountId !== grant.accountId) return false;
  if (record.identityType !== 'AssumedRole') return false;
  if (!isRoleOf(record.issuerUserName, grant.permissionSetName)) return false;
  if (!isSessionOf(record.principalId, grant.userName)) return false;
  if (record.onBehalfOfUserId !== undefined && record.onBehalfOfUserId !== grant.userId) return false;
  if (record.sessionStartedAt === undefined) return false;
  const from = grant.activatedAt.getTime() - SKEW_MS;
  const until = grant.endedAt === null ? Number.POSITIVE_INFINITY : grant.endedAt.getTime() + SKEW_MS;
  const started = record.sessionStartedAt.getTime();
  if (started < from || started > until) return false;
  const at = record.eventTime.getTime();
  return at >= from && at <= lastPossibleEvent(grant);
}

/** The last moment, in milliseconds, at which a session of the grant may still have acted; infinite while it is open. */
function lastPossibleEvent(grant: Pick<MatchTarget, 'endedAt' | 'sessionSeconds'>): number {
  if (grant.endedAt === null) return Number.POSITIVE_INFINITY;
  return grant.endedAt.getTime() + SKEW_MS + grant.sessionSeconds * 1000 + MARGIN_MS;
}

function isRoleOf(issuer: string | undefined, permissionSetName: string): boolean {
  const prefix = `AWSReservedSSO_${permissionSetName}_`;
  return issuer?.startsWith(prefix) === true && /^[0-9a-f]{16}$/.test(issuer.slice(prefix.length));
}

function isSessionOf(principalId: string | undefined, userName: string): boolean {
  const colon = principalId?.indexOf(':') ?? -1;
  if (principalId === undefined || colon < 0) return false;
  // CloudTrail keeps the case that Identity Center has, which may have changed since; names differ in more than case.
  return principalId.slice(colon + 1).toLowerCase() === userName.toLowerCase();
}
