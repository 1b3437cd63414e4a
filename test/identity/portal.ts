import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { onTestFinished } from 'vitest';
import type { PersonNow, User } from '../../src/directory/index.ts';
import { createIdentity, type Identity, identityRoutes, registerIdentity } from '../../src/identity/index.ts';
import type { Config } from '../../src/platform/config.ts';
import { parseConfig } from '../../src/platform/config.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import type { Platform } from '../../src/platform/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { problemOf } from '../../src/web/errors.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { ENTITY_ID, type Idp, startIdp } from './idp.ts';

/** An Identity Center of a few people, who can be changed at will. */
export class FakeDirectory {
  users: User[] = [
    person('u-ana', 'Ana.Ruiz', 'Ana Ruiz'),
    person('u-sam', 'sam', 'Sam Moe'),
    { ...person('u-gone', 'gone', 'Gone Person'), enabled: false },
  ];
  groups = new Map<string, string[]>([['u-ana', ['11111111-1111-4111-8111-111111111111']]]);
  away = false;

  resolveUserName = async (_platform: Platform, userName: string): Promise<User | null> => {
    if (this.away) throw new UnavailableError('identity-center-away', 'IAM Identity Center cannot be reached.');
    return this.users.find((user) => user.userName.toLowerCase() === userName.toLowerCase()) ?? null;
  };

  readPersonNow = async (_platform: Platform, userId: string): Promise<PersonNow | null> => {
    const user = this.users.find(({ id }) => id === userId);
    return user ? { user, groupIds: this.groups.get(userId) ?? [] } : null;
  };
}

function person(id: string, userName: string, displayName: string): User {
  return { id, userName, displayName, email: null, enabled: true };
}

export interface TestPortal {
  app: FastifyInstance;
  database: TestDatabase;
  identity: Identity;
  directory: FakeDirectory;
  idp: Idp;
  config: Config;
}

/** The sign-in of a portal, and a few routes behind it, without the rest of the portal. */
export async function startPortal(
  options: { baseUrl?: string; env?: Record<string, string>; idp?: Idp; database?: TestDatabase } = {},
): Promise<TestPortal> {
  const database = options.database ?? (await createTestDatabase());
  const idp = options.idp ?? (await startIdp());
  const config = parseConfig({
    BASE_URL: options.baseUrl ?? 'https://latchkey.test',
    DATABASE_URL: database.url,
    SESSION_SECRET: 'a secret of at least 32 characters',
    SAML_METADATA_FILE: idp.metadataFile,
    SAML_ENTITY_ID: ENTITY_ID,
    ADMIN_GROUPS: '11111111-1111-4111-8111-111111111111',
    ACCESS_PORTAL_URL: 'https://example.awsapps.com/start',
    AWS_REGION: 'eu-west-1',
    ...options.env,
  });
  const platform = { config, log: createLog('silent'), db: database.db, metrics: createMetrics() } as Platform;
  const identity = createIdentity(platform);
  const directory = new FakeDirectory();
  const app = Fastify({ trustProxy: true });
  await registerIdentity(app, identity, { isApprover: async ({ userId }) => userId === 'u-sam' });
  await app.register(formbody);
  app.decorateReply('page', async function (this: FastifyReply, view: string, data: object) {
    return this.type('text/plain').send(`${view} ${JSON.stringify(data)}`);
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const { status, message } = problemOf(error);
    return reply
      .code(status)
      .type('text/plain')
      .send(`${message}\n${error instanceof Error ? error.stack : ''}`);
  });
  await identityRoutes(app, identity, directory);
  const who = { config: { access: 'person' } } as const;
  app.get('/', who, async (request) => request.signedIn());
  app.get('/requests', who, async (request) => [...request.signedIn().personas]);
  app.post('/requests', who, async (request) => request.actor());
  app.delete('/requests', who, async () => 'deleted');
  app.get('/approvals', { config: { access: ['approver', 'admin'] } }, async () => 'approvals');
  app.get('/audit', { config: { access: 'auditor' } }, async () => 'audit');
  app.post('/admin/settings', { config: { access: 'admin' } }, async () => 'saved');
  await app.ready();
  const { db } = database;
  for (const user of directory.users) await db.prisma.user.create({ data: user });
  onTestFinished(async () => {
    await app.close();
    if (!options.database) await database[Symbol.asyncDispose]();
  });
  return { app, database, identity, directory, idp, config };
}
