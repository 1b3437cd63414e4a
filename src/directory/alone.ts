import type { Platform } from '../platform/index.ts';

/** Any number that nothing else takes. */
const LOCK = 7_203_114;

/**
 * Runs `work` while no other replica does, and gives null where one does; the lock goes with its connection, also
 * where this process dies.
 */
export async function alone<Result>({ db }: Pick<Platform, 'db'>, work: () => Promise<Result>): Promise<Result | null> {
  const connection = await db.pool.connect();
  let broken: Error | undefined;
  const lose = (error: Error) => {
    broken = error;
  };
  connection.on('error', lose);
  try {
    const { rows } = await connection.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
    if (!rows[0]?.taken) return null;
    try {
      return await work();
    } finally {
      await connection.query('select pg_advisory_unlock($1)', [LOCK]).catch(lose);
    }
  } finally {
    connection.off('error', lose);
    // A connection that may still hold the lock must not go back into the pool.
    connection.release(broken);
  }
}
