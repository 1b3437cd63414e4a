import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { AwsError } from './errors.ts';

/** Who calls, as far as the signature's credential scope and the session token say. */
export interface Caller {
  accountId: string;
  accessKeyId: string;
  region: string;
  /** The role behind temporary credentials from AssumeRole. */
  session: RoleSession | undefined;
}

const sessionSchema = z.object({ role: z.string(), name: z.string(), expiresAt: z.number() });

/** What a session token of the sandbox says. */
export type RoleSession = z.infer<typeof sessionSchema>;

const CREDENTIAL = /Credential=(?<key>[^/,\s]+)\/\d{8}\/(?<region>[^/,\s]+)\/[^/,\s]+\/aws4_request/;
// The account is in the key itself, so that the sandbox needs no memory of whom it gave keys to.
const ACCESS_KEY = /^A(?:KIA|SIA)(?<account>\d{12})[A-Z0-9]{4}$/;

/** Long-lived credentials of an account; every secret is right, because the sandbox does not check signatures. */
export function accessKeyOf(accountId: string): string {
  return `AKIA${accountId}DEMO`;
}

/** Temporary credentials for a role session. */
export function sessionCredentials(accountId: string, session: RoleSession, nonce: string) {
  return {
    accessKeyId: `ASIA${accountId}${nonce}`,
    secretAccessKey: 'sandbox',
    sessionToken: Buffer.from(JSON.stringify(session)).toString('base64'),
  };
}

/** Reads who calls from the request's headers, as the SDK signs them. */
export function readCaller(headers: IncomingHttpHeaders, now: Date): Caller {
  const credential = CREDENTIAL.exec(headers.authorization ?? '')?.groups;
  if (!credential?.key || !credential.region) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  const accountId = ACCESS_KEY.exec(credential.key)?.groups?.account;
  if (accountId === undefined) throw unknownToken();
  const session = credential.key.startsWith('ASIA') ? readSession(headers['x-amz-security-token'], now) : undefined;
  return { accountId, accessKeyId: credential.key, region: credential.region, session };
}

function readSession(token: string | string[] | undefined, now: Date): RoleSession {
  let session: RoleSession;
  try {
    session = sessionSchema.parse(JSON.parse(Buffer.from(String(token), 'base64').toString('utf8')));
  } catch {
    throw unknownToken();
  }
  if (session.expiresAt <= now.getTime()) {
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 403);
  }
  return session;
}

function unknownToken(): AwsError {
  return new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);
}
