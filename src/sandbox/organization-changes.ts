import type { SandboxAccount, SandboxAssignment, SandboxUser } from './organization.ts';
import type { SandboxServices } from './services.ts';

type Changed = Pick<SandboxServices, 'organization' | 'assignments'>;

/** The state that AWS Organizations shows; 'LEFT': the account is in the organization no more. */
export type AccountChange = SandboxAccount['state'] | 'LEFT';

/** False where there is no such account. What was assigned in an account goes with it when it leaves. */
export function changeAccount({ organization, assignments }: Changed, id: string, to: AccountChange): boolean {
  const at = organization.accounts.findIndex((account) => account.id === id);
  const account = organization.accounts[at];
  if (!account) return false;
  if (to !== 'LEFT') {
    account.state = to;
    return true;
  }
  organization.accounts.splice(at, 1);
  removeAll(assignments, ({ accountId }) => accountId === id);
  return true;
}

/** False where there is no such permission set. It goes with everything that was assigned by it. */
export function deletePermissionSet({ organization, assignments }: Changed, arn: string): boolean {
  const at = organization.permissionSets.findIndex((each) => each.arn === arn);
  if (at < 0) return false;
  organization.permissionSets.splice(at, 1);
  removeAll(assignments, ({ permissionSetArn }) => permissionSetArn === arn);
  return true;
}

/**
 * False where there is no such user. What was assigned to them stays, with an ID that is nobody's (IAM Identity Center
 * User Guide, "Troubleshooting").
 */
export function deleteUser({ organization }: Pick<SandboxServices, 'organization'>, id: string): boolean {
  const at = organization.users.findIndex((user) => user.id === id);
  if (at < 0) return false;
  organization.users.splice(at, 1);
  for (const members of organization.memberships.values()) members.delete(id);
  return true;
}

/** False where there is no such user. */
export function changeUser(
  changed: Pick<SandboxServices, 'organization'>,
  id: string,
  to: SandboxUser['status'] | 'DELETED',
): boolean {
  if (to === 'DELETED') return deleteUser(changed, id);
  const user = changed.organization.users.find((each) => each.id === id);
  if (!user) return false;
  user.status = to;
  return true;
}

/** The IDs of the group's members after the change; undefined where there is no such group. */
export function changeMembers(
  { organization }: Pick<SandboxServices, 'organization'>,
  groupId: string,
  { add = [], remove = [] }: { add?: string[]; remove?: string[] },
): string[] | undefined {
  const members = organization.memberships.get(groupId);
  if (!members) return undefined;
  for (const userId of add) members.add(userId);
  for (const userId of remove) members.delete(userId);
  return [...members];
}

function removeAll(assignments: Changed['assignments'], goes: (assignment: SandboxAssignment) => boolean): void {
  for (const assignment of assignments.list().filter(goes)) assignments.remove(assignment);
}
