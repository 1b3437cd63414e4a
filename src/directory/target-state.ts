import { DescribeAccountCommand } from '@aws-sdk/client-organizations';
import { DescribePermissionSetCommand } from '@aws-sdk/client-sso-admin';
import type { Priority } from '../platform/budget.ts';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, callAws, failureOf } from './aws-call.ts';
import { boundInstance } from './instance.ts';

/**
 * there: the account takes assignments, or will. suspended: it exists, and is suspended or closed, so that nobody can
 * use it and Identity Center changes nothing in it. gone: the organization does not have it any more.
 */
export type TargetState = 'there' | 'suspended' | 'gone';

interface TargetOptions {
  /** How urgent it is: 'poll' unless told otherwise. */
  priority?: Priority;
  signal?: AbortSignal;
}

/**
 * How AWS Organizations has the account at this moment. Throws `UnavailableError` where that cannot be known: `gone`
 * is a proof, and never concluded from silence. One that is being closed still works, says the AWS Organizations User
 * Guide, "Account states".
 */
export async function targetState(
  platform: Platform,
  accountId: string,
  options: TargetOptions = {},
): Promise<TargetState> {
  const state = await stateOf(platform, accountId, options);
  if (state === null) {
    // The same answer comes where it is Latchkey's own account that left the organization.
    const { managementAccountId } = await boundInstance(platform);
    if ((await stateOf(platform, managementAccountId, options)) !== null) return 'gone';
    throw new AwsReadError('away', "AWS Organizations does not know the organization's own management account.");
  }
  return state === 'SUSPENDED' || state === 'CLOSED' ? 'suspended' : 'there';
}

/** Null: there is no such account in the organization that the caller belongs to, or the caller belongs to none. */
async function stateOf(
  platform: Platform,
  accountId: string,
  { priority = 'poll', signal }: TargetOptions,
): Promise<string | null> {
  try {
    const answer = await callAws(
      platform,
      'organizations:DescribeAccount',
      { priority, attempts: 3, signal },
      (options) => platform.aws.organizations.send(new DescribeAccountCommand({ AccountId: accountId }), options),
    );
    return answer.Account?.State ?? answer.Account?.Status ?? 'UNKNOWN';
  } catch (error) {
    if (failureOf(error) === 'not-found') return null;
    if (error instanceof AwsReadError || failureOf(error) !== 'invalid') throw error;
    throw new AwsReadError('invalid', `AWS Organizations takes ${accountId} for no account ID.`, { cause: error });
  }
}

/** Whether the permission set exists at this moment. Throws `UnavailableError` where that cannot be known. */
export async function permissionSetThere(
  platform: Platform,
  permissionSetArn: string,
  { priority = 'poll', signal }: TargetOptions = {},
): Promise<boolean> {
  const { instanceArn } = await boundInstance(platform);
  const input = { InstanceArn: instanceArn, PermissionSetArn: permissionSetArn };
  try {
    await callAws(platform, 'sso:DescribePermissionSet', { priority, attempts: 3, signal }, (options) =>
      platform.aws.ssoAdmin.send(new DescribePermissionSetCommand(input), options),
    );
    return true;
  } catch (error) {
    if (failureOf(error) === 'not-found') return false;
    if (error instanceof AwsReadError || failureOf(error) !== 'invalid') throw error;
    throw new AwsReadError('invalid', `AWS takes ${permissionSetArn} for no permission set.`, { cause: error });
  }
}
