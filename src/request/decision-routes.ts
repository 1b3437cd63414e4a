import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { InvalidInputError, UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { optionalText, parseForm, readForm, submitted } from '../web/index.ts';
import { approveRequest } from './approve-request.ts';
import { currentStep } from './machine.ts';
import { requestNumber } from './number.ts';
import { rejectRequest } from './reject-request.ts';
import { requestPage } from './show.ts';
import type { AccessRequest } from './types.ts';
import { seeRequest } from './view-request.ts';

export const Id = z.object({ id: z.string() });

const Version = z.coerce
  .number('Reload the page and decide again: the form did not say what it showed.')
  .int()
  .min(1, 'Reload the page and decide again: the form did not say what it showed.');
const Rejection = z.object({ comment: optionalText(1000), version: Version });
const Approval = Rejection.extend({
  // Left empty: all that was asked for.
  durationMinutes: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number('Give whole minutes, or leave it empty.').int('Give whole minutes, or leave it empty.').optional(),
  ),
});

/** An approver's yes or no on one request. */
export function decisionRoutes(app: FastifyInstance, platform: Platform): void {
  const access = { config: { access: 'person' as const } };

  app.post('/requests/:id/approval', access, (request, reply) =>
    decided(request, reply, async (requestId) => {
      const form = parseForm(Approval, request.body);
      return approveRequest(platform, { requestId, ...form }, request.actor());
    }),
  );

  app.post('/requests/:id/rejection', access, (request, reply) =>
    decided(request, reply, async (requestId) => {
      const form = parseForm(Rejection, request.body);
      return rejectRequest(platform, { requestId, ...form }, request.actor());
    }),
  );

  async function decided(
    request: FastifyRequest,
    reply: FastifyReply,
    decide: (requestId: string) => Promise<AccessRequest>,
  ) {
    const { id } = Id.parse(request.params);
    await seeRequest(platform.db.prisma, request.signedIn(), id);
    try {
      const after = await decide(id);
      reply.flash('success', sayDecided(after));
      return reply.seeOther(`/requests/${id}`);
    } catch (error) {
      if (error instanceof InvalidInputError || error instanceof UnavailableError) {
        return showAgain(platform, request, reply, id, error);
      }
      throw error;
    }
  }
}

function sayDecided(after: AccessRequest): string {
  const number = requestNumber(after);
  if (after.status === 'approved') return `${number} is approved. ${after.requesterName} gets mail.`;
  if (after.status === 'rejected') return `${number} is rejected. ${after.requesterName} gets mail.`;
  return `Your approval of ${number} is recorded; ${sayWaits(after)}.`;
}

/** What a pending request waits for after somebody approved it. */
export function sayWaits(after: AccessRequest): string {
  if (after.steps.length === 1) return 'it waits for another one';
  return `it waits for step ${currentStep(after) + 1} of ${after.steps.length}`;
}

async function showAgain(
  platform: Platform,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  error: InvalidInputError | UnavailableError,
) {
  const page = await platform.db.tx((tx) => requestPage(platform, tx, request.signedIn(), id));
  // Without the form there is no place for what was typed.
  if (page.decide === null && error instanceof UnavailableError) throw error;
  return reply.code(error.status).page('request/show', {
    page,
    section: page.section,
    errors: error instanceof InvalidInputError ? error.fields : { form: error.message },
    submitted: submitted(request.body),
    activity: null,
  });
}

const Bulk = z.object({
  chosen: z.preprocess(
    (value) => (value === undefined ? [] : [value].flat()),
    z
      .array(z.string().regex(/^[0-9a-f-]{36}:\d{1,9}$/, 'Reload the page and choose again.'))
      .min(1, 'Choose at least one request.')
      .max(100, 'Choose at most 100 requests.'),
  ),
  verdict: z.enum(['approve', 'reject'], 'Press Approve or Reject.'),
  comment: optionalText(1000),
});

export interface BulkChoice {
  verdict: 'approve' | 'reject';
  comment: string;
  chosen: { requestId: string; version: number }[];
}

/** Reads the form of several decisions at once. */
export function readBulk(
  body: unknown,
): { ok: true; values: BulkChoice } | { ok: false; errors: Record<string, string> } {
  const result = readForm(Bulk, body);
  if (!result.ok) return { ok: false, errors: result.errors };
  const { chosen, ...rest } = result.values;
  const split = chosen.map((each) => {
    const [requestId = '', version = '0'] = each.split(':');
    return { requestId, version: Number(version) };
  });
  return { ok: true, values: { ...rest, chosen: split } };
}
