import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createDb, type Db } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { databaseUrl, execute } from './postgres.ts';

export interface TestBackup {
  /** Puts the backup in the database's place, its clock included. Whoever is connected is thrown out. */
  restore(): Promise<void>;
}

export interface TestDatabase extends AsyncDisposable {
  url: string;
  db: Db;
  /** Moves app_now() ahead, for everyone who uses this database; `alone`: no process was there meanwhile. */
  advance(by: { minutes?: number; seconds?: number; hours?: number; alone?: boolean }): Promise<void>;
  /** Makes a backup. Whoever is connected is thrown out. */
  backup(): Promise<TestBackup>;
}

/** A database of its own, cloned from the migrated template. Close it with `await using`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `latchkey_test_${randomBytes(6).toString('hex')}`;
  const serverUrl = inject('serverUrl');
  await execute(serverUrl, `create database ${name} template ${inject('template')}`);
  const url = databaseUrl(serverUrl, name);
  const db = createDb(url, createLog('silent'));
  // The template may be older than a silence that means something.
  await db.pool.query('update access_state set beat_at = app_now()');
  const copies: string[] = [];
  return {
    url,
    db,
    async advance({ hours = 0, minutes = 0, seconds = 0, alone = false }) {
      const total = hours * 3600 + minutes * 60 + seconds;
      await db.pool.query(
        `with moved as (update test_clock set ahead = ahead + make_interval(secs => $1))
         update access_state set beat_at = beat_at + make_interval(secs => $2)`,
        [total, alone ? 0 : total],
      );
    },
    async backup() {
      const copy = `${name}_backup`;
      await inQuiet(serverUrl, name, [`create database ${copy} template ${name}`]);
      copies.push(copy);
      return {
        restore: () => inQuiet(serverUrl, name, [`drop database ${name}`, `alter database ${copy} rename to ${name}`]),
      };
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      for (const each of [name, ...copies]) await execute(serverUrl, `drop database if exists ${each} with (force)`);
    },
  };
}

/** Runs the statements while nobody is connected to the database, nor can be. */
async function inQuiet(serverUrl: string, name: string, statements: string[]): Promise<void> {
  await execute(serverUrl, `alter database ${name} allow_connections false`);
  await execute(serverUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
  for (const statement of statements) await execute(serverUrl, statement);
  await execute(serverUrl, `alter database ${name} allow_connections true`);
}
