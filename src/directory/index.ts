export { type DirectoryAge, directoryAge, KIND_NAMES, type KindAge } from './age.ts';
export { type Availability, whyUnavailable } from './availability.ts';
export { resolveGroupName } from './group-names.ts';
export { readGroupsNow } from './groups-now.ts';
export {
  type AccountIndex,
  accountIndex,
  type PermissionSetIndex,
  permissionSetIndex,
  type UnitIndex,
  unitIndex,
} from './indexes.ts';
export { bindInstance, boundInstance, type Instance, readAvailability } from './instance.ts';
export { registerDirectoryJobs } from './jobs.ts';
export { type PersonNow, readPersonNow, resolveUserName } from './live.ts';
export { unreachableSets } from './management-alarm.ts';
export { readMembersNow } from './members-now.ts';
export { DIRECTORY_QUEUES } from './queues.ts';
export { rememberPerson } from './remember-person.ts';
export { requestSync } from './request-sync.ts';
export {
  searchAccounts,
  searchGroups,
  searchOrganizationalUnits,
  searchPeople,
  searchPermissionSets,
} from './search.ts';
export {
  allOrganizationalUnits,
  findAccount,
  findGroups,
  findMember,
  findPermissionSet,
  findPermissionSets,
  findUser,
  findUsers,
  groupIdsOf,
  membersOf,
} from './store.ts';
export { type SyncOptions, syncDirectory } from './sync.ts';
export { permissionSetThere, type TargetState, targetState } from './target-state.ts';
export type { Account, OrganizationalUnit, PermissionSet, User } from './types.ts';
export { watchUsers } from './watch-users.ts';
