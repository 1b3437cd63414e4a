import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { CloudTrailCredentials } from '../platform/aws.ts';
import type { Platform } from '../platform/index.ts';
import { type ActivityEvent, parseRecord } from './record.ts';

export interface EventRange {
  partition: string;
  accountId: string;
  region: string;
  userName: string;
  from: Date;
  to: Date;
}

/**
 * Reads the management events of one user name in one account and Region from CloudTrail's event history, through
 * the role that the portal assumes there.
 */
export interface EventSource {
  read(range: EventRange, signal?: AbortSignal): AsyncIterable<ActivityEvent[]>;
}

/** Credentials are renewed when less than this is left of them. */
const RENEW_BEFORE_MS = 5 * 60_000;

export function createCloudTrailSource({ aws, budget }: Platform, roleName: string): EventSource {
  const cache = new Map<string, { credentials: CloudTrailCredentials; until: number }>();

  async function credentialsFor(partition: string, accountId: string): Promise<CloudTrailCredentials> {
    const cached = cache.get(accountId);
    if (cached && cached.until - Date.now() > RENEW_BEFORE_MS) return cached.credentials;
    const { Credentials } = await aws.sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:${partition}:iam::${accountId}:role/${roleName}`,
        RoleSessionName: 'latchkey-activity',
        DurationSeconds: 3600,
      }),
    );
    if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken) {
      throw new Error(`STS gave no credentials for ${roleName} in ${accountId}`);
    }
    const credentials = {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    };
    cache.set(accountId, { credentials, until: Credentials.Expiration?.getTime() ?? Date.now() + 3_600_000 });
    return credentials;
  }

  return {
    async *read({ partition, accountId, region, userName, from, to }, signal) {
      const client = aws.cloudTrail(region, await credentialsFor(partition, accountId));
      try {
        let NextToken: string | undefined;
        do {
          signal?.throwIfAborted();
          await budget.take(`cloudtrail:LookupEvents|${accountId}|${region}`, 'poll', signal);
          const page = await client.send(
            new LookupEventsCommand({
              LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: userName }],
              StartTime: from,
              EndTime: to,
              MaxResults: 50,
              NextToken,
            }),
            signal ? { abortSignal: signal } : {},
          );
          const events = (page.Events ?? []).map((event) => parseRecord(event.CloudTrailEvent));
          yield events.filter((event) => event !== null);
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
      } finally {
        client.destroy();
      }
    },
  };
}
