export { bindInstance, boundInstance, type Instance } from './instance.ts';
export { type PersonNow, readPersonNow, resolveUserName } from './live.ts';
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
export type { Account, Group, OrganizationalUnit, PermissionSet, User } from './types.ts';
