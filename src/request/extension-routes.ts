import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConflictError, InvalidInputError, UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readForm, submitted } from '../web/index.ts';
import { Id } from './decision-routes.ts';
import { extendAccess } from './extend-access.ts';
import { ExtensionForm, extensionValues } from './extension-form.ts';
import { extensionPage } from './extension-page.ts';
import { requestNumber } from './number.ts';
import type { AccessRequest } from './types.ts';
import { seeRequest } from './view-request.ts';

/** Asking for more time while there is access. */
export function extensionRoutes(app: FastifyInstance, platform: Platform): void {
  const access = { config: { access: 'person' as const } };

  app.get('/requests/:id/extension', access, async (request, reply) => show(request, reply, {}));

  app.post('/requests/:id/extension', access, async (request, reply) => {
    const { id } = Id.parse(request.params);
    await seeRequest(platform.db.prisma, request.signedIn(), id);
    const values = extensionValues(request.body);
    const sent = submitted(request.body);
    const form = readForm(ExtensionForm, { ...sent, durationMinutes: values.customMinutes || sent.durationMinutes });
    if (!form.ok) return show(request, reply, form.errors);
    const { durationMinutes, comment: justification, formKey } = form.values;
    try {
      const asked = { requestId: id, durationMinutes, justification, formKey };
      const made = await extendAccess(platform, asked, request.actor());
      reply.flash('success', sayAsked(made));
      return reply.seeOther(`/requests/${made.id}`);
    } catch (error) {
      if (error instanceof InvalidInputError) return show(request, reply, error.fields);
      if (error instanceof ConflictError) return show(request, reply, {}, error);
      if (error instanceof UnavailableError) return show(request, reply, { form: error.message }, null, error.status);
      throw error;
    }
  });

  /** The page; filled in again where something was wrong, and with what is left to do where it cannot be. */
  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    errors: Record<string, string>,
    refused: ConflictError | null = null,
    wrongStatus = 422,
  ) {
    const { id } = Id.parse(request.params);
    const { durationMinutes, ...others } = errors;
    const values = extensionValues(request.body);
    // The sentence belongs where the length was typed.
    const typed = durationMinutes !== undefined && values.customMinutes !== '';
    const atField = typed ? { ...others, customMinutes: durationMinutes } : errors;
    const page = await platform.db.tx((tx) => extensionPage(tx, request.signedIn(), id, values, atField));
    const blocked = page.blocked ?? (refused && { code: refused.code, why: refused.message, waiting: null });
    const wrong = Object.keys(errors).length > 0 ? wrongStatus : 200;
    // What does not fit is told; what moved on is a conflict.
    const moved = refused !== null || (blocked !== null && /^(grant-|extension-waits)/.test(blocked.code));
    return reply.code(moved ? 409 : wrong).page('request/extend', { ...page, blocked });
  }
}

function sayAsked(made: AccessRequest): string {
  const number = requestNumber(made);
  if (made.status === 'approved') return `${number} needs no approval: your access lasts longer now.`;
  return `${number} is submitted. Until it is decided, your access keeps its end.`;
}
