import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ADMIN_GROUP, AUDITOR_GROUP, DEMO_FEATURED_PEOPLE, demoOrganization } from './demo-organization.ts';
import { ensureDatabase, startEmbeddedPostgres } from './embedded-postgres.ts';
import { type Sandbox, startSandbox } from './index.ts';

export interface Demo {
  sandbox: Sandbox;
  /** The portal's whole environment. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Everything that the demo's portal stands on: an embedded Postgres and the sandbox, both on loopback, with their
 * state in `dataDir`.
 */
export async function startDemo({ port, dataDir }: { port: number; dataDir: string }): Promise<Demo> {
  const server = await startEmbeddedPostgres({ directory: dataDir, persistent: true });
  try {
    const baseUrl = `http://localhost:${port}`;
    const sandbox = await startSandbox({
      organization: demoOrganization(),
      port: await freeOr(port + 1000),
      stateFile: join(dataDir, 'sandbox.json'),
      featuredPeople: DEMO_FEATURED_PEOPLE,
    });
    registerPortal(sandbox, baseUrl);
    return {
      sandbox,
      environment: {
        ...sandbox.environment,
        BASE_URL: baseUrl,
        HOST: '127.0.0.1',
        PORT: String(port),
        DATABASE_URL: await ensureDatabase(server.url, 'latchkey'),
        SESSION_SECRET: await keptSecret(dataDir),
        ADMIN_GROUPS: ADMIN_GROUP,
        AUDITOR_GROUPS: AUDITOR_GROUP,
        ACTIVITY_REGIONS: `${sandbox.organization.region},us-east-1`,
      },
      async stop() {
        await sandbox.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Tells the sandbox's identity provider of the portal, as an admin does in Identity Center's console. */
export function registerPortal(sandbox: Sandbox, baseUrl: string): void {
  sandbox.identityProvider.register({
    entityId: new URL('/saml/metadata', baseUrl).href,
    acsUrl: new URL('/saml/acs', baseUrl).href,
    startUrl: new URL('/login', baseUrl).href,
  });
}

/** The wished port, or 0 (any) where something listens there already. */
async function freeOr(port: number): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}

/** Sessions outlive a restart of the demo. */
async function keptSecret(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'session-secret');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return kept.trim();
  const secret = randomBytes(32).toString('hex');
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}
