/** An account as the synced copy has it. Only accounts whose `state` is ACTIVE are offered. */
export interface Account {
  id: string;
  name: string;
  email: string;
  state: string;
  /** Its OUs by name, from the root: 'Root / Workloads / Production'. */
  ouPath: string;
  /** The IDs of the OUs above it, the root first, its own parent last. */
  ancestorIds: string[];
  isManagement: boolean;
}

export interface OrganizationalUnit {
  id: string;
  name: string;
  parentId: string | null;
  path: string;
  ancestorIds: string[];
}

export interface PermissionSet {
  arn: string;
  name: string;
  description: string;
  sessionSeconds: number;
  /** Provisioned to the management account: not ours to assign from a delegated administrator. */
  inManagementAccount: boolean;
}

export interface User {
  id: string;
  userName: string;
  displayName: string;
  email: string | null;
  enabled: boolean;
}

export interface Group {
  id: string;
  displayName: string;
  description: string;
}
