import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/platform/migrate.ts';
import { registerPortal } from '../../src/sandbox/demo.ts';
import { ensureDatabase, freePort, startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';

/** What a benchmark's portal stands on: a Postgres and a sandbox in the benchmark's own process. */
export interface Stage extends AsyncDisposable {
  databaseUrl: string;
  sandbox: Sandbox;
  /** The environment of the portal's process. */
  environment: Record<string, string>;
  baseUrl: string;
}

/**
 * A fresh, migrated database: of the server of `TEST_DATABASE_URL` where that is set, else of the embedded one; which
 * it also is where the server needs `flags` of its own.
 */
export async function freshDatabase(flags: string[] = []): Promise<{ databaseUrl: string; stop(): Promise<void> }> {
  const given = flags.length === 0 ? process.env.TEST_DATABASE_URL : undefined;
  const name = `latchkey_bench_${randomBytes(4).toString('hex')}`;
  const server = given
    ? { url: given, stop: async () => {} }
    : await startEmbeddedPostgres({ directory: join(tmpdir(), name), persistent: false, flags });
  const databaseUrl = await ensureDatabase(server.url, name);
  await migrate(databaseUrl);
  return { databaseUrl, stop: () => server.stop() };
}

/** A fresh, migrated database and a sandbox; `flags` for the database's server. */
export async function setStage(options: SandboxOptions, flags: string[] = []): Promise<Stage> {
  const { databaseUrl, stop } = await freshDatabase(flags);
  const sandbox = await startSandbox(options);
  const baseUrl = `http://localhost:${await freePort()}`;
  registerPortal(sandbox, baseUrl);
  return {
    databaseUrl,
    sandbox,
    baseUrl,
    environment: {
      ...sandbox.environment,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      BASE_URL: baseUrl,
      PORT: new URL(baseUrl).port,
      DATABASE_URL: databaseUrl,
      SESSION_SECRET: randomBytes(32).toString('hex'),
      ADMIN_GROUPS: 'Latchkey Admins',
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await stop();
    },
  };
}

/** The value below which this share of the numbers lies. */
export function percentile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
