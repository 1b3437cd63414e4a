import fastify, { type FastifyInstance } from 'fastify';
import type { Person } from '../../src/identity/types.ts';
import { createAws } from '../../src/platform/aws.ts';
import { createBudget } from '../../src/platform/budget.ts';
import { parseConfig } from '../../src/platform/config.ts';
import { createDb, type Db } from '../../src/platform/db.ts';
import type { Platform } from '../../src/platform/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { createQueue } from '../../src/platform/queue.ts';
import { registerWeb, serverOptions, type WebOptions } from '../../src/web/index.ts';

/** Nothing listens there. */
const NOWHERE = 'postgres://nobody@127.0.0.1:9/nothing';

export const ADA: Person = {
  userId: 'u-ada',
  userName: 'ada',
  displayName: 'Ada <Lovelace>',
  email: 'ada@example.com',
  groupIds: [],
  personas: new Set(['requester', 'approver']),
};

export interface TinyOptions extends Partial<WebOptions> {
  person?: Person;
  db?: Db;
  baseUrl?: string;
}

/** The web layer alone, with the routes that a test adds, and nobody or one person signed in. */
export async function createTinyPortal(
  { person, db, baseUrl = 'http://localhost:3000', ...options }: TinyOptions,
  routes: (app: FastifyInstance) => void = () => {},
): Promise<FastifyInstance> {
  const log = createLog(process.env.TEST_LOG_LEVEL ?? 'silent');
  const config = parseConfig({
    BASE_URL: baseUrl,
    DATABASE_URL: NOWHERE,
    SESSION_SECRET: 'a-secret-for-tests-of-32-characters',
    SAML_METADATA_URL: 'https://idp.example.com/metadata',
    ADMIN_GROUPS: 'admins',
    ACCESS_PORTAL_URL: 'https://example.awsapps.com/start',
    AWS_REGION: 'eu-west-1',
  });
  const database = db ?? createDb(NOWHERE, log);
  const platform: Platform = {
    config,
    log,
    db: database,
    queue: createQueue(NOWHERE, log),
    aws: createAws(config.awsRegion),
    budget: createBudget(database, {}, { rate: 1, burst: 1 }),
    metrics: createMetrics(),
  };
  const app = fastify(serverOptions(config, log));
  app.addHook('onClose', async () => {
    platform.aws.destroy();
    if (!db) await database.close();
  });
  app.addHook('onRequest', async (request) => {
    request.person = person ?? null;
  });
  await registerWeb(app, {
    platform,
    layout: async () => ({ counts: { '/approvals': 3 }, banners: [], supportContact: 'it-help@example.com' }),
    reader: async () => ({ timeZone: 'Europe/Berlin', ticketAddress: () => null }),
    csrfToken: () => 'token-of-this-session',
    ...options,
  });
  routes(app);
  await app.ready();
  return app;
}
