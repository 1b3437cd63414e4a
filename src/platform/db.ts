import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Prisma, PrismaClient } from './generated/client.ts';
import { connectionFailure, type Log } from './log.ts';

export { Prisma };

/** A transaction in progress, or the database itself where a single statement is enough. */
export type Tx = Prisma.TransactionClient;

export interface Db extends AsyncDisposable {
  prisma: PrismaClient;
  pool: pg.Pool;
  /**
   * Runs `work` in one transaction: all of it or nothing. No network call belongs inside; a statement that
   * waits longer than ten seconds, or a transaction longer than fifteen (or `seconds`), is given up.
   */
  tx<T>(work: (tx: Tx) => Promise<T>, options?: { seconds?: number }): Promise<T>;
  /** Closes the connections that are idle: after a fail-over they lead to a server that no longer writes. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** How long to wait for a free connection before saying that the database is away. */
const CONNECT_TIMEOUT_MS = 3_000;

export function createDb(databaseUrl: string, log: Log, poolSize = 10): Db {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    // Making a connection costs more than all statements of a request together: one that was used lately is kept.
    idleTimeoutMillis: 120_000,
    // A fail-over leaves connections on a server that has become read-only; none may live for ever.
    maxLifetimeSeconds: 300,
    // UTC, whatever the server's own zone is: Prisma's adapter drops the offset of the times that it reads.
    options:
      '-c TimeZone=UTC -c statement_timeout=10000 -c lock_timeout=8000 -c idle_in_transaction_session_timeout=15000',
  });
  pool.on('error', (error) => log.warn(connectionFailure(error), 'an idle database connection was lost'));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
  const close = async () => {
    await prisma.$disconnect();
    if (!pool.ended) await pool.end();
  };
  return {
    prisma,
    pool,
    tx: (work, { seconds = 15 } = {}) => prisma.$transaction(work, { maxWait: 5_000, timeout: seconds * 1_000 }),
    async renew() {
      // Somebody may take one before us; then a new one is made in vain.
      const idle = Array.from({ length: pool.idleCount }, () => pool.connect());
      for (const each of await Promise.allSettled(idle)) if (each.status === 'fulfilled') each.value.release(true);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The database's time, which is the time. Read it after the row lock. */
export async function appNow(tx: Tx): Promise<Date> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`select app_now() as now`;
  if (!row) throw new Error('app_now() gave no row');
  return row.now;
}

/** True where `error` says that the named constraint refused a write. */
export function violates(error: unknown, constraint: string): boolean {
  return databaseMessage(error).includes(constraint);
}

function databaseMessage(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const meta = error instanceof Prisma.PrismaClientKnownRequestError ? JSON.stringify(error.meta ?? {}) : '';
  return `${error.message} ${meta}`;
}

/**
 * True where the database ended a transaction because it and another one waited for each other: nothing of it was
 * done, and doing all of it again is right (SQLSTATE 40P01; Prisma's P2034).
 */
export function isDeadlock(error: unknown): boolean {
  return /40P01|P2034|deadlock/i.test(
    `${error instanceof Error && 'code' in error ? error.code : ''} ${databaseMessage(error)}`,
  );
}

/** SQLSTATE classes and codes, and Prisma's and Node's own words, that mean: the database is away, not that we were wrong. */
const AWAY =
  /ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|P1001|P1002|P1008|P1017|P2024|P2028|\b(08\d{3}|57P0[1-3]|25006|53300)\b|Connection terminated|connection timeout|timeout exceeded when trying to connect|Server has closed the connection|the database system is|DatabaseNotReachable|ConnectionClosed|read-only transaction/i;

/** True where `error` means that the database cannot be reached or cannot write, so that trying again later is right. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return AWAY.test(`${code} ${databaseMessage(error)}`) || (error.cause !== undefined && isDatabaseAway(error.cause));
}
