import { z } from 'zod';
import type { RecordIdentity } from './match.ts';

const Instant = z.string().transform((text, context) => {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  context.addIssue('not a time');
  return z.NEVER;
});

/** A CloudTrail record, as far as it is read here; what else it holds is kept as it came. */
const CloudTrailRecord = z.looseObject({
  eventID: z.string().min(1),
  eventTime: Instant,
  eventName: z.string(),
  eventSource: z.string(),
  awsRegion: z.string(),
  recipientAccountId: z.string().optional(),
  readOnly: z.boolean().optional(),
  errorCode: z.string().optional(),
  sourceIPAddress: z.string().optional(),
  userAgent: z.string().optional(),
  resources: z.array(z.looseObject({ ARN: z.string().optional() })).nullish(),
  requestParameters: z.record(z.string(), z.unknown()).nullish(),
  userIdentity: z.looseObject({
    type: z.string().optional(),
    principalId: z.string().optional(),
    onBehalfOf: z.looseObject({ userId: z.string().optional() }).optional(),
    sessionContext: z
      .looseObject({
        sessionIssuer: z.looseObject({ userName: z.string().optional() }).optional(),
        attributes: z.looseObject({ creationDate: Instant.optional() }).optional(),
      })
      .optional(),
  }),
});

export interface ActivityEvent {
  eventId: string;
  accountId: string;
  at: Date;
  name: string;
  service: string;
  region: string;
  resource: string;
  error: string;
  sourceAddress: string;
  userAgent: string;
  readOnly: boolean;
  identity: RecordIdentity;
  record: Record<string, unknown>;
}

/** The event in a `CloudTrailEvent` text; null where it is not a record that can be read. */
export function parseRecord(text: string | undefined): ActivityEvent | null {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  const parsed = CloudTrailRecord.safeParse(json);
  if (!parsed.success) return null;
  const it = parsed.data;
  const session = it.userIdentity.sessionContext;
  return {
    eventId: it.eventID,
    accountId: it.recipientAccountId ?? '',
    at: it.eventTime,
    name: it.eventName,
    service: it.eventSource.replace(/\.amazonaws\.com(\.cn)?$/, ''),
    region: it.awsRegion,
    resource: resourceOf(it),
    error: it.errorCode ?? '',
    sourceAddress: it.sourceIPAddress ?? '',
    userAgent: it.userAgent ?? '',
    readOnly: it.readOnly ?? false,
    identity: {
      recipientAccountId: it.recipientAccountId,
      eventTime: it.eventTime,
      identityType: it.userIdentity.type,
      principalId: it.userIdentity.principalId,
      issuerUserName: session?.sessionIssuer?.userName,
      sessionStartedAt: session?.attributes?.creationDate,
      onBehalfOfUserId: it.userIdentity.onBehalfOf?.userId,
    },
    record: json as Record<string, unknown>,
  };
}

/** The first resource that the record names, or the first plain request parameter that looks like one. */
function resourceOf(it: z.infer<typeof CloudTrailRecord>): string {
  const arn = it.resources?.find((each) => each.ARN !== undefined)?.ARN;
  if (arn !== undefined) return arn;
  const named = Object.entries(it.requestParameters ?? {}).find(
    ([key, value]) => typeof value === 'string' && /(name|id|arn|identifier|key)$/i.test(key),
  );
  return named === undefined ? '' : String(named[1]).slice(0, 300);
}
