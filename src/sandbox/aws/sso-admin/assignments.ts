import { z } from 'zod';
import type { SandboxAssignment } from '../../organization.ts';
import { notFound } from '../errors.ts';
import { type CallContext, operation } from '../operation.ts';
import * as field from '../patterns.ts';
import { acceptCreate, acceptDelete } from './accept-write.ts';
import type { WriteStatus } from './assignment-writes.ts';
import { checkAccount, checkInstance, findPermissionSet, ssoPage } from './instance.ts';

const page = { MaxResults: field.maxResults(100), NextToken: field.ssoNextToken };
const writeInput = z.object({
  InstanceArn: field.instanceArn,
  TargetId: field.accountId,
  TargetType: z.literal('AWS_ACCOUNT', 'Member must satisfy enum value set: [AWS_ACCOUNT]'),
  PermissionSetArn: field.permissionSetArn,
  PrincipalType: z.enum(['USER', 'GROUP'], 'Member must satisfy enum value set: [USER, GROUP]'),
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
      const AccountAssignments = here.map(({ accountId, permissionSetArn, principalType, principalId }) => ({
        AccountId: accountId,
        PermissionSetArn: permissionSetArn,
        PrincipalType: principalType,
        PrincipalId: principalId,
      }));
      return { AccountAssignments, NextToken };
    },
  ),
};

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
