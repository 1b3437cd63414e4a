import { type AssignmentWrite, hits } from '../../faults.ts';
import type { SandboxAssignment } from '../../organization.ts';
import { AwsError, accessDenied, notFound } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { WriteStatus } from './assignment-writes.ts';
import { checkAccount, findPermissionSet } from './instance.ts';

/** Accepts a create, or refuses it as Identity Center does. An assignment that already exists is no reason to. */
export function acceptCreate(assignment: SandboxAssignment, context: CallContext): WriteStatus {
  const write: AssignmentWrite = { kind: 'create', ...assignment };
  checkAllowed(write, context);
  checkAccount(write.accountId, context);
  findPermissionSet(write.permissionSetArn, context);
  checkPrincipal(write, context);
  checkDelegation(write, context);
  checkConflict(write, context);
  const { faults } = context.services;
  const outstanding = context.writes.underWay().filter(({ kind }) => kind === 'create').length;
  if (outstanding >= context.outstandingCreates) {
    throw new AwsError('ThrottlingException', 'Too many outstanding account assignment creation requests');
  }
  if (hits(faults.quotaExceeded, write)) {
    throw new AwsError('ServiceQuotaExceededException', 'You have exceeded AWS SSO limits. Cannot create more items');
  }
  return context.writes.accept(write, failureOf(write, context) ?? unusableAccount(write, context));
}

/** Accepts a delete, or refuses it as Identity Center does. The user or group itself may be long gone. */
export function acceptDelete(assignment: SandboxAssignment, context: CallContext): WriteStatus {
  const write: AssignmentWrite = { kind: 'delete', ...assignment };
  const { assignments, faults } = context.services;
  checkAllowed(write, context);
  checkAccount(write.accountId, context);
  findPermissionSet(write.permissionSetArn, context);
  checkDelegation(write, context);
  checkConflict(write, context);
  const absent = assignments.has(assignment) ? undefined : 'Account assignment does not exist';
  if (absent !== undefined && !faults.absentDeleteFails) throw notFound(absent);
  return context.writes.accept(write, failureOf(write, context) ?? absent ?? unusableAccount(write, context));
}

function checkAllowed(write: AssignmentWrite, { services }: CallContext): void {
  if (!hits(services.faults.forbidden, write)) return;
  const action = write.kind === 'create' ? 'CreateAccountAssignment' : 'DeleteAccountAssignment';
  throw accessDenied(`User is not authorized to perform: sso:${action}`);
}

function checkPrincipal({ principalType, principalId }: AssignmentWrite, { services }: CallContext): void {
  const { users, groups } = services.organization;
  const principals: { id: string }[] = principalType === 'USER' ? users : groups;
  if (principals.some(({ id }) => id === principalId)) return;
  throw notFound(`${principalType} not found: ${principalId}`);
}

/** A delegated administrator's hands are off the management account, and off whatever is provisioned there. */
function checkDelegation(write: AssignmentWrite, { caller, services }: CallContext): void {
  const { managementAccountId } = services.organization;
  if (caller.accountId === managementAccountId) return;
  if (write.accountId === managementAccountId) {
    throw accessDenied('You cannot assign or remove access to the management account as a delegated administrator');
  }
  if (services.assignments.accountsWith(write.permissionSetArn).includes(managementAccountId)) {
    const verb = write.kind === 'create' ? 'assign' : 'remove';
    throw accessDenied(`You cannot ${verb} access to permission sets provisioned in the management account`);
  }
}

/** One role at a time is changed in an account: a second write to it must wait. */
function checkConflict(write: AssignmentWrite, { services, writes }: CallContext): void {
  const busy = writes
    .underWay()
    .some((other) => other.accountId === write.accountId && other.permissionSetArn === write.permissionSetArn);
  if (!busy && Math.random() >= services.faults.conflictShare) return;
  throw new AwsError('ConflictException', 'There is a conflicting operation in process, please try again later');
}

function failureOf(write: AssignmentWrite, { services: { faults } }: CallContext): string | undefined {
  return faults.failWhen?.(write) ?? faults.failNext.shift();
}

/** An account that is being closed still works (AWS Organizations User Guide, "Account states"). */
function unusableAccount({ accountId }: AssignmentWrite, { services }: CallContext): string | undefined {
  const account = services.organization.accounts.find(({ id }) => id === accountId);
  if (account?.state === 'ACTIVE' || account?.state === 'PENDING_CLOSURE') return undefined;
  return (
    'AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account ' +
    `'${accountId}' takes longer than usual. Please try again in a few minutes. If this problem continues, contact ` +
    'AWS Support.'
  );
}
