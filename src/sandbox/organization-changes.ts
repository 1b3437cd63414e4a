import type { SandboxAccount, SandboxAssignment } from './organization.ts';
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

function removeAll(assignments: Changed['assignments'], goes: (assignment: SandboxAssignment) => boolean): void {
  for (const assignment of assignments.list().filter(goes)) assignments.remove(assignment);
}
