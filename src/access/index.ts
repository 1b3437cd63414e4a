export { type Converger, createConverger } from './converger.ts';
export { type EndGrant, endGrant } from './end-grant.ts';
export { endGrantsOfUser } from './end-grants-of-user.ts';
export { ACCESS_QUEUES, registerAccessJobs } from './jobs.ts';
export { openGrant } from './open-grant.ts';
export {
  type AssignmentOperation,
  countGrants,
  type GrantFilter,
  type GrantPage,
  getGrant,
  grantsOfRequest,
  type ListedGrant,
  listActive,
  listEnded,
  listGrants,
  operationsOfGrant,
  overdueGrants,
  usersWithGrants,
} from './queries.ts';
export { retryGrant } from './retry-grant.ts';
export type * from './types.ts';
