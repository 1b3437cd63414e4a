import type { PermissionSetSession, SessionAct } from '../permission-set-session.ts';

/** Something to do on the pretend console. */
export interface ConsoleAct {
  id: string;
  label: string;
  /** What CloudTrail says about it. Only management events: LookupEvents has no others. */
  event: (session: PermissionSetSession) => SessionAct;
}

/** What the pretend console lets one do: two reads, some changes, one in another Region and one that is denied. */
export const consoleActs: readonly ConsoleAct[] = [
  {
    id: 'list-buckets',
    label: 'List buckets',
    event: () => ({ eventSource: 's3.amazonaws.com', eventName: 'ListBuckets', readOnly: true }),
  },
  {
    id: 'describe-instances',
    label: 'Describe instances',
    event: () => ({
      eventSource: 'ec2.amazonaws.com',
      eventName: 'DescribeInstances',
      readOnly: true,
      requestParameters: { instancesSet: {}, filterSet: {} },
    }),
  },
  {
    id: 'put-bucket-policy',
    label: 'Change a bucket policy',
    event: ({ accountId }) => ({
      eventSource: 's3.amazonaws.com',
      eventName: 'PutBucketPolicy',
      requestParameters: { bucketName: `reports-${accountId}`, policy: '' },
      resources: [{ type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::reports-${accountId}` }],
    }),
  },
  {
    id: 'stop-instance',
    label: 'Stop an instance',
    event: ({ accountId, region }) => ({
      eventSource: 'ec2.amazonaws.com',
      eventName: 'StopInstances',
      requestParameters: { instancesSet: { items: [{ instanceId: 'i-0a1b2c3d4e5f67890' }] }, force: false },
      resources: [
        { type: 'AWS::EC2::Instance', ARN: `arn:aws:ec2:${region}:${accountId}:instance/i-0a1b2c3d4e5f67890` },
      ],
    }),
  },
  {
    id: 'delete-security-group-rule',
    label: 'Delete a security group rule',
    event: ({ accountId, region }) => ({
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RevokeSecurityGroupIngress',
      requestParameters: {
        groupId: 'sg-0123456789abcdef0',
        securityGroupRuleIds: { items: [{ securityGroupRuleId: 'sgr-0fedcba9876543210' }] },
      },
      resources: [
        {
          type: 'AWS::EC2::SecurityGroup',
          ARN: `arn:aws:ec2:${region}:${accountId}:security-group/sg-0123456789abcdef0`,
        },
      ],
    }),
  },
  {
    // IAM is global: CloudTrail has its events in us-east-1 only, which is where they get overlooked.
    id: 'list-roles',
    label: 'List IAM roles (recorded in us-east-1)',
    event: () => ({
      eventSource: 'iam.amazonaws.com',
      eventName: 'ListRoles',
      region: 'us-east-1',
      readOnly: true,
      requestParameters: { maxItems: 1000 },
    }),
  },
  {
    id: 'schedule-key-deletion',
    label: 'Schedule a key deletion (denied)',
    event: ({ accountId, region, roleName, userName }) => {
      const key = `arn:aws:kms:${region}:${accountId}:key/11112222-3333-4444-5555-666677778888`;
      const session = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${userName}`;
      const action = 'kms:ScheduleKeyDeletion';
      return {
        eventSource: 'kms.amazonaws.com',
        eventName: 'ScheduleKeyDeletion',
        errorCode: 'AccessDenied',
        errorMessage:
          `User: ${session} is not authorized to perform: ${action} on resource: ${key} ` +
          `because no identity-based policy allows the ${action} action`,
        resources: [{ type: 'AWS::KMS::Key', ARN: key }],
      };
    },
  },
];
