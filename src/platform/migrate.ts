import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { isDatabaseAway } from './db.ts';
import type { Log } from './log.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the database to the newest migration. Replicas that start together wait for each other under the
 * migration's advisory lock. Throws an error that is a sentence where the database does not answer.
 */
export async function migrate(databaseUrl: string, log?: Log): Promise<void> {
  const applied = await runner({
    databaseUrl,
    dir: MIGRATIONS,
    direction: 'up',
    migrationsTable: 'migrations',
    advisoryLockMode: 'wait',
    checkOrder: true,
    log: () => {},
  }).catch((error: unknown) => {
    throw isDatabaseAway(error) ? new Error(sentenceOf(error), { cause: error }) : error;
  });
  if (applied.length > 0) log?.info({ migrations: applied.map((each) => each.name) }, 'the database was migrated');
}

/** Node's own error has no message, only a code, where a name has several addresses. */
function sentenceOf(error: unknown): string {
  const { message = '', code = 'no answer' } = error as { message?: string; code?: string };
  return `the database does not answer (${message || code}). Look whether Postgres runs and DATABASE_URL leads to it.`;
}
