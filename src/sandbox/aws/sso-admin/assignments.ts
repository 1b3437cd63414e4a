import { z } from 'zod';
import type { SandboxAssignment } from '../../organization.ts';
import { accessDenied, notFound } from '../errors.ts';
import { type CallContext, operation } from '../operation.ts';
import * as field from '../patterns.ts';
import { acceptCreate, acceptDelete } from './accept-write.ts';
import type { WriteStatus } from './assignment-writes.ts';
import { checkAccount, checkInstance, findPermissionSet, ssoPage } from './instance.ts';

const page = { MaxResults: field.maxResults(100), NextToken: field.ssoNextToken };
const principalType = z.enum(['USER', 'GROUP'], 'Member must satisfy enum value set: [USER, GROUP]');
const writeInput = z.object({
  InstanceArn: field.instanceArn,
  TargetId: field.accountId,
  TargetType: z.literal('AWS_ACCOUNT', 'Member must satisfy enum value set: [AWS_ACCOUNT]'),
  PermissionSetArn: field.permissionSetArn,
  PrincipalType: principalType,
  PrincipalId: field.principalId,
});
const statusFilter = z.object({ Status: z.enum(['IN_PROGRESS', 'FAILED', 'SUCCEEDED']).optional() }).optional();
const statusListInput = z.object({ InstanceArn: field.instanceArn, Filter: statusFilter, ...page });

/** What SSO Admin does with account assignments. */
export const assignmentOperations = {
  CreateAccountAssignment: operation(writeInput, (input, context) => {
    checkInstance(input.InstanceArn, context);
    return { AccountAssignmentCreationStatus: statusOf(acceptCreate(assignmentOf(input), context)) };
  }),

  DeleteAccountAssignment: operation(writeInput, (input, context) => {
    checkInstance(input.InstanceArn, context);
    return { AccountAssignmentDeletionStatus: statusOf(acceptDelete(assignmentOf(input), context)) };
  }),

  DescribeAccountAssignmentCreationStatus: operation(
    z.object({ InstanceArn: field.instanceArn, AccountAssignmentCreationRequestId: field.writeRequestId }),
    (input, context) => {
      checkInstance(input.InstanceArn, context);
      const write = findWrite('create', input.AccountAssignmentCreationRequestId, context);
      return { AccountAssignmentCreationStatus: statusOf(write) };
    },
  ),

  DescribeAccountAssignmentDeletionStatus: operation(
    z.object({ InstanceArn: field.instanceArn, AccountAssignmentDeletionRequestId: field.writeRequestId }),
    (input, context) => {
      checkInstance(input.InstanceArn, context);
      const write = findWrite('delete', input.AccountAssignmentDeletionRequestId, context);
      return { AccountAssignmentDeletionStatus: statusOf(write) };
    },
  ),

  ListAccountAssignmentCreationStatus: operation(statusListInput, (input, context) => {
    const { page: AccountAssignmentsCreationStatus, NextToken } = listWrites('create', input, context);
    return { AccountAssignmentsCreationStatus, NextToken };
  }),

  ListAccountAssignmentDeletionStatus: operation(statusListInput, (input, context) => {
    const { page: AccountAssignmentsDeletionStatus, NextToken } = listWrites('delete', input, context);
    return { AccountAssignmentsDeletionStatus, NextToken };
  }),

  ListAccountAssignments: operation(
    z.object({
      InstanceArn: field.instanceArn,
      AccountId: field.accountId,
      PermissionSetArn: field.permissionSetArn,
      ...page,
    }),
    (input, context) => {
      checkInstance(input.InstanceArn, context);
      checkAccount(input.AccountId, context);
      findPermissionSet(input.PermissionSetArn, context);
      const { assignments, faults } = context.services;
      const found = assignments.ofPermissionSetInAccount(input.AccountId, input.PermissionSetArn, faults.listLagMs);
      const { page: here, NextToken } = ssoPage('ListAccountAssignments', found, input);
      return { AccountAssignments: here.map(described), NextToken };
    },
  ),

  ListAccountAssignmentsForPrincipal: operation(
    z.object({
      InstanceArn: field.instanceArn,
      PrincipalId: field.principalId,
      PrincipalType: principalType,
      Filter: z.object({ AccountId: field.accountId.optional() }).optional(),
      ...page,
    }),
    (input, context) => {
      checkInstance(input.InstanceArn, context);
      const { assignments, faults, organization } = context.services;
      // "This action must be called from the management account containing your organization instance" (service model).
      if (context.caller.accountId !== organization.managementAccountId) {
        throw accessDenied('ListAccountAssignmentsForPrincipal must be called from the management account');
      }
      const ids = new Set([input.PrincipalId, ...groupsOf(input.PrincipalType, input.PrincipalId, context)]);
      const everywhere = assignments.ofPrincipals(ids, faults.listLagMs);
      const found = everywhere.filter(({ accountId }) => accountId === (input.Filter?.AccountId ?? accountId));
      const { page: here, NextToken } = ssoPage('ListAccountAssignmentsForPrincipal', found, input);
      return { AccountAssignments: here.map(described), NextToken };
    },
  ),
};

/** AWS does not say whether what a user has through groups is listed; whoever asks must tell them apart. */
function groupsOf(type: 'USER' | 'GROUP', id: string, { services }: CallContext): string[] {
  if (type === 'GROUP') return [];
  const { memberships } = services.organization;
  return [...memberships].filter(([, members]) => members.has(id)).map(([groupId]) => groupId);
}

function described({ accountId, permissionSetArn, principalType, principalId }: SandboxAssignment) {
  return {
    AccountId: accountId,
    PermissionSetArn: permissionSetArn,
    PrincipalType: principalType,
    PrincipalId: principalId,
  };
}

function assignmentOf(input: z.output<typeof writeInput>): SandboxAssignment {
  return {
    accountId: input.TargetId,
    permissionSetArn: input.PermissionSetArn,
    principalType: input.PrincipalType,
    principalId: input.PrincipalId,
  };
}

function statusOf(write: WriteStatus) {
  return {
    Status: write.status,
    RequestId: write.requestId,
    FailureReason: write.status === 'FAILED' ? write.failureReason : undefined,
    TargetId: write.accountId,
    TargetType: 'AWS_ACCOUNT',
    PermissionSetArn: write.permissionSetArn,
    PrincipalType: write.principalType,
    PrincipalId: write.principalId,
    CreatedDate: write.createdAt / 1000,
  };
}

function findWrite(kind: WriteStatus['kind'], requestId: string, { services, writes }: CallContext): WriteStatus {
  const write = services.faults.loseStatus ? undefined : writes.find(kind, requestId);
  if (!write) throw notFound(`Request not found: ${requestId}`);
  return write;
}

function listWrites(kind: WriteStatus['kind'], input: z.output<typeof statusListInput>, context: CallContext) {
  checkInstance(input.InstanceArn, context);
  const wanted = input.Filter?.Status;
  const fitting = context.writes.list().filter((write) => write.kind === kind && (!wanted || write.status === wanted));
  // Newest first, and nothing of whom or what: only Describe… tells that.
  const shown = fitting.reverse().map(({ status, requestId, createdAt }) => ({
    Status: status,
    RequestId: requestId,
    CreatedDate: createdAt / 1000,
  }));
  return ssoPage(`List ${kind}`, shown, input);
}
