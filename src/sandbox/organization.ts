/** The organization that the sandbox stands in for: plain data, so that any size of it can be made from a seed. */
export interface Organization {
  id: string;
  region: string;
  managementAccountId: string;
  /** The member account that administers Identity Center and runs the portal; the first member account if absent. */
  delegatedAdministratorAccountId?: string;
  instanceArn: string;
  identityStoreId: string;
  root: OrganizationalUnit;
  accounts: SandboxAccount[];
  permissionSets: SandboxPermissionSet[];
  users: SandboxUser[];
  groups: SandboxGroup[];
  /** Group ID → user IDs. */
  memberships: Map<string, Set<string>>;
  /** Assignments that stood before the portal ever ran: made by hand, never by Latchkey. */
  standingAssignments: SandboxAssignment[];
}

export interface OrganizationalUnit {
  id: string;
  name: string;
  children: OrganizationalUnit[];
}

export interface SandboxAccount {
  id: string;
  name: string;
  email: string;
  parentId: string;
  state: 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';
}

export interface SandboxPermissionSet {
  arn: string;
  name: string;
  description: string;
  /** ISO 8601, as SSO Admin has it: PT1H. */
  sessionDuration: string;
}

export interface SandboxUser {
  id: string;
  userName: string;
  displayName: string;
  givenName: string;
  familyName: string;
  email: string;
  status: 'ENABLED' | 'DISABLED';
}

export interface SandboxGroup {
  id: string;
  displayName: string;
  description: string;
}

export interface SandboxAssignment {
  accountId: string;
  permissionSetArn: string;
  principalType: 'USER' | 'GROUP';
  principalId: string;
}
