import type { Db } from './db.ts';

/**
 * Runs `work` while no other replica does, and gives null where one does; the lock goes with its connection, also
 * where this process dies. `lock`: any number that nothing else takes.
 */
export async function alone<Result>(
  { db }: { db: Db },
  lock: number,
  work: () => Promise<Result>,
): Promise<Result | null> {
  const connection = await db.pool.connect();
  let broken: Error | undefined;
  const lose = (error: Error) => {
    broken = error;
  };
  connection.on('error', lose);
  try {
    const { rows } = await connection.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lock]);
    if (!rows[0]?.taken) return null;
    try {
      return await work();
    } finally {
      await connection.query('select pg_advisory_unlock($1)', [lock]).catch(lose);
    }
  } finally {
    connection.off('error', lose);
    // A connection that may still hold the lock must not go back into the pool.
    connection.release(broken);
  }
}
