import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IdentitystoreClient } from '@aws-sdk/client-identitystore';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import {
  type AccountAssignmentOperationStatus,
  type CreateAccountAssignmentCommandInput,
  DescribeAccountAssignmentCreationStatusCommand,
  DescribeAccountAssignmentDeletionStatusCommand,
  ListAccountAssignmentsCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import { STSClient } from '@aws-sdk/client-sts';
import { onTestFinished } from 'vitest';
import { accessKeyOf } from '../../src/sandbox/aws/caller.ts';
import {
  DEMO_ACCOUNTS,
  DEMO_PEOPLE,
  DEMO_PERMISSION_SETS,
  demoOrganization,
  demoUserId,
} from '../../src/sandbox/demo-organization.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import type { SandboxAssignment } from '../../src/sandbox/organization.ts';

/** A sandbox with the demo company and without limits, unless the test asks for some; closed when the test is over. */
export async function sandboxForTest(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({
    organization: demoOrganization(),
    delayMs: 5,
    callsPerSecond: Number.POSITIVE_INFINITY,
    ...options,
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What the SDK takes from the environment, given by hand so that tests need not change the process's own. */
export function clientOptions(sandbox: Sandbox, credentials?: Credentials, region?: string) {
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = sandbox.environment;
  return {
    endpoint: AWS_ENDPOINT_URL!,
    region: region ?? AWS_REGION!,
    credentials: credentials ?? { accessKeyId: AWS_ACCESS_KEY_ID!, secretAccessKey: AWS_SECRET_ACCESS_KEY! },
    maxAttempts: 1,
  };
}

/** The real SDK's clients, as a delegated administrator has them. */
export function clientsOf(sandbox: Sandbox) {
  const options = clientOptions(sandbox);
  return {
    ssoAdmin: new SSOAdminClient(options),
    identityStore: new IdentitystoreClient(options),
    organizations: new OrganizationsClient(options),
    cloudTrail: new CloudTrailClient(options),
    sts: new STSClient(options),
  };
}

/** SSO Admin as somebody in the management account has it. */
export function managementClient(sandbox: Sandbox): SSOAdminClient {
  const accessKeyId = accessKeyOf(sandbox.organization.managementAccountId);
  return new SSOAdminClient(clientOptions(sandbox, { accessKeyId, secretAccessKey: 'sandbox' }));
}

/** The requester's ReadOnly in payments-prod, or something else about it. */
export function assignment(changes: Partial<SandboxAssignment> = {}): SandboxAssignment {
  return {
    accountId: DEMO_ACCOUNTS['payments-prod']!,
    permissionSetArn: DEMO_PERMISSION_SETS.ReadOnly!,
    principalType: 'USER',
    principalId: demoUserId(DEMO_PEOPLE.requester),
    ...changes,
  };
}

/** The input with which SSO Admin is asked to create or delete the assignment. */
export function writeInput(sandbox: Sandbox, changes: Partial<SandboxAssignment> = {}) {
  const { accountId, permissionSetArn, principalType, principalId } = assignment(changes);
  return {
    InstanceArn: sandbox.organization.instanceArn,
    TargetType: 'AWS_ACCOUNT',
    TargetId: accountId,
    PermissionSetArn: permissionSetArn,
    PrincipalType: principalType,
    PrincipalId: principalId,
  } satisfies CreateAccountAssignmentCommandInput;
}

/** Asks for a write's status until it is final. */
export async function finalStatus(
  sandbox: Sandbox,
  ssoAdmin: SSOAdminClient,
  kind: 'create' | 'delete',
  requestId: string,
): Promise<AccountAssignmentOperationStatus> {
  const { instanceArn: InstanceArn } = sandbox.organization;
  for (;;) {
    const status =
      kind === 'create'
        ? await ssoAdmin
            .send(
              new DescribeAccountAssignmentCreationStatusCommand({
                InstanceArn,
                AccountAssignmentCreationRequestId: requestId,
              }),
            )
            .then((answer) => answer.AccountAssignmentCreationStatus!)
        : await ssoAdmin
            .send(
              new DescribeAccountAssignmentDeletionStatusCommand({
                InstanceArn,
                AccountAssignmentDeletionRequestId: requestId,
              }),
            )
            .then((answer) => answer.AccountAssignmentDeletionStatus!);
    if (status.Status !== 'IN_PROGRESS') return status;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Who is assigned, as SSO Admin lists it. */
export async function listed(sandbox: Sandbox, ssoAdmin: SSOAdminClient, changes: Partial<SandboxAssignment> = {}) {
  const { accountId, permissionSetArn } = assignment(changes);
  const answer = await ssoAdmin.send(
    new ListAccountAssignmentsCommand({
      InstanceArn: sandbox.organization.instanceArn,
      AccountId: accountId,
      PermissionSetArn: permissionSetArn,
    }),
  );
  return answer.AccountAssignments!.map(({ PrincipalId }) => PrincipalId);
}
