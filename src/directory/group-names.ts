import { GetGroupIdCommand } from '@aws-sdk/client-identitystore';
import type { Platform } from '../platform/index.ts';
import { callAws, failureOf } from './aws-call.ts';
import { boundInstance } from './instance.ts';

/**
 * The ID of the one group that has this display name now, from Identity Center, which keeps them unique; null where
 * there is none. Throws where AWS is away or forbids it.
 */
export async function resolveGroupName(platform: Platform, displayName: string): Promise<string | null> {
  const { identityStoreId } = await boundInstance(platform);
  const input = {
    IdentityStoreId: identityStoreId,
    AlternateIdentifier: { UniqueAttribute: { AttributePath: 'displayName', AttributeValue: displayName } },
  };
  const call = { priority: 'poll' as const, attempts: 3 };
  try {
    const found = await callAws(platform, 'identitystore:GetGroupId', call, (options) =>
      platform.aws.identityStore.send(new GetGroupIdCommand(input), options),
    );
    return found.GroupId ?? null;
  } catch (error) {
    if (failureOf(error) === 'not-found') return null;
    throw error;
  }
}
