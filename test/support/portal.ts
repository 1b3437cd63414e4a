import type { FastifyInstance } from 'fastify';
import { createApp } from '../../src/app.ts';
import { type Context, createContext } from '../../src/context.ts';
import { syncDirectory } from '../../src/directory/index.ts';
import { registerPortal } from '../../src/sandbox/demo.ts';
import { demoOrganization } from '../../src/sandbox/demo-organization.ts';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { neededGroups, startWorker } from '../../src/worker.ts';
import { injected, signIn, TestClient } from './client.ts';
import { createTestDatabase, type TestDatabase } from './db.ts';
import { sandboxAws, testConfig } from './platform.ts';

/** A whole portal in this process. */
export interface TestReplica extends AsyncDisposable {
  app: FastifyInstance;
  context: Context;
  /** Signs in by SAML through the sandbox, as a browser would. */
  signIn(userName: string): Promise<TestClient>;
  /** A browser without a session. */
  anonymous(): TestClient;
}

export interface TestPortal extends TestReplica {
  /** Its BASE_URL; something listens there only if that was asked for. */
  url: string;
  database: TestDatabase;
  sandbox: Sandbox;
  /** Copies the directory anew, as the job does. */
  sync(): Promise<void>;
  /** A second process of the same portal: the same database and sandbox. Close it before the portal. */
  replica(): Promise<TestReplica>;
}

export interface TestPortalOptions {
  sandbox?: Partial<SandboxOptions>;
  environment?: Record<string, string>;
  /** Listen on a free port of loopback, for real browsers; then `url` says where. */
  listen?: boolean;
  /** Work the queues too. Off unless asked for: nothing happens but what the test does. */
  worker?: boolean;
}

/** A portal on a database and a sandbox of its own, with the demo company copied. Close it with `await using`. */
export async function createTestPortal(options: TestPortalOptions = {}): Promise<TestPortal> {
  const database = await createTestDatabase();
  const sandbox = await startSandbox({
    organization: demoOrganization(),
    delayMs: 0,
    callsPerSecond: Number.POSITIVE_INFINITY,
    ...options.sandbox,
  });
  const url = `http://localhost:${options.listen ? await freePort() : 3000}`;
  registerPortal(sandbox, url);
  const environment = { BASE_URL: url, ...options.environment };
  const portal = await startReplica(database, sandbox, { ...options, environment });
  if (options.listen) await portal.app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  const sync = () => syncDirectory(portal.context, { groups: () => neededGroups(portal.context) }).then(() => {});
  await sync();
  return {
    ...portal,
    url,
    database,
    sandbox,
    sync,
    replica: () => startReplica(database, sandbox, { ...options, environment }),
    async [Symbol.asyncDispose]() {
      await portal[Symbol.asyncDispose]();
      await sandbox.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function startReplica(
  database: TestDatabase,
  sandbox: Sandbox,
  options: TestPortalOptions,
): Promise<TestReplica> {
  const context = await createContext(testConfig(database, sandbox, options.environment), { aws: sandboxAws(sandbox) });
  const worker = await startWorker(context, options.worker ?? false);
  const app = await createApp(context);
  await app.ready();
  return {
    app,
    context,
    signIn: (userName) => signIn(new TestClient(injected(app)), userName),
    anonymous: () => new TestClient(injected(app)),
    async [Symbol.asyncDispose]() {
      await app.close();
      await worker.stop();
      await context[Symbol.asyncDispose]();
    },
  };
}
