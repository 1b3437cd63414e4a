import { DEMO_ACCOUNTS, demoAccounts, demoRoot, IDENTITY_ACCOUNT_ID, MANAGEMENT_ACCOUNT_ID } from './demo/accounts.ts';
import { demoGroupId, demoGroups, demoMemberships } from './demo/groups.ts';
import { demoUserId, demoUsers, IDENTITY_STORE_ID } from './demo/people.ts';
import { DEMO_PERMISSION_SETS, demoPermissionSets, INSTANCE_ARN } from './demo/permission-sets.ts';
import type { Organization, SandboxAssignment } from './organization.ts';

export { DEMO_ACCOUNTS, DEMO_UNITS } from './demo/accounts.ts';
export { ADMIN_GROUP, AUDITOR_GROUP, demoGroupId } from './demo/groups.ts';
export { DEMO_FEATURED_PEOPLE, DEMO_PEOPLE, demoUserId } from './demo/people.ts';
export { DEMO_PERMISSION_SETS, INSTANCE_ARN as DEMO_INSTANCE_ARN } from './demo/permission-sets.ts';

/** The demo company, Example Corp: always the same IDs, a fresh object each time. */
export function demoOrganization(): Organization {
  return {
    id: 'o-ex4mpl3c0rp',
    region: 'eu-west-1',
    managementAccountId: MANAGEMENT_ACCOUNT_ID,
    delegatedAdministratorAccountId: IDENTITY_ACCOUNT_ID,
    instanceArn: INSTANCE_ARN,
    identityStoreId: IDENTITY_STORE_ID,
    root: demoRoot(),
    accounts: demoAccounts(),
    permissionSets: demoPermissionSets(),
    users: demoUsers(),
    groups: demoGroups(),
    memberships: demoMemberships(),
    standingAssignments: standingAssignments(),
  };
}

/** What administrators assigned by hand long ago: some to groups as it should be, some to people and forgotten. */
function standingAssignments(): SandboxAssignment[] {
  return [
    ...['payments-prod', 'storefront-prod', 'data-prod', 'log-archive', 'security-tooling'].map((account) =>
      assigned(account, 'SecurityAudit', 'GROUP', demoGroupId('Security Auditors')),
    ),
    ...['sandbox-payments', 'sandbox-machine-learning', 'sandbox-hackathon'].map((account) =>
      assigned(account, 'PowerUser', 'GROUP', demoGroupId('All Staff')),
    ),
    ...['payments-prod', 'storefront-prod', 'monitoring'].map((account) =>
      assigned(account, 'LogsReader', 'GROUP', demoGroupId('SRE On-call')),
    ),
    assigned('payments-dev', 'PowerUser', 'GROUP', demoGroupId('Payments Engineers')),
    assigned('shared-services', 'Billing', 'GROUP', demoGroupId('Finance')),
    assigned('data-prod', 'DatabaseAdmin', 'USER', demoUserId('dario.conti')),
    assigned('network', 'NetworkAdmin', 'USER', demoUserId('nora.bakke')),
    assigned('search-staging', 'AdministratorAccess', 'USER', demoUserId('viktor.petrov')),
    // This puts OrganizationAdmin beyond the reach of a delegated administrator, in every account.
    assigned('example-management', 'OrganizationAdmin', 'USER', demoUserId('ines.moreau')),
  ];
}

function assigned(
  account: string,
  permissionSet: string,
  principalType: 'USER' | 'GROUP',
  principalId: string,
): SandboxAssignment {
  return {
    accountId: named(DEMO_ACCOUNTS, account),
    permissionSetArn: named(DEMO_PERMISSION_SETS, permissionSet),
    principalType,
    principalId,
  };
}

function named(things: Record<string, string>, name: string): string {
  const id = things[name];
  if (id === undefined) throw new Error(`The demo company has no ${name}.`);
  return id;
}
