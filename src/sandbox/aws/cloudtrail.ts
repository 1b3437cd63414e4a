import { z } from 'zod';
import type { CloudTrailRecord } from '../cloudtrail-store.ts';
import { AwsError } from './errors.ts';
import { type AwsService, type Operation, operation } from './operation.ts';
import { pageOf } from './pages.ts';

const NINETY_DAYS_MS = 90 * 24 * 60 * 60 * 1000;

const attributeKeys = z.enum([
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
]);
const lookupInput = z.object({
  LookupAttributes: z
    .array(z.object({ AttributeKey: attributeKeys, AttributeValue: z.string().min(1).max(2_000) }))
    .max(1, 'Only one lookup attribute can be specified')
    .optional(),
  // Times arrive as seconds since 1970.
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  EventCategory: z.string().optional(),
  MaxResults: z.int().min(1).max(50).optional(),
  NextToken: z.string().optional(),
});

type LookupInput = z.output<typeof lookupInput>;

const operations = {
  LookupEvents: operation(lookupInput, (input, { services, caller }) => {
    const now = services.clock.now().getTime();
    const from = Math.max(now - NINETY_DAYS_MS, (input.StartTime ?? 0) * 1000);
    const to = input.EndTime === undefined ? now : input.EndTime * 1000;
    if (from > to) throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.');
    const attribute = input.LookupAttributes?.[0];

    // The delay is measured on the machine's own clock, on which the events were recorded.
    const found = services.events
      .list(Date.now() - services.faults.eventDelayMs)
      .filter(
        ({ recipientAccountId, awsRegion }) => recipientAccountId === caller.accountId && awsRegion === caller.region,
      )
      .filter((record) => Date.parse(record.eventTime) >= from && Date.parse(record.eventTime) <= to)
      .map(eventOf)
      .filter(
        (event) =>
          attribute === undefined || valuesOf(event, attribute.AttributeKey).includes(attribute.AttributeValue),
      )
      .sort((a, b) => b.EventTime - a.EventTime || compare(a.EventId, b.EventId));

    const { page: Events, NextToken } = pageOf(found, input, {
      query: [input.StartTime, input.EndTime, attribute, caller.accountId, caller.region],
      defaultSize: 50,
      badToken: () => new AwsError('InvalidNextTokenException', 'Invalid token or token that was already used.'),
    });
    return { Events, NextToken };
  }),
};

/** CloudTrail: the events of the caller's account in the Region that the request is signed for. */
export function cloudTrail(): AwsService {
  return {
    name: 'cloudtrail',
    operations: new Map<string, Operation>(Object.entries(operations)),
    limitOf: (name, { caller }) => ({
      shared: `${name} ${caller.accountId} ${caller.region}`,
      perSecond: 2,
      burst: 2,
    }),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    invalidInput: (member, problem) => new AwsError(invalidCode(member), problem),
  };
}

function invalidCode(member: string): string {
  if (member.startsWith('LookupAttributes')) return 'InvalidLookupAttributesException';
  if (member === 'MaxResults') return 'InvalidMaxResultsException';
  if (member === 'NextToken') return 'InvalidNextTokenException';
  return 'InvalidTimeRangeException';
}

function eventOf(record: CloudTrailRecord) {
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly ?? false),
    AccessKeyId: record.userIdentity.accessKeyId,
    EventTime: Date.parse(record.eventTime) / 1000,
    EventSource: record.eventSource,
    Username: record.userIdentity.userName ?? record.userIdentity.arn?.split('/').at(-1),
    Resources: (record.resources ?? []).map(({ ARN, type }) => ({ ResourceType: type, ResourceName: ARN })),
    CloudTrailEvent: JSON.stringify(record),
  };
}

type LookupEvent = ReturnType<typeof eventOf>;

function valuesOf(event: LookupEvent, key: NonNullable<LookupInput['LookupAttributes']>[number]['AttributeKey']) {
  if (key === 'ResourceType') return event.Resources.map(({ ResourceType }) => ResourceType);
  if (key === 'ResourceName') return event.Resources.map(({ ResourceName }) => ResourceName);
  return [event[key]];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
