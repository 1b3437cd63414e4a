import { rm } from 'node:fs/promises';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance, type FastifyReply, type LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
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
    if (this.away) throw new UnavailableError('identity-center-away', 'IAM Identity Center cannot be reached.');
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
  close(): Promise<void>;
}

interface PortalOptions {
  baseUrl?: string;
  env?: Record<string, string>;
  idp?: Idp;
  /** Another replica's: it is left open. */
  database?: TestDatabase;
}

/** One portal for all tests of a file. */
export function sharedPortal(options: PortalOptions = {}): () => TestPortal {
  let portal: TestPortal;
  beforeAll(async () => {
    portal = await openPortal(options);
  });
  afterAll(() => portal.close());
  return () => portal;
}

/** A portal of one test. */
export async function startPortal(options: PortalOptions = {}): Promise<TestPortal> {
  const portal = await openPortal(options);
  onTestFinished(() => portal.close());
  return portal;
}

/** The reason of the last response that was turned away. */
export async function lastRejection({ database }: TestPortal): Promise<string> {
  const event = await database.db.prisma.auditEvent.findFirst({
    where: { kind: 'saml.rejected' },
    orderBy: { id: 'desc' },
  });
  return (event?.after as { reason: string } | undefined)?.reason ?? 'none';
}

export async function countSessions({ database }: TestPortal): Promise<number> {
  return database.db.prisma.session.count();
}

/** It was turned away with this status and reason, and left no session and no session cookie. */
export async function expectRejected(
  portal: TestPortal,
  response: LightMyRequestResponse,
  reason: string | string[],
  status = 403,
): Promise<void> {
  expect([reason].flat()).toContain(await lastRejection(portal));
  expect(response.statusCode).toBe(status);
  expect(response.body).toContain('identity/rejected');
  expect(response.cookies).toEqual([]);
  expect(await countSessions(portal)).toBe(0);
}

/** The sign-in of a portal, and a few routes behind it, without the rest of the portal. */
async function openPortal(options: PortalOptions): Promise<TestPortal> {
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
  await registerIdentity(app, identity, {
    isApprover: async ({ userId }) => userId === 'u-sam',
    readPersonNow: directory.readPersonNow,
  });
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
  app.get('/requests/state', who, async () => 'state');
  app.post('/requests', who, async (request) => request.actor());
  app.delete('/requests', who, async () => 'deleted');
  app.get('/approvals', { config: { access: ['approver', 'admin'] } }, async () => 'approvals');
  app.get('/audit', { config: { access: 'auditor' } }, async () => 'audit');
  app.post('/admin/settings', { config: { access: 'admin' } }, async () => 'saved');
  await app.ready();
  const { db } = database;
  await db.prisma.user.createMany({ data: directory.users, skipDuplicates: true });
  const close = async () => {
    await app.close();
    await rm(idp.directory, { recursive: true, force: true });
    if (!options.database) await database[Symbol.asyncDispose]();
  };
  return { app, database, identity, directory, idp, config, close };
}
