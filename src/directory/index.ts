export { type DirectoryAge, directoryAge, type KindAge } from './age.ts';
export { resolveGroupName } from './group-names.ts';
export { bindInstance, boundInstance, type Instance } from './instance.ts';
export { type DirectoryJobs, registerDirectoryJobs } from './jobs.ts';
export { type PersonNow, readPersonNow, resolveUserName } from './live.ts';
export { DIRECTORY_QUEUES } from './queues.ts';
export { rememberPerson } from './remember-person.ts';
export { requestSync } from './request-sync.ts';
export { directoryRoutes } from './routes.ts';
export {
  type Found,
  type SearchInput,
  searchAccounts,
  searchGroups,
  searchOrganizationalUnits,
  searchPeople,
  searchPermissionSets,
} from './search.ts';
export {
  allOrganizationalUnits,
  findAccount,
  findAccounts,
  findGroups,
  findPermissionSet,
  findPermissionSets,
  findUser,
  findUsers,
  groupIdsOf,
  membersOf,
} from './store.ts';
export { SYNC_KINDS, type SyncKind, type SyncOptions, type SyncOutcome, syncDirectory } from './sync.ts';
export type { Account, Group, OrganizationalUnit, PermissionSet, User } from './types.ts';
export { type WatchOptions, watchUsers } from './watch-users.ts';
