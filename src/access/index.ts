export { type Converger, createConverger } from './converger.ts';
export { endGrant } from './end-grant.ts';
export { endGrantsOfUser } from './end-grants-of-user.ts';
export { ACCESS_QUEUES, registerAccessJobs } from './jobs.ts';
export { openGrant } from './open-grant.ts';
export { countOpenGrants, getGrant, grantsOfRequest, overdueGrants, usersWithGrants } from './queries.ts';
export { retryGrant } from './retry-grant.ts';
export type * from './types.ts';
