import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ConflictError, InvalidInputError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readForm, sendIfChanged, submitted } from '../web/index.ts';
import { type BeginEmergency, beginEmergency, NothingToEnd } from './begin-emergency.ts';
import { changeGiving } from './change-giving.ts';
import { EndForm, GivingForm, readPageQuery, readScopeQuery } from './input.ts';
import { emergencyPage, endPage, overviewPage, type Wrong } from './pages.ts';
import { toBeTyped } from './scope.ts';
import { EMERGENCY_PAGE } from './tell.ts';

const admin = { config: { access: 'admin' as const } };
// In an emergency AWS may be what is away.
const stopping = { config: { ...admin.config, takesAway: (body: unknown) => submitted(body).to === 'stop' } };
const ending = { config: { ...admin.config, takesAway: () => true } };

export interface EmergencyPages {
  platform: Platform;
  /** Has this process end at once what an emergency is about; without it, any process does within seconds. */
  wakeSweeper(): void;
}

/** For the worst hour: nothing new is given, and everything of a person, of an account, or all of it ends. */
export async function emergencyRoutes(app: FastifyInstance, { platform, wakeSweeper }: EmergencyPages): Promise<void> {
  const { prisma } = platform.db;

  const overview = async (reply: FastifyReply, wrong: Wrong | null = null) =>
    reply.page('emergency/index', {
      section: EMERGENCY_PAGE,
      page: await overviewPage(prisma, readPageQuery(reply.request.query), wrong),
    });

  app.get(EMERGENCY_PAGE, admin, async (_request, reply) => overview(reply));

  app.post(`${EMERGENCY_PAGE}/giving`, stopping, async (request, reply) => {
    const again = (status: number, errors: Record<string, string>) =>
      overview(reply.code(status), { errors, sent: submitted(request.body) });
    const form = readForm(GivingForm, request.body);
    if (!form.ok) return again(422, form.errors);
    try {
      await changeGiving(platform, form.values, request.actor());
    } catch (error) {
      if (error instanceof InvalidInputError) return again(422, error.fields);
      if (error instanceof ConflictError) return again(409, { form: error.message });
      throw error;
    }
    const stopped = form.values.to === 'stop';
    reply.flash('success', stopped ? 'New access is not given from now on.' : 'New access is given again.');
    return reply.seeOther(EMERGENCY_PAGE);
  });

  const end = async (reply: FastifyReply, input: unknown, wrong: Wrong | null = null) => {
    const asked = readScopeQuery(input);
    // Nobody was chosen: the page on which to choose says so.
    if (asked === null) {
      const { scope } = z.object({ scope: z.string().catch('') }).parse(input ?? {});
      const field = scope === 'account' ? 'account' : 'person';
      return overview(reply.code(422), {
        errors: { [field]: `Choose ${field === 'person' ? 'a person' : 'an account'}.` },
        sent: {},
      });
    }
    return reply.page('emergency/end', {
      section: EMERGENCY_PAGE,
      page: await endPage(prisma, asked.kind, asked.id, wrong),
    });
  };

  app.get(`${EMERGENCY_PAGE}/end`, admin, async (request, reply) => end(reply, request.query));

  app.post(`${EMERGENCY_PAGE}/end`, ending, async (request, reply) => {
    const asked = readScopeQuery(request.body);
    if (asked === null) return end(reply, request.body);
    const again = (status: number, errors: Record<string, string>) =>
      end(reply.code(status), request.body, { errors, sent: submitted(request.body) });
    const form = readForm(EndForm, request.body);
    if (!form.ok) return again(422, { ...form.errors, ...(await confirmationError(asked, request.body)) });
    try {
      const { confirmation, reason, stopGiving: alsoStopGiving } = form.values;
      const emergency = await beginEmergency(
        platform,
        { ...asked, confirmation, reason, alsoStopGiving },
        request.actor(),
      );
      wakeSweeper();
      reply.flash('success', 'It is on record, and is being done. This page shows how far it is.');
      return reply.seeOther(`${EMERGENCY_PAGE}/${emergency.id}`);
    } catch (error) {
      if (error instanceof InvalidInputError) return again(422, error.fields);
      if (error instanceof NothingToEnd) return again(409, { form: error.message });
      throw error;
    }
  });

  /** Where the reason is wrong, the confirmation is looked at too, so that both are told at once. */
  async function confirmationError(
    asked: Pick<BeginEmergency, 'kind' | 'id'>,
    body: unknown,
  ): Promise<Record<string, string>> {
    const { scope } = await endPage(prisma, asked.kind, asked.id);
    const typed = submitted(body).confirmation;
    const right = typeof typed === 'string' && typed.trim() === scope.confirmation;
    return right ? {} : { confirmation: `Type ${toBeTyped(scope.confirmation)} to go on.` };
  }

  app.get(`${EMERGENCY_PAGE}/:id`, admin, async (request, reply) =>
    reply.page('emergency/show', { section: EMERGENCY_PAGE, emergency: await read(request) }),
  );

  app.get(`${EMERGENCY_PAGE}/:id/state`, admin, async (request, reply) => {
    const emergency = await read(request);
    return sendIfChanged(request, reply, emergency.version, () => reply.partial('emergency/_progress', { emergency }));
  });

  async function read(request: FastifyRequest) {
    const { id } = z.object({ id: z.uuid() }).safeParse(request.params).data ?? {};
    const emergency = id === undefined ? null : await emergencyPage(prisma, id);
    if (emergency === null) {
      throw new NotFoundError(
        'no-emergency',
        'There is no such emergency. Administration › Emergency lists those there were.',
      );
    }
    return emergency;
  }
}
