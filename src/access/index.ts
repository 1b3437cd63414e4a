export { adoptAssignment } from './adopt-assignment.ts';
export {
  type Attention,
  CANNOT_REVOKE,
  DUE_AT,
  failedGrants,
  type LeftBehind,
  leftBehind,
  OVERDUE_AFTER,
  overdueFor,
  readAttention,
  type StuckGrant,
  stuckGrants,
} from './attention-queries.ts';
export { type AwsAway, readAwsAway } from './aws-away-queries.ts';
export { noteRemovedOutside, noteThereAgain } from './compare-assignment.ts';
export { type Converger, createConverger } from './converger.ts';
export { endGrant } from './end-grant.ts';
export { endGrantsOfUser } from './end-grants-of-user.ts';
export { extendGrant } from './extend-grant.ts';
export { extendedBy, type NotExtendable, whyNotExtendable } from './extendable.ts';
export {
  allowGiving,
  type GivingStop,
  holdForRestore,
  lockGiving,
  notGiving,
  readGiving,
  reviewRestore,
  stopGiving,
} from './giving.ts';
export { startHeartbeat } from './heartbeat.ts';
export { ACCESS_QUEUES, registerAccessJobs } from './jobs.ts';
export { noteRightsBack, noteRightsLost, type RunningGrant, rightsLostSince, runningGrants } from './note-rights.ts';
export { accessMetrics } from './observe.ts';
export { openGrant } from './open-grant.ts';
export { CHANGED_AT, DOUBTFUL, mayTakeEffect } from './operations-sql.ts';
export { type Promise30, type Promises, readPromises } from './promise-queries.ts';
export {
  countOpenGrants,
  getGrant,
  grantsOfRequest,
  type OverdueGrant,
  overdueGrants,
  usersWithGrants,
} from './queries.ts';
export { listReplicas, type Replica, type Silence } from './replica-store.ts';
export { retryGrant } from './retry-grant.ts';
export { retryRevoke } from './retry-revoke.ts';
export { inTheWay, type Trouble, troubleOf } from './trouble.ts';
export type * from './types.ts';
export { type WaitingPlace, waitingPlace } from './waiting-queries.ts';
