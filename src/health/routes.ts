import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { retryRevoke } from '../access/index.ts';
import type { Person } from '../identity/index.ts';
import { NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatInZone } from '../platform/time.ts';
import { readTimeZone } from '../settings/index.ts';
import { sendIfChanged } from '../web/index.ts';
import { createHealthReader } from './read-health.ts';
import { healthView } from './view.ts';

const PAGE = '/admin/health';
const readers = { config: { access: ['admin' as const, 'auditor' as const] } };

/** What is overdue, what is stuck, and how everything that Latchkey stands on is. */
export async function healthRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  const read = createHealthReader(platform);
  const viewFor = async ({ personas, userId }: Person) => {
    const timeZone = await readTimeZone(platform.db.prisma, userId);
    const format = (at: Date) => `${formatInZone(at, timeZone)} (${timeZone})`;
    return healthView(await read(), { mayRetry: personas.has('admin'), format });
  };

  app.get(PAGE, readers, async (request, reply) =>
    reply.page('health/index', { health: await viewFor(request.signedIn()) }),
  );

  app.get(`${PAGE}/state`, readers, async (request, reply) => {
    const health = await viewFor(request.signedIn());
    return sendIfChanged(request, reply, health.version, () => reply.partial('health/_state', { health }));
  });

  app.post(`${PAGE}/assignments/:id/retry`, { config: { access: 'admin' } }, async (request, reply) => {
    const { id } = z.object({ id: z.uuid() }).safeParse(request.params).data ?? {};
    if (id === undefined) throw new NotFoundError('no-assignment', 'There is no such access.');
    await platform.db.tx((tx) => retryRevoke(platform, tx, { assignmentId: id, actor: request.actor() }));
    reply.flash('success', 'It is tried again now; this page shows what comes of it.');
    return reply.seeOther(PAGE);
  });
}
