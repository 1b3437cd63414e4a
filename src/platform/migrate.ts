import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { Log } from './log.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the database to the newest migration. Replicas that start together wait for each other under the
 * migration's advisory lock.
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
  });
  if (applied.length > 0) log?.info({ migrations: applied.map((each) => each.name) }, 'the database was migrated');
}
