import {
  DescribeUserCommand,
  type DescribeUserCommandOutput,
  GetUserIdCommand,
  ListGroupMembershipsForMemberCommand,
} from '@aws-sdk/client-identitystore';
import type { Priority } from '../platform/budget.ts';
import { UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, type CallOptions, callAws, callAwsForAll, failureOf, isUserGone } from './aws-call.ts';
import { boundInstance } from './instance.ts';
import type { User } from './types.ts';

interface LiveOptions {
  /** How urgent it is: 'grant' unless told otherwise. */
  priority?: Priority;
  signal?: AbortSignal;
}

/** A person as Identity Center has them at this moment. */
export interface PersonNow {
  user: User;
  /** All of their groups. */
  groupIds: string[];
}

/**
 * The person with all of their groups, from Identity Center and not from the copy: for whatever gives a right. Null
 * where the user no longer exists; a disabled one is returned, see `user.enabled`. Throws `UnavailableError` where
 * AWS is away, throttles or forbids it.
 */
export async function readPersonNow(
  platform: Platform,
  userId: string,
  options: LiveOptions = {},
): Promise<PersonNow | null> {
  return live(options, async (call) => {
    const [user, groupIds] = await Promise.all([
      describeUser(platform, userId, call),
      listGroupIds(platform, userId, call),
    ]);
    return user === null || groupIds === null ? null : { user, groupIds };
  });
}

/**
 * The one user who signs in with this name, from Identity Center; null where there is none, or more than one by the
 * several ways in which Unicode writes the same letters. A disabled one is returned, see `enabled`. Throws as
 * `readPersonNow`.
 */
export async function resolveUserName(
  platform: Platform,
  userName: string,
  options: LiveOptions = {},
): Promise<User | null> {
  return live(options, async (call) => {
    const spellings = new Set([userName, userName.normalize('NFC'), userName.normalize('NFD')]);
    const ids = new Set<string>();
    for (const spelling of spellings) {
      const id = await getUserId(platform, spelling, call);
      if (id !== null) ids.add(id);
    }
    const [id] = ids;
    if (id === undefined || ids.size > 1) return null;
    const user = await describeUser(platform, id, call);
    if (user === null || comparable(user.userName) !== comparable(userName)) return null;
    return user;
  });
}

/** One DescribeUser; null where the user does not exist. */
export async function describeUser(platform: Platform, userId: string, call: CallOptions): Promise<User | null> {
  const { identityStoreId } = await boundInstance(platform);
  try {
    const user = await callAws(platform, 'identitystore:DescribeUser', call, (options) =>
      platform.aws.identityStore.send(
        new DescribeUserCommand({ IdentityStoreId: identityStoreId, UserId: userId }),
        options,
      ),
    );
    return userFrom(user, userId);
  } catch (error) {
    // What is not shaped like an ID is nobody's.
    if (isUserGone(error) || failureOf(error) === 'invalid') return null;
    throw asReadError(error);
  }
}

/** A user as Identity Center describes them. */
export function userFrom(
  user: Pick<DescribeUserCommandOutput, 'UserName' | 'DisplayName' | 'Name' | 'Emails' | 'UserStatus'>,
  id: string,
): User {
  const userName = user.UserName ?? id;
  const fullName = [user.Name?.GivenName, user.Name?.FamilyName].filter(Boolean).join(' ');
  const email = user.Emails?.find((each) => each.Primary)?.Value ?? user.Emails?.[0]?.Value;
  return {
    id,
    userName,
    displayName: oneLine(user.DisplayName || user.Name?.Formatted || fullName) || userName,
    email: email || null,
    // The status is optional in the API; only who is said to be disabled is.
    enabled: user.UserStatus !== 'DISABLED',
  };
}

/**
 * A name that stays within its own words: people may choose theirs, Identity Center takes line breaks in it, and what
 * turns the direction of writing would reorder the sentence that an approver reads around it.
 */
function oneLine(name: string): string {
  return name
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

async function getUserId(platform: Platform, userName: string, call: CallOptions): Promise<string | null> {
  if (userName === '') return null;
  const { identityStoreId } = await boundInstance(platform);
  try {
    const found = await callAws(platform, 'identitystore:GetUserId', call, (options) =>
      platform.aws.identityStore.send(
        new GetUserIdCommand({
          IdentityStoreId: identityStoreId,
          AlternateIdentifier: { UniqueAttribute: { AttributePath: 'userName', AttributeValue: userName } },
        }),
        options,
      ),
    );
    return found.UserId ?? null;
  } catch (error) {
    if (isUserGone(error) || failureOf(error) === 'invalid') return null;
    throw asReadError(error);
  }
}

/** All groups of the user; null where there is no such user any more. Throws `AwsReadError`. */
export async function listGroupIds(platform: Platform, userId: string, call: CallOptions): Promise<string[] | null> {
  const { identityStoreId } = await boundInstance(platform);
  try {
    return await callAwsForAll(
      platform,
      'identitystore:ListGroupMembershipsForMember',
      call,
      async (NextToken, options) => {
        const page = await platform.aws.identityStore.send(
          new ListGroupMembershipsForMemberCommand({
            IdentityStoreId: identityStoreId,
            MemberId: { UserId: userId },
            NextToken,
          }),
          options,
        );
        return { items: page.GroupMemberships?.flatMap(({ GroupId }) => GroupId ?? []), next: page.NextToken };
      },
    );
  } catch (error) {
    if (isUserGone(error) || failureOf(error) === 'invalid') return null;
    throw asReadError(error);
  }
}

async function live<Result>(options: LiveOptions, work: (call: CallOptions) => Promise<Result>): Promise<Result> {
  try {
    return await work({ priority: options.priority ?? 'grant', attempts: 3, signal: options.signal });
  } catch (error) {
    if (!(error instanceof AwsReadError)) throw error;
    throw new UnavailableError(`identity-center-${error.failure}`, SENTENCES[error.failure], { cause: error });
  }
}

const AWAY =
  'IAM Identity Center cannot be reached at the moment, so Latchkey cannot check what you may do. Nothing was changed; try again in a minute.';
const SENTENCES: Record<AwsReadError['failure'], string> = {
  away: AWAY,
  throttled:
    'IAM Identity Center is too busy at the moment, so Latchkey cannot check what you may do. Nothing was changed; try again in a minute.',
  denied:
    'IAM Identity Center does not let Latchkey read its users and groups, so it cannot check what you may do. Nothing was changed; please tell an administrator of Latchkey.',
  'not-found': AWAY,
  invalid: AWAY,
};

function asReadError(error: unknown): unknown {
  const failure = failureOf(error);
  if (error instanceof AwsReadError || (failure !== 'not-found' && failure !== 'invalid')) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new AwsReadError(failure, `Identity Center refused what Latchkey asked (${message}).`, { cause: error });
}

function comparable(userName: string): string {
  return userName.normalize('NFC').toLowerCase();
}
