import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Platform } from '../platform/index.ts';

const MIGRATIONS = readdirSync(fileURLToPath(new URL('../../migrations', import.meta.url)))
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.replace(/\.sql$/, ''));

/** For load balancers and Prometheus. `draining` is true once the process was asked to stop. */
export function registerHealth(app: FastifyInstance, platform: Platform, draining: () => boolean): void {
  const open = { config: { access: 'anyone' } } as const;

  app.get('/healthz', open, async (_request, reply) => reply.type('text/plain').send('ok\n'));

  app.get('/readyz', open, async (request, reply) => {
    const obstacle = draining() ? 'stopping' : await whatIsMissing(platform);
    if (obstacle === null) return reply.type('text/plain').send('ready\n');
    request.log.warn({ obstacle }, 'not ready');
    return reply.code(503).type('text/plain').send(`${obstacle}\n`);
  });

  app.get('/metrics', open, async (_request, reply) =>
    reply.type(platform.metrics.contentType).send(await platform.metrics.metrics()),
  );
}

/** Null when this process can do its work. A demoted primary still answers questions, so it is asked whether it writes. */
async function whatIsMissing({ db }: Platform): Promise<string | null> {
  try {
    const writable = await db.pool.query<{ transaction_read_only: string }>('show transaction_read_only');
    if (writable.rows[0]?.transaction_read_only !== 'off') return 'the database is read-only';
    const { rows } = await db.pool.query<{ name: string }>('select name from migrations');
    const applied = new Set(rows.map((row) => row.name));
    return MIGRATIONS.every((name) => applied.has(name)) ? null : 'the database is not migrated';
  } catch {
    return 'the database does not answer';
  }
}
