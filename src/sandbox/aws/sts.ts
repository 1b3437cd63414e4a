import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Caller, sessionCredentials } from './caller.ts';
import { AwsError } from './errors.ts';
import { type AwsService, type CallContext, type Operation, operation } from './operation.ts';
import { text } from './patterns.ts';

/** The role that the sandbox lets a portal assume in every account, unless it is told otherwise. */
export const ACTIVITY_ROLE = 'LatchkeyActivity';

const ROLE_ARN = /^arn:aws(?:-[a-z]+)*:iam::(?<account>\d{12}):role\/(?:[\w+=,.@/-]*\/)?(?<role>[\w+=,.@-]{1,64})$/;

const assumeRoleInput = z.object({
  RoleArn: z.string().min(20).max(2048),
  RoleSessionName: text(/[\w+=,.@-]*/, 2, 64),
  // A form's values are text.
  DurationSeconds: z.coerce.number().int().min(900).max(43_200).default(3_600),
});

const operations = {
  GetCallerIdentity: operation(z.object({}), (_input, { caller }) => ({
    Arn: arnOf(caller),
    UserId: `AROA${caller.accountId}SANDB:${caller.session?.name ?? 'portal'}`,
    Account: caller.accountId,
  })),

  AssumeRole: operation(assumeRoleInput, (input, context) => {
    const { account, role } = ROLE_ARN.exec(input.RoleArn)?.groups ?? {};
    if (account === undefined || role === undefined) {
      throw new AwsError('ValidationError', `${input.RoleArn} is invalid`);
    }
    if (!mayAssume(account, role, context)) {
      const who = arnOf(context.caller);
      throw new AwsError(
        'AccessDenied',
        `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
        403,
      );
    }
    const expiresAt = context.services.clock.now().getTime() + input.DurationSeconds * 1000;
    const session = { role, name: input.RoleSessionName, expiresAt };
    const nonce = randomBytes(2).toString('hex').toUpperCase();
    const { accessKeyId, secretAccessKey, sessionToken } = sessionCredentials(account, session, nonce);
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        SessionToken: sessionToken,
        Expiration: new Date(expiresAt).toISOString(),
      },
      AssumedRoleUser: {
        AssumedRoleId: `AROA${account}SANDB:${session.name}`,
        Arn: `arn:aws:sts::${account}:assumed-role/${role}/${session.name}`,
      },
      PackedPolicySize: 1,
    };
  }),
};

/** STS, which speaks another protocol than the rest: a form in, XML out. */
export function sts(): AwsService {
  return {
    name: 'sts',
    operations: new Map<string, Operation>(Object.entries(operations)),
    limitOf: () => undefined,
    throttled: () => new AwsError('Throttling', 'Rate exceeded'),
    invalidInput: (member, problem) =>
      new AwsError(
        'ValidationError',
        `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${problem}`,
      ),
  };
}

function mayAssume(accountId: string, role: string, { assumableRoles, services, caller }: CallContext): boolean {
  const account = services.organization.accounts.find(({ id }) => id === accountId);
  // Only the portal's own credentials are trusted, not a session that was itself assumed.
  return account?.state === 'ACTIVE' && caller.session === undefined && assumableRoles.includes(role);
}

function arnOf({ accountId, session }: Caller): string {
  return `arn:aws:sts::${accountId}:assumed-role/${session?.role ?? 'Latchkey'}/${session?.name ?? 'portal'}`;
}
