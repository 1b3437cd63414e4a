import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The process cannot start with this environment: one sentence for each mistake. */
export class ConfigError extends Error {
  readonly mistakes: string[];

  constructor(mistakes: string[]) {
    super(mistakes.join('\n'));
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

export interface Config {
  baseUrl: URL;
  host: string;
  port: number;
  databaseUrl: string;
  sessionSecret: string;
  production: boolean;
  logLevel: string;
  /** The proxies whose word about addresses counts. Fastify ignores a mere number of them, which anyone could feign. */
  trustProxy: false | string[];
  saml: {
    /** Identity Center's metadata for this application: a file or an address. */
    metadata: { file: string } | { url: string };
    entityId: string;
    responseSignatureRequired: boolean;
  };
  /** Group IDs, or display names that are pinned to an ID when first resolved. */
  adminGroups: string[];
  auditorGroups: string[];
  /** Identity Center's access portal, without a slash at its end. */
  accessPortalUrl: string;
  mail: { smtpUrl: string; from: string } | null;
  awsRegion: string;
  /** Where activity is read from; null: not configured, and the pages say how. */
  activity: { roleName: string; regions: string[] } | null;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True where only this machine can reach the address: plain http is allowed there, and nowhere else. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.has(url.hostname) || url.hostname.endsWith('.localhost');
}

const required = (name: string, meaning: string) =>
  z.string(`Set ${name}: ${meaning}.`).min(1, `Set ${name}: ${meaning}.`);
const commaSeparated = (text: string) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
const list = z.string().default('').transform(commaSeparated);
const httpUrl = (name: string, example: string) =>
  z.url({ protocol: /^https?$/, error: `${name} must be an http(s) address, like ${example}.` });

const Environment = z.object({
  NODE_ENV: z.string().default('development'),
  BASE_URL: required('BASE_URL', 'the address at which people reach the portal').pipe(
    httpUrl('BASE_URL', 'https://latchkey.example.com'),
  ),
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number('PORT must be a number between 0 and 65535.').int().min(0).max(65_535).default(3000),
  DATABASE_URL: required(
    'DATABASE_URL',
    'the Postgres database, like postgres://user:password@host:5432/latchkey',
  ).regex(/^postgres(ql)?:\/\//, 'DATABASE_URL must start with postgres://.'),
  SESSION_SECRET: required('SESSION_SECRET', 'at least 32 random characters that all replicas share').min(
    32,
    'SESSION_SECRET must have at least 32 characters.',
  ),
  SAML_METADATA_FILE: z.string().optional(),
  SAML_METADATA_URL: httpUrl(
    'SAML_METADATA_URL',
    'https://portal.sso.eu-west-1.amazonaws.com/saml/metadata/…',
  ).optional(),
  SAML_ENTITY_ID: z.string().optional(),
  SAML_RESPONSE_SIGNATURE: z
    .enum(['required', 'optional'], 'SAML_RESPONSE_SIGNATURE is required or optional.')
    .default('required'),
  ADMIN_GROUPS: required('ADMIN_GROUPS', 'the Identity Center groups whose members administer the portal').transform(
    commaSeparated,
  ),
  AUDITOR_GROUPS: list,
  ACCESS_PORTAL_URL: required('ACCESS_PORTAL_URL', "your organization's AWS access portal").pipe(
    httpUrl('ACCESS_PORTAL_URL', 'https://example.awsapps.com/start'),
  ),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'SMTP_URL must look like smtp://user:password@host:587.' }).optional(),
  MAIL_FROM: z.string().optional(),
  AWS_REGION: required('AWS_REGION', "Identity Center's Region, like eu-west-1"),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      'LOG_LEVEL is trace, debug, info, warn, error or silent.',
    )
    .default('info'),
  TRUST_PROXY: z.string().optional(),
  ACTIVITY_ROLE_NAME: z
    .string()
    .regex(/^[\w+=,.@/-]{1,512}$/, 'ACTIVITY_ROLE_NAME is the name of an IAM role, like LatchkeyActivity.')
    .optional(),
  ACTIVITY_REGIONS: list,
});

/** Secrets may also come as the name of a file: NAME_FILE. Both at once is a mistake. */
const FROM_FILE = ['DATABASE_URL', 'SESSION_SECRET', 'SMTP_URL'] as const;

