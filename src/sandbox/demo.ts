import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { ConfigError, isLoopback } from '../platform/config.ts';
import { seedDemo } from './demo-history/index.ts';
import { ADMIN_GROUP, AUDITOR_GROUP, DEMO_FEATURED_PEOPLE, demoOrganization } from './demo-organization.ts';
import { ensureDatabase } from './embedded-postgres.ts';
import { type Sandbox, startSandbox } from './index.ts';
import { startKeptPostgres } from './kept-postgres.ts';
import { keptSecret } from './kept-secret.ts';

export interface Demo {
  sandbox: Sandbox;
  /** The portal's whole environment. */
  environment: Record<string, string>;
  /** What to read first: where the portal is, and who to sign in as. */
  greeting: string;
  stop(): Promise<void>;
}

type Environment = Record<string, string | undefined>;

/**
 * Everything that the demo's portal stands on: an embedded Postgres and the sandbox, both on loopback, with their
 * state in `dataDir`. Whatever the environment says of AWS is replaced, so that the demo never reaches a real account.
 */
export async function startDemo({
  port,
  dataDir,
  env,
}: {
  port: number;
  dataDir: string;
  env: Environment;
}): Promise<Demo> {
  refuseInProduction(env);
  const directory = resolve(dataDir);
  const server = await startKeptPostgres(directory);
  try {
    const baseUrl = `http://localhost:${port}`;
    const sandbox = await startSandbox({
      organization: demoOrganization(),
      port: await freeOr(port + 1000),
      stateFile: join(directory, 'sandbox.json'),
      featuredPeople: DEMO_FEATURED_PEOPLE,
    });
    registerPortal(sandbox, baseUrl);
    const databaseUrl = await ensureDatabase(server.url, 'latchkey');
    await seedDemo({ databaseUrl, sandbox });
    return {
      sandbox,
      environment: {
        LOG_LEVEL: 'warn',
        ...sandbox.environment,
        BASE_URL: baseUrl,
        HOST: '127.0.0.1',
        PORT: String(port),
        DATABASE_URL: databaseUrl,
        // Sessions outlive a restart.
        SESSION_SECRET: await keptSecret(join(directory, 'session-secret')),
        ADMIN_GROUPS: ADMIN_GROUP,
        AUDITOR_GROUPS: AUDITOR_GROUP,
        ACTIVITY_REGIONS: `${sandbox.organization.region},us-east-1`,
      },
      greeting: greeting(baseUrl, sandbox.environment.ACCESS_PORTAL_URL ?? ''),
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

/** The demo company's sandbox on its own, for a portal in another process; `BASE_URL` says where that is. */
export async function startDemoSandbox({
  env,
  ...options
}: {
  host: string;
  port: number;
  smtpPort: number;
  publicUrl?: string;
  stateFile?: string;
  env: Environment;
}): Promise<Sandbox> {
  refuseInProduction(env);
  const sandbox = await startSandbox({
    organization: demoOrganization(),
    featuredPeople: DEMO_FEATURED_PEOPLE,
    ...options,
  });
  if (env.BASE_URL) registerPortal(sandbox, env.BASE_URL);
  return sandbox;
}

/** Whoever can reach the sandbox can be anyone. */
function refuseInProduction(env: Environment): void {
  const baseUrl = URL.canParse(env.BASE_URL ?? '') ? new URL(env.BASE_URL ?? '') : null;
  if (env.NODE_ENV === 'production' && baseUrl !== null && !isLoopback(baseUrl)) {
    throw new ConfigError([
      'The sandbox lets anyone sign in as anyone: it does not start with NODE_ENV=production and a BASE_URL that others can reach.',
    ]);
  }
}

function greeting(baseUrl: string, accessPortalUrl: string): string {
  const people = DEMO_FEATURED_PEOPLE.map(({ userName, about }) => `  ${userName.padEnd(16)} ${about}`);
  return [
    '',
    `Latchkey is ready: ${baseUrl}`,
    '',
    'Sign in as',
    ...people,
    '',
    `AWS access portal (where the access is used): ${accessPortalUrl}`,
    `Mail that was sent:                           ${new URL('/mail', accessPortalUrl).href}`,
    '',
    'Ctrl-C stops everything; the state is kept.',
  ].join('\n');
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
