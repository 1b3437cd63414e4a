export type GrantStatus = 'scheduled' | 'activating' | 'active' | 'ending' | 'ended' | 'revoked' | 'failed';
export type GrantBasis = 'approval' | 'self_serve' | 'adopted' | 'break_glass';
export type EndCause =
  | 'time'
  | 'requester'
  | 'approver'
  | 'admin'
  | 'user_disabled'
  | 'user_deleted'
  | 'rights_lost'
  /** AWS no longer has the account or the permission set, or nobody can use the account. */
  | 'target_gone'
  | 'never_opened';

/** A grant as the rest of the portal sees it. Times are the database's. */
export interface Grant {
  id: string;
  assignmentId: string;
  requestId: string | null;
  basis: GrantBasis;
  status: GrantStatus;
  userId: string;
  accountId: string;
  permissionSetArn: string;
  userDisplayName: string;
  userName: string;
  accountName: string;
  ouPath: string;
  permissionSetName: string;
  sessionSeconds: number;
  durationMinutes: number;
  opensAt: Date;
  closesAt: Date | null;
  latestEnd: Date;
  activatedAt: Date | null;
  endDueAt: Date | null;
  endCause: EndCause | null;
  endComment: string | null;
  endedById: string | null;
  endedByName: string | null;
  endedAt: Date | null;
  failure: string | null;
  continuedBy: string | null;
  preexisting: boolean;
  /** It ended because AWS no longer knows the account or the permission set. */
  gone: boolean;
  /** Somebody took the access away past Latchkey; it was seen then. It is not given again by itself. */
  removedOutsideAt: Date | null;
  /** The emergency in which it was ended. */
  emergencyId: string | null;
  version: number;
}

/** What a new grant is made of. */
export interface NewGrant
  extends Pick<
    Grant,
    | 'requestId'
    | 'basis'
    | 'userId'
    | 'accountId'
    | 'permissionSetArn'
    | 'userDisplayName'
    | 'userName'
    | 'accountName'
    | 'ouPath'
    | 'permissionSetName'
    | 'sessionSeconds'
    | 'durationMinutes'
  > {
  /** Null: as soon as possible. */
  startsAt: Date | null;
}

/** Something happened to a grant that people are to hear of. */
export type GrantChange = 'scheduled' | 'active' | 'ending-soon' | 'ended' | 'revoked' | 'failed';

/** What access needs of the features above it; `context.ts` plugs them in, so that access imports none of them. */
export interface AccessPorts {
  /**
   * Whether the grant may still be given, read from Identity Center and the policies now. Throws `UnavailableError`
   * where that cannot be known: then nothing is given, and asked again later.
   */
  checkRights(grant: Grant): Promise<{ allowed: true } | { allowed: false; reason: string }>;
  /**
   * How AWS Organizations has the account now; suspended: it exists, and is suspended or closed; gone: the
   * organization does not have it. Throws where that cannot be known.
   */
  targetState(accountId: string, signal: AbortSignal): Promise<'there' | 'suspended' | 'gone'>;
  /** Tells people, in the transaction of the change. */
  announce(tx: import('../platform/db.ts').Tx, grant: Grant, change: GrantChange): Promise<void>;
}