/**
 * The configuration from the environment. Throws `ConfigError` that names every mistake at once.
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const mistakes: string[] = [];
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && value !== '') values[name] = value;
  for (const name of FROM_FILE) readSecretFile(name, values, mistakes);

  const parsed = Environment.safeParse(values);
  if (!parsed.success) mistakes.push(...parsed.error.issues.map((issue) => sentenceOf(issue)));
  if (values.SAML_METADATA_FILE && values.SAML_METADATA_URL) {
    mistakes.push('Set either SAML_METADATA_FILE or SAML_METADATA_URL, not both.');
  }
  if (!values.SAML_METADATA_FILE && !values.SAML_METADATA_URL) {
    mistakes.push("Set SAML_METADATA_FILE or SAML_METADATA_URL: Identity Center's metadata for this application.");
  }
  if (values.SMTP_URL && !values.MAIL_FROM)
    mistakes.push('Set MAIL_FROM: the address that mail comes from, because SMTP_URL is set.');
  if (values.MAIL_FROM && !values.SMTP_URL) mistakes.push('Set SMTP_URL: the mail server, because MAIL_FROM is set.');
  if (values.ACTIVITY_REGIONS && !values.ACTIVITY_ROLE_NAME) {
    mistakes.push(
      'Set ACTIVITY_ROLE_NAME: the role in each account that may read CloudTrail, because ACTIVITY_REGIONS is set.',
    );
  }
  const trustProxy = parseTrustProxy(values.TRUST_PROXY, mistakes);
  const baseUrl = URL.canParse(values.BASE_URL ?? '') ? new URL(values.BASE_URL ?? '') : null;
  if (baseUrl && (baseUrl.pathname !== '/' || baseUrl.search !== '' || baseUrl.hash !== '')) {
    mistakes.push('BASE_URL must be an origin without a path, like https://latchkey.example.com.');
  }
  if (baseUrl?.protocol === 'http:' && !isLoopback(baseUrl)) {
    mistakes.push('BASE_URL may be plain http on loopback only; use https.');
  }
  if (!parsed.success || baseUrl === null || mistakes.length > 0) throw new ConfigError([...new Set(mistakes)]);

  const it = parsed.data;
  return {
    baseUrl,
    host: it.HOST,
    port: it.PORT,
    databaseUrl: it.DATABASE_URL,
    sessionSecret: it.SESSION_SECRET,
    production: it.NODE_ENV === 'production',
    logLevel: it.LOG_LEVEL,
    trustProxy,
    saml: {
      metadata: it.SAML_METADATA_FILE ? { file: it.SAML_METADATA_FILE } : { url: it.SAML_METADATA_URL ?? '' },
      entityId: it.SAML_ENTITY_ID ?? new URL('/saml/metadata', baseUrl).href,
      responseSignatureRequired: it.SAML_RESPONSE_SIGNATURE === 'required',
    },
    adminGroups: it.ADMIN_GROUPS,
    auditorGroups: it.AUDITOR_GROUPS,
    accessPortalUrl: it.ACCESS_PORTAL_URL.replace(/\/+$/, ''),
    mail: it.SMTP_URL && it.MAIL_FROM ? { smtpUrl: it.SMTP_URL, from: it.MAIL_FROM } : null,
    awsRegion: it.AWS_REGION,
    activity: it.ACTIVITY_ROLE_NAME
      ? {
          roleName: it.ACTIVITY_ROLE_NAME,
          regions: it.ACTIVITY_REGIONS.length > 0 ? it.ACTIVITY_REGIONS : [...new Set([it.AWS_REGION, 'us-east-1'])],
        }
      : null,
  };
}

function readSecretFile(name: string, values: Record<string, string>, mistakes: string[]): void {
  const file = values[`${name}_FILE`];
  if (file === undefined) return;
  if (values[name] !== undefined) {
    mistakes.push(`Set either ${name} or ${name}_FILE, not both.`);
    return;
  }
  try {
    values[name] = readFileSync(file, 'utf8').trim();
  } catch {
    mistakes.push(`${name}_FILE names ${file}, which cannot be read.`);
  }
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  return issue.message.includes(name) ? issue.message : `${name}: ${issue.message}.`;
}

function parseTrustProxy(text: string | undefined, mistakes: string[]): Config['trustProxy'] {
  if (text === undefined) return false;
  const addresses = text.split(',').map((each) => each.trim());
  if (addresses.every((each) => /^[0-9a-fA-F]*[.:][0-9a-fA-F.:]*(\/\d{1,3})?$/.test(each))) return addresses;
  mistakes.push('TRUST_PROXY names the addresses of the proxies in front, like 10.0.0.0/8, comma separated.');
  return false;
}
