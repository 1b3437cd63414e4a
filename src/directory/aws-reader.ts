import { ListGroupMembershipsCommand, ListGroupsCommand, ListUsersCommand } from '@aws-sdk/client-identitystore';
import {
  DescribePermissionSetCommand,
  ListPermissionSetsCommand,
  ListPermissionSetsProvisionedToAccountCommand,
} from '@aws-sdk/client-sso-admin';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, type CallOptions, callAws, callAwsForAll, failureOf, isNoId } from './aws-call.ts';
import { eachOf } from './each-of.ts';
import type { Instance } from './instance.ts';
import { userFrom } from './live.ts';
import type { Progress } from './progress.ts';
import type { Group, PermissionSet, User } from './types.ts';

/**
 * How many permission sets are described, and groups read, at the same time; the budget paces them. Enough to use
 * twenty calls a second up also where AWS takes a third of one to answer.
 */
const AT_ONCE = 8;
/** AWS's default where a permission set names no session duration: one hour. */
const DEFAULT_SESSION_SECONDS = 3_600;

/** Every permission set of the instance, and which of them stand in the management account. Throws `AwsReadError`. */
export async function readPermissionSets(
  platform: Platform,
  { instanceArn, managementAccountId }: Instance,
  { onRead: _onRead, ...call }: CallOptions,
  progress: Progress,
): Promise<PermissionSet[]> {
  const { ssoAdmin } = platform.aws;
  const arns = await callAwsForAll(platform, 'sso:ListPermissionSets', call, async (NextToken, options) => {
    const command = new ListPermissionSetsCommand({ InstanceArn: instanceArn, MaxResults: 100, NextToken });
    const page = await ssoAdmin.send(command, options);
    return { items: page.PermissionSets, next: page.NextToken };
  });
  const inManagementAccount = new Set(
    await callAwsForAll(platform, 'sso:ListPermissionSetsProvisionedToAccount', call, async (NextToken, options) => {
      const command = new ListPermissionSetsProvisionedToAccountCommand({
        InstanceArn: instanceArn,
        AccountId: managementAccountId,
        MaxResults: 100,
        NextToken,
      });
      const page = await ssoAdmin.send(command, options);
      return { items: page.PermissionSets, next: page.NextToken };
    }),
  );
  const all = [...new Set(arns)];
  progress.expect(all.length);
  const described = await eachOf(all, AT_ONCE, async (arn): Promise<PermissionSet | null> => {
    const answer = await callAws(platform, 'sso:DescribePermissionSet', call, (options) =>
      ssoAdmin.send(new DescribePermissionSetCommand({ InstanceArn: instanceArn, PermissionSetArn: arn }), options),
    ).catch(nullWhereGone);
    progress.read(1);
    const found = answer?.PermissionSet;
    if (!found) return null;
    return {
      arn,
      name: found.Name ?? arn,
      description: found.Description ?? '',
      sessionSeconds: secondsOf(found.SessionDuration),
      inManagementAccount: inManagementAccount.has(arn),
    };
  });
  return described.filter((each) => each !== null);
}

/** Every user of the identity store. Throws `AwsReadError`. */
export async function readUsers(platform: Platform, { identityStoreId }: Instance, call: CallOptions): Promise<User[]> {
  const users = await callAwsForAll(platform, 'identitystore:ListUsers', call, async (NextToken, options) => {
    const command = new ListUsersCommand({ IdentityStoreId: identityStoreId, MaxResults: 100, NextToken });
    const page = await platform.aws.identityStore.send(command, options);
    // What is not needed of a page goes with it: 50,000 users as AWS tells them are large.
    return {
      items: page.Users?.flatMap((user) => (user.UserId ? [userFrom(user, user.UserId)] : [])),
      next: page.NextToken,
    };
  });
  if (users.length === 0) throw new AwsReadError('away', 'The identity store listed no user at all.');
  return users;
}

/** Every group of the identity store. Throws `AwsReadError`. */
export async function readGroups(
  platform: Platform,
  { identityStoreId }: Instance,
  call: CallOptions,
): Promise<Group[]> {
  return callAwsForAll(platform, 'identitystore:ListGroups', call, async (NextToken, options) => {
    const command = new ListGroupsCommand({ IdentityStoreId: identityStoreId, MaxResults: 100, NextToken });
    const page = await platform.aws.identityStore.send(command, options);
    const groups = page.Groups?.flatMap(({ GroupId, DisplayName, Description }) =>
      GroupId ? [{ id: GroupId, displayName: DisplayName || GroupId, description: Description ?? '' }] : [],
    );
    return { items: groups, next: page.NextToken };
  });
}

/** Who is in these groups. A group that no longer exists, or never could by its ID, has nobody in it. Throws `AwsReadError`. */
export async function readMemberships(
  platform: Platform,
  { identityStoreId }: Instance,
  groupIds: string[],
  { onRead: _onRead, ...call }: CallOptions,
  progress: Progress,
): Promise<{ groupId: string; userId: string }[]> {
  const all = [...new Set(groupIds)];
  progress.expect(all.length);
  const members = await eachOf(all, AT_ONCE, async (groupId) => {
    const userIds = await callAwsForAll(
      platform,
      'identitystore:ListGroupMemberships',
      call,
      async (NextToken, options) => {
        const command = new ListGroupMembershipsCommand({
          IdentityStoreId: identityStoreId,
          GroupId: groupId,
          MaxResults: 100,
          NextToken,
        });
        const page = await platform.aws.identityStore.send(command, options).catch((error: unknown) => {
          // Only the first page: of a later one it is the token that AWS finds wrong, and half a group is no group.
          if (NextToken === undefined && isNoId(error)) return { GroupMemberships: [], NextToken: undefined };
          throw error;
        });
        return {
          items: page.GroupMemberships?.flatMap(({ MemberId }) => MemberId?.UserId ?? []),
          next: page.NextToken,
        };
      },
    ).catch(nullWhereGone);
    progress.read(1);
    return (userIds ?? []).map((userId) => ({ groupId, userId }));
  });
  return members.flat();
}

function nullWhereGone(error: unknown): null {
  if (failureOf(error) === 'not-found') return null;
  throw error;
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** ISO 8601, as SSO Admin has it: PT8H. What cannot be read counts as AWS's longest, twelve hours: never too short. */
function secondsOf(duration: string | undefined): number {
  if (!duration) return DEFAULT_SESSION_SECONDS;
  const parts = DURATION.exec(duration);
  if (!parts) return 43_200;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return Math.max(1, Math.round(((days * 24 + hours) * 60 + minutes) * 60 + seconds));
}
