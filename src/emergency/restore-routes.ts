import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ConflictError, type FieldErrors, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { checkbox, readForm, type Submitted, sendIfChanged, submitted, text } from '../web/index.ts';
import { RESTORE_PAGE } from './restore-declare.ts';
import { comparisonPart, NO_RESTORE, restorePage } from './restore-page.ts';
import { compareAgain, finishReview, GO_ON, isGoOn } from './restore-review.ts';

const admin = { config: { access: 'admin' as const } };

const ReviewForm = z.object({
  restoredAt: z.iso.datetime('Open this page anew.').transform((at) => new Date(at)),
  confirmation: z
    .string()
    .max(100)
    .default('')
    .refine(isGoOn, { error: `Type ${GO_ON} to confirm.` }),
  reason: text({
    max: 1000,
    missing: 'Say what you looked at and found, for the other administrators and for the record.',
  }),
  withoutRest: checkbox(),
});

/** What a restored backup leaves uncertain, and going on after somebody has looked at it. */
export async function restoreRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  const { prisma } = platform.db;

  const show = async (reply: FastifyReply, wrong: { errors: FieldErrors; sent: Submitted } | null = null) =>
    reply.page('emergency/restore', { page: await restorePage(prisma, wrong) });

  app.get(RESTORE_PAGE, admin, async (_request, reply) => show(reply));

  app.get(`${RESTORE_PAGE}/state`, admin, async (request, reply) => {
    const comparison = await comparisonPart(prisma);
    if (comparison.version === NO_RESTORE) throw new NotFoundError('no-restore', 'No backup was restored.');
    return sendIfChanged(request, reply, comparison.version, () =>
      reply.partial('emergency/_comparison', { comparison }),
    );
  });

  app.post(RESTORE_PAGE, admin, async (request, reply) => {
    const again = (status: number, errors: FieldErrors) =>
      show(reply.code(status), { errors, sent: submitted(request.body) });
    const form = readForm(ReviewForm, request.body);
    if (!form.ok) return again(422, form.errors);
    try {
      await finishReview(platform, form.values, request.actor());
    } catch (error) {
      if (error instanceof ConflictError) return again(409, { form: error.message });
      throw error;
    }
    reply.flash('success', 'Access is given again from now on.');
    return reply.seeOther(RESTORE_PAGE);
  });

  app.post(`${RESTORE_PAGE}/comparison`, admin, async (request, reply) => {
    await compareAgain(platform, request.actor());
    reply.flash('success', 'What Latchkey gave is being compared with AWS once more.');
    return reply.seeOther(RESTORE_PAGE);
  });
}
