import { createHash } from 'node:crypto';
import type { CloudTrailRecord } from '../cloudtrail-store.ts';
import type { Sandbox } from '../index.ts';
import { type PermissionSetSession, sessionRecord } from '../permission-set-session.ts';
import { consoleActs } from '../portal/acts.ts';
import { provisionedRoleArn } from '../provisioned-role.ts';
import type { ToldGrant } from './grant-rows.ts';
import type { Row } from './rows.ts';
import { plusMinutes, plusSeconds } from './story.ts';

/** What was done with the access: CloudTrail's records, and what the portal keeps of them. */
export interface ToldActivity {
  records: CloudTrailRecord[];
  events: Row[];
  matches: Row[];
  cursors: Row[];
}

/** CloudTrail is read this long after the last moment in which a session could act: events may come late. */
const READ_ON_MINUTES = 30;

/** The activity of one grant. One that still goes on is left to the portal to read. */
export function tellActivity(grant: ToldGrant, sandbox: Sandbox, now: Date): ToldActivity {
  const { row, request } = grant;
  const { activatedAt, endedAt } = row;
  const nothing: ToldActivity = { records: [], events: [], matches: [], cursors: [] };
  if (activatedAt === null) return nothing;
  const records = (request.story.acts ?? []).flatMap((id, index) => {
    const at = plusSeconds(plusMinutes(activatedAt, 2 + index * 4), index * 13);
    const act = consoleActs.find((each) => each.id === id);
    if (!act) throw new Error(`There is no act ${id}.`);
    const session = sessionOf(grant, activatedAt, sandbox);
    return at >= now || (endedAt !== null && at > endedAt) ? [] : [sessionRecord(session, act.event(session), at)];
  });
  const kept = {
    records,
    events: records.map((record) => eventRow(record, now)),
    matches: records.map(({ eventID }) => ({ eventId: eventID, grantId: row.id })),
  };
  const read = endedAt && plusMinutes(plusSeconds(endedAt, request.role.sessionSeconds), READ_ON_MINUTES);
  if (read === null || read > now) return { ...nothing, ...kept };
  const regions = [...new Set([sandbox.organization.region, 'us-east-1'])];
  return { ...kept, cursors: regions.map((region) => ({ grantId: row.id, region, readUntil: read, nextAt: null })) };
}

function sessionOf({ request }: ToldGrant, activatedAt: Date, sandbox: Sandbox): PermissionSetSession {
  const { account, role, requester, row } = request;
  const { region } = sandbox.organization;
  const provisioned = sandbox.assignments.role(account.id, role.arn, role.name);
  return {
    accountId: account.id,
    region,
    startedAt: plusMinutes(activatedAt, 1),
    accessKeyId: `ASIA${createHash('sha256').update(row.id).digest('hex').slice(0, 16).toUpperCase()}`,
    roleName: provisioned.name,
    roleId: provisioned.id,
    roleArn: provisionedRoleArn(provisioned, account.id, region),
    userName: requester.userName,
  };
}

function eventRow(record: CloudTrailRecord, now: Date): Row {
  return {
    eventId: record.eventID,
    accountId: record.recipientAccountId,
    at: record.eventTime,
    name: record.eventName,
    service: record.eventSource.replace('.amazonaws.com', ''),
    region: record.awsRegion,
    resource: record.resources?.[0]?.ARN ?? '',
    error: record.errorCode ?? '',
    sourceAddress: record.sourceIPAddress ?? '',
    userAgent: record.userAgent ?? '',
    readOnly: record.readOnly ?? false,
    record,
    storedAt: now,
  };
}
