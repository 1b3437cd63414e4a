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

/** The node's clock may be this far from the database's, in milliseconds. */
const CLOCK_TOLERANCE_MS = 2_000;

/** Null when this process can do its work. A demoted primary still answers questions, so it is asked whether it writes. */
async function whatIsMissing({ db }: Platform): Promise<string | null> {
  try {
    const asked = Date.now();
    const { rows } = await db.pool.query<{ readOnly: boolean; now: number; migrations: string[] }>(STATE);
    const answered = Date.now();
    const [state] = rows;
    if (!state || state.readOnly) {
      // The connection may be to a server that another one has replaced.
      await db.renew();
      return 'the database is read-only';
    }
    // The answer was given at some time in between.
    const apart = state.now < asked - CLOCK_TOLERANCE_MS || state.now > answered + CLOCK_TOLERANCE_MS;
    if (apart) return "this machine's clock is more than two seconds away from the database's";
    const applied = new Set(state.migrations);
    return MIGRATIONS.every((name) => applied.has(name)) ? null : 'the database is not migrated';
  } catch {
    return 'the database does not answer';
  }
}

/** The database's real clock, which tests of this portal do not move. */
const STATE = `
  select current_setting('transaction_read_only') = 'on' as "readOnly",
    extract(epoch from clock_timestamp())::float8 * 1000 as now,
    (select array_agg(name::text) from migrations) as migrations`;
