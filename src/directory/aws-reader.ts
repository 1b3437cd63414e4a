import { ListGroupMembershipsCommand, ListGroupsCommand, ListUsersCommand } from '@aws-sdk/client-identitystore';
import {
  DescribePermissionSetCommand,
  ListPermissionSetsCommand,
  ListPermissionSetsProvisionedToAccountCommand,
} from '@aws-sdk/client-sso-admin';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, type CallOptions, callAws, callAwsForAll, failureOf } from './aws-call.ts';
import type { Instance } from './instance.ts';
import { userFrom } from './live.ts';
import type { Group, PermissionSet, User } from './types.ts';

/** How many permission sets are described, and groups read, at the same time; the budget paces them. */
const AT_ONCE = 4;
/** AWS's default where a permission set names no session duration: one hour. */
const DEFAULT_SESSION_SECONDS = 3_600;

/** Every permission set of the instance, and which of them stand in the management account. Throws `AwsReadError`. */
export async function readPermissionSets(
  platform: Platform,
  { instanceArn, managementAccountId }: Instance,
  call: CallOptions,
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
  const described = await eachOf(arns, async (arn): Promise<PermissionSet | null> => {
    const answer = await callAws(platform, 'sso:DescribePermissionSet', call, (options) =>
      ssoAdmin.send(new DescribePermissionSetCommand({ InstanceArn: instanceArn, PermissionSetArn: arn }), options),
    ).catch(nullWhereGone);
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
    return { items: page.Users, next: page.NextToken };
  });
  if (users.length === 0) throw new AwsReadError('away', 'The identity store listed no user at all.');
  return users.flatMap((user) => (user.UserId ? [userFrom(user, user.UserId)] : []));
}

/** Every group of the identity store. Throws `AwsReadError`. */
export async function readGroups(
  platform: Platform,
  { identityStoreId }: Instance,
  call: CallOptions,
): Promise<Group[]> {
  const groups = await callAwsForAll(platform, 'identitystore:ListGroups', call, async (NextToken, options) => {
    const command = new ListGroupsCommand({ IdentityStoreId: identityStoreId, MaxResults: 100, NextToken });
    const page = await platform.aws.identityStore.send(command, options);
    return { items: page.Groups, next: page.NextToken };
  });
  return groups.flatMap(({ GroupId, DisplayName, Description }) =>
    GroupId ? [{ id: GroupId, displayName: DisplayName || GroupId, description: Description ?? '' }] : [],
  );
}

/** Who is in these groups. A group that no longer exists has nobody in it. Throws `AwsReadError`. */
export async function readMemberships(
  platform: Platform,
  { identityStoreId }: Instance,
  groupIds: string[],
  call: CallOptions,
): Promise<{ groupId: string; userId: string }[]> {
  const members = await eachOf([...new Set(groupIds)], async (groupId) => {
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
        const page = await platform.aws.identityStore.send(command, options);
        return {
          items: page.GroupMemberships?.flatMap(({ MemberId }) => MemberId?.UserId ?? []),
          next: page.NextToken,
        };
      },
    ).catch(nullWhereGone);
    return (userIds ?? []).map((userId) => ({ groupId, userId }));
  });
  return members.flat();
}

function nullWhereGone(error: unknown): null {
  if (failureOf(error) === 'not-found') return null;
  throw error;
}

/** In the given order, a few at a time; the first failure is thrown, and nothing more is started after it. */
async function eachOf<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [position, item] of rest) {
      if (failed) return;
      try {
        results[position] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
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
