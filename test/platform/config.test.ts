import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../src/platform/config.ts';

const COMPLETE = {
  BASE_URL: 'https://latchkey.example.com',
  DATABASE_URL: 'postgres://latchkey:secret@db:5432/latchkey',
  SESSION_SECRET: 'x'.repeat(32),
  SAML_METADATA_URL: 'https://portal.sso.eu-west-1.amazonaws.com/saml/metadata/abc',
  ADMIN_GROUPS: 'Latchkey Admins, 1234567890-11111111-1111-4111-8111-111111111111',
  ACCESS_PORTAL_URL: 'https://example.awsapps.com/start/',
  AWS_REGION: 'eu-west-1',
};

function mistakesOf(env: Record<string, string | undefined>): string[] {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

test('a complete environment gives a configuration with its defaults', () => {
  const config = parseConfig(COMPLETE);
  expect(config).toMatchObject({
    port: 3000,
    adminGroups: ['Latchkey Admins', '1234567890-11111111-1111-4111-8111-111111111111'],
    auditorGroups: [],
    accessPortalUrl: 'https://example.awsapps.com/start',
    mail: null,
    activity: null,
    trustProxy: false,
    saml: { entityId: 'https://latchkey.example.com/saml/metadata', responseSignatureRequired: true },
  });
});

test('nothing set gives one sentence for each thing that must be', () => {
  const mistakes = mistakesOf({});
  for (const name of [
    'BASE_URL',
    'DATABASE_URL',
    'SESSION_SECRET',
    'ADMIN_GROUPS',
    'ACCESS_PORTAL_URL',
    'AWS_REGION',
  ]) {
    expect(mistakes.filter((mistake) => mistake.includes(`Set ${name}:`))).toHaveLength(1);
  }
  expect(mistakes.filter((mistake) => mistake.includes('SAML_METADATA_FILE'))).toHaveLength(1);
});

test.each<[string, Record<string, string | undefined>, string]>([
  ['plain http that others can reach', { BASE_URL: 'http://latchkey.example.com' }, 'loopback only'],
  ['a base address with a path', { BASE_URL: 'https://example.com/latchkey' }, 'without a path'],
  ['a short secret', { SESSION_SECRET: 'short' }, 'at least 32 characters'],
  ['a port that is none', { PORT: '70000' }, 'PORT'],
  ['a database that is not Postgres', { DATABASE_URL: 'mysql://db' }, 'postgres://'],
  ['two sources of metadata', { SAML_METADATA_FILE: '/etc/metadata.xml' }, 'not both'],
  ['a mail server without a sender', { SMTP_URL: 'smtp://mail:25' }, 'Set MAIL_FROM'],
  ['a sender without a mail server', { MAIL_FROM: 'l@example.com' }, 'Set SMTP_URL'],
  ['Regions without a role to read them', { ACTIVITY_REGIONS: 'eu-west-1' }, 'Set ACTIVITY_ROLE_NAME'],
  ['a proxy that is no address', { TRUST_PROXY: '1' }, 'TRUST_PROXY'],
  ['a secret in two places', { SESSION_SECRET_FILE: '/run/secret' }, 'not both'],
  ['a secret file that is not there', { SESSION_SECRET: undefined, SESSION_SECRET_FILE: '/nowhere' }, 'cannot be read'],
])('%s is refused with one sentence', (_, change, sentence) => {
  const mistakes = mistakesOf({ ...COMPLETE, ...change });
  expect(mistakes.filter((mistake) => mistake.includes(sentence))).toHaveLength(1);
});

test('plain http is accepted on loopback', () => {
  expect(mistakesOf({ ...COMPLETE, BASE_URL: 'http://localhost:3000' })).toEqual([]);
});

test('a secret may come from a file', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'latchkey-')), 'secret');
  await writeFile(file, `${'s'.repeat(40)}\n`);
  expect(parseConfig({ ...COMPLETE, SESSION_SECRET: undefined, SESSION_SECRET_FILE: file }).sessionSecret).toBe(
    's'.repeat(40),
  );
});
