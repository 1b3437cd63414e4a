import { randomBytes, randomUUID } from 'node:crypto';
import type { CloudTrailRecord } from './cloudtrail-store.ts';
import type { SandboxPermissionSet, SandboxUser } from './organization.ts';
import { provisionedRoleArn } from './provisioned-role.ts';
import type { SandboxServices } from './services.ts';

/** A person's session in an account, started from the access portal. */
export interface PermissionSetSession {
  accountId: string;
  region: string;
  startedAt: Date;
  accessKeyId: string;
  roleName: string;
  roleId: string;
  roleArn: string;
  userName: string;
}

/** What somebody does in a session. */
export interface SessionAct {
  eventSource: string;
  eventName: string;
  at?: Date;
  region?: string;
  readOnly?: boolean;
  requestParameters?: Record<string, unknown>;
  resources?: { ARN: string; type: string }[];
  errorCode?: string;
  errorMessage?: string;
}

/** Opens a session as Identity Center would: a role that names the permission set, a session that names the user. */
export function startPermissionSetSession(
  { organization, assignments, clock }: SandboxServices,
  accountId: string,
  permissionSet: SandboxPermissionSet,
  user: SandboxUser,
  startedAt = clock.now(),
): PermissionSetSession {
  const role = assignments.role(accountId, permissionSet.arn, permissionSet.name);
  return {
    accountId,
    region: organization.region,
    startedAt,
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    roleName: role.name,
    roleId: role.id,
    roleArn: provisionedRoleArn(role, accountId, organization.region),
    userName: user.userName,
  };
}

/** The CloudTrail record that an act in the session leaves; hand it to `events.record`. */
export function sessionRecord(session: PermissionSetSession, act: SessionAct, now: Date): CloudTrailRecord {
  const { accountId, roleName, roleId, roleArn, userName } = session;
  return {
    eventVersion: '1.08',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${roleId}:${userName}`,
      arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${userName}`,
      accountId,
      accessKeyId: session.accessKeyId,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: roleId, arn: roleArn, accountId, userName: roleName },
        webIdFederationData: {},
        attributes: { creationDate: wholeSeconds(session.startedAt), mfaAuthenticated: 'false' },
      },
    },
    eventTime: wholeSeconds(act.at ?? now),
    eventSource: act.eventSource,
    eventName: act.eventName,
    awsRegion: act.region ?? session.region,
    sourceIPAddress: '203.0.113.17',
    userAgent: 'Mozilla/5.0 (sandbox)',
    ...(act.errorCode === undefined ? {} : { errorCode: act.errorCode, errorMessage: act.errorMessage }),
    requestParameters: act.requestParameters ?? null,
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: act.readOnly ?? false,
    ...(act.resources === undefined ? {} : { resources: act.resources }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
  };
}

function wholeSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
