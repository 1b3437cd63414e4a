import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type AppError,
  ConflictError,
  type FieldErrors,
  InvalidInputError,
  NotFoundError,
} from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { readForm, searchWords, submitted, text } from '../../web/index.ts';
import { one } from '../form/field-values.ts';
import { readChange, readChanges } from './change-pages.ts';
import { findChange, type ProposedChange } from './change-store.ts';
import { confirmChange } from './confirm-change.ts';
import { rejectChange } from './reject-change.ts';
import { withdrawChange } from './withdraw-change.ts';

const BASE = '/admin/policy-changes';
const access = { config: { access: 'admin' } } as const;
// Auditors read everything here and decide on nothing.
const reading = { config: { access: ['admin', 'auditor'] as ['admin', 'auditor'] } };

const Query = z.object({
  q: searchWords.catch(''),
  kind: z.enum(['eligibility', 'approval', 'guardrail', '']).catch(''),
  status: z.enum(['deleted', 'declined', '']).catch(''),
  cursor: z.string().optional().catch(undefined),
});

const RejectionForm = z.object({
  comment: text({ max: 2_000, missing: 'Say why, so that its author knows what to change.' }),
});

/** What waits for a second admin, what became of all changes, and deciding on one. */
export function registerChangePages(app: FastifyInstance, platform: Platform): void {
  const { prisma } = platform.db;

  const find = async (request: FastifyRequest): Promise<ProposedChange> => {
    const { data } = z.object({ id: z.uuid() }).safeParse(request.params);
    const change = data ? await findChange(prisma, data.id) : null;
    if (change === null) throw new NotFoundError('change-gone', 'There is no such change of a policy.');
    return change;
  };

  const show = async (request: FastifyRequest, reply: FastifyReply, comment = '', errors: FieldErrors = {}) => {
    const change = await readChange(platform, await find(request), request.signedIn().userId);
    return reply.page('policy/change', { ...change, mayDecide: isAdmin(request), comment, errors });
  };

  /** Decides, or shows the change again with why that cannot be. */
  const decide = async (
    request: FastifyRequest,
    reply: FastifyReply,
    work: (id: string) => Promise<ProposedChange>,
    done: (name: string) => string,
  ) => {
    const { id } = await find(request);
    try {
      const { name } = await work(id);
      reply.flash('success', done(name));
      return reply.seeOther(BASE);
    } catch (error) {
      if (!(error instanceof ConflictError || error instanceof InvalidInputError)) throw error;
      const form =
        error instanceof InvalidInputError
          ? 'The policy can no longer be saved as this change has it; what is wrong stands below. Reject the change, or ask its author to withdraw it and propose it anew.'
          : (error as AppError).message;
      return show(request, reply.code(error.status), one(submitted(request.body), 'comment'), { form });
    }
  };

  app.get(BASE, reading, async (request, reply) => {
    const changes = await readChanges(prisma, Query.parse(request.query), request.signedIn().userId);
    return reply.page('policy/changes', { ...changes, mayDecide: isAdmin(request) });
  });

  app.get(`${BASE}/:id`, reading, async (request, reply) => show(request, reply));

  app.post(`${BASE}/:id/confirmation`, access, async (request, reply) =>
    decide(
      request,
      reply,
      (id) => confirmChange(platform, id, request.actor()),
      (name) => `The change of ${name} is confirmed. It holds from now on.`,
    ),
  );

  app.post(`${BASE}/:id/rejection`, access, async (request, reply) => {
    const form = readForm(RejectionForm, request.body);
    if (!form.ok) return show(request, reply.code(422), one(submitted(request.body), 'comment'), form.errors);
    return decide(
      request,
      reply,
      (id) => rejectChange(platform, id, form.values.comment, request.actor()),
      (name) => `The change of ${name} is rejected. The policy stays as it is.`,
    );
  });

  app.post(`${BASE}/:id/withdrawal`, access, async (request, reply) =>
    decide(
      request,
      reply,
      (id) => withdrawChange(platform, id, request.actor()),
      (name) => `Your change of ${name} is withdrawn. The policy stays as it is.`,
    ),
  );
}

function isAdmin(request: FastifyRequest): boolean {
  return request.signedIn().personas.has('admin');
}
