import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/platform/migrate.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    serverUrl: string;
    template: string;
  }
}

interface Server {
  url: string;
  stop(): Promise<void>;
}

/**
 * Runs once for all test files: a Postgres (the given one, one in Docker, or the embedded one) with a migrated
 * template database, whose app_now() can be moved.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  const template = `latchkey_template_${randomBytes(4).toString('hex')}`;
  await execute(server.url, `create database ${template}`);
  const templateUrl = databaseUrl(server.url, template);
  await migrate(templateUrl);
  await execute(templateUrl, MOVABLE_CLOCK);
  project.provide('serverUrl', server.url);
  project.provide('template', template);
  return async () => {
    await execute(server.url, `drop database if exists ${template} with (force)`).catch(() => {});
    await server.stop();
  };
}

const MOVABLE_CLOCK = `
  create table test_clock (ahead interval not null);
  insert into test_clock values ('0');
  create or replace function app_now() returns timestamptz language sql volatile as
    'select clock_timestamp() + (select ahead from test_clock)';
`;

export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

export async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function startServer(): Promise<Server> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  return (await startInDocker()) ?? startEmbedded();
}

/** Null where no Docker engine answers. */
async function startInDocker(): Promise<Server | null> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const engine = await getContainerRuntimeClient().catch(() => null);
  if (engine === null) return null;
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer('postgres:18-alpine')
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=400'])
    .start();
  return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) };
}

async function startEmbedded(): Promise<Server> {
  const directory = join(tmpdir(), `latchkey-test-${randomBytes(6).toString('hex')}`);
  return startEmbeddedPostgres({ directory, persistent: false, flags: ['-c', 'fsync=off'] });
}
