import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readPersonNow } from '../../directory/index.ts';
import type { Platform } from '../../platform/index.ts';
import { readWhoQuery, WHO } from './input.ts';
import { type Live, readWhoPage } from './page.ts';
import { readWhoChoices, WHO_FIELDS } from './pickers.ts';

const readers: ('admin' | 'auditor')[] = ['admin', 'auditor'];
const access = { config: { access: readers } };
const reading = { config: { access: readers, changesNothing: true } };

const Choices = z.object({ q: z.string().trim().max(200).catch('') });

/** "Who can get what": for administrators and auditors. Nothing here changes anything. */
export function registerWhoPages(app: FastifyInstance, platform: Platform): void {
  const { prisma } = platform.db;

  const show = async (request: FastifyRequest, reply: FastifyReply, input: unknown, live?: Live) => {
    const { userId, personas } = request.signedIn();
    const reader = { userId, mayEdit: personas.has('admin'), baseUrl: platform.config.baseUrl };
    const page = await readWhoPage(prisma, readWhoQuery(input), reader, live);
    return reply.page('policy/who', page);
  };

  app.get(WHO, access, async (request, reply) => show(request, reply, request.query));

  // By the memberships of this moment. A post, so that no link makes Latchkey ask AWS.
  app.post(WHO, reading, async (request, reply) => {
    const { person } = readWhoQuery(request.body);
    if (person === '') return show(request, reply, request.body);
    const live = await readPersonNow(platform, person, { priority: 'sync' });
    return show(request, reply, request.body, live ?? 'gone');
  });

  app.get(`${WHO}/pickers/:field`, access, async (request, reply) => {
    const { field } = z.object({ field: z.enum(WHO_FIELDS) }).parse(request.params);
    const { q } = Choices.parse(request.query);
    return reply.partial('shared/_combobox-options', { combobox: await readWhoChoices(prisma, field, q, '') });
  });
}
