import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { activitySection } from '../activity/index.ts';
import { NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { isLivePoll, sendIfChanged } from '../web/index.ts';
import { Id } from './decision-routes.ts';
import { type RequestPage, requestPage, requestState } from './show.ts';

/** One request, for everyone who may see it: the link in every message. */
export function showRoutes(app: FastifyInstance, platform: Platform): void {
  const { db } = platform;
  const access = { config: { access: 'person' as const } };

  app.get('/requests/:id', access, async (request, reply) => {
    const { id } = Id.parse(request.params);
    const page = await db.tx((tx) => requestPage(platform, tx, request.signedIn(), id));
    return reply.page('request/show', {
      page,
      section: page.section,
      errors: {},
      submitted: {},
      activity: await activityOf(page),
    });
  });

  app.get('/requests/:id/state', access, async (request, reply) => {
    const { id } = Id.parse(request.params);
    const page = await db
      .tx((tx) => requestState(platform, tx, request.signedIn(), id))
      .catch((error) => {
        // An open page shows that there was such a request, so its person may know.
        if (!(error instanceof NotFoundError && isLivePoll(request))) throw error;
        throw new NotFoundError(error.code, 'This request is no longer yours to see.');
      });
    // The page has the form of a decision on it, which has to learn of somebody else's.
    const deciding = z.object({ deciding: z.literal('1') }).safeParse(request.query).success;
    return sendIfChanged(request, reply, page.version, () => reply.partial('request/_live-state', { page, deciding }));
  });

  /** What was done with the access, for those who may read the request's words. */
  async function activityOf({ request, view, grant }: RequestPage) {
    // What an extension made longer has its activity on its own page.
    if (!view.words || grant === null || request.extendsGrantId !== null) return null;
    return await activitySection(platform, request.id, { changesOnly: false, deniedOnly: false });
  }
}
