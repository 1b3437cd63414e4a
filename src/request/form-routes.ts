import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError, UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readTimeZone } from '../settings/index.ts';
import { type FormInput, formValues, readRequestForm } from './form.ts';
import { accountsTyped, formView, liveView, rolesTyped } from './form-view.ts';
import { requestNumber } from './number.ts';
import { submitRequest } from './submit-request.ts';

/** Asking for access: the form, what it says while it is filled in, and sending it. */
export function formRoutes(app: FastifyInstance, platform: Platform): void {
  const { db } = platform;
  const access = { config: { access: 'person' as const } };
  // Only reads, each of which stands for itself: no transaction around them, which would cost two statements more.
  const viewOf = (
    request: FastifyRequest,
    wrong: Parameters<typeof formView>[3] = {},
    values = formValues(request.query),
  ) => formView(db.prisma, request.signedIn(), values, wrong);

  app.get('/requests/new', access, async (request, reply) =>
    reply.page('request/new', { section: '/requests/new', form: await viewOf(request) }),
  );

  // Search and Check without scripts. A post, so that justification, ticket and token stay out of the address.
  app.post('/requests/new/draft', { config: { ...access.config, changesNothing: true } }, async (request, reply) => {
    const form = await viewOf(request, {}, formValues(request.body));
    return reply.page('request/new', { section: '/requests/new', form });
  });

  // Somebody who enters the address that is shown then.
  app.get('/requests/new/draft', access, async (_request, reply) => reply.seeOther('/requests/new'));

  app.get('/requests/new/verdict', access, async (request, reply) =>
    reply.partial('request/_live-form', {
      form: await liveView(db.prisma, request.signedIn(), formValues(request.query)),
    }),
  );

  app.get('/requests/new/accounts', access, async (request, reply) => {
    const combobox = await accountsTyped(db.prisma, request.signedIn(), formValues(request.query));
    return reply.partial('shared/_combobox-options', { combobox });
  });

  app.get('/requests/new/roles', access, async (request, reply) => {
    const values = formValues(request.query);
    const combobox = await rolesTyped(db.prisma, request.signedIn(), values, values.q);
    return reply.partial('shared/_combobox-options', { combobox });
  });

  app.post('/requests', access, async (request, reply) => {
    const timeZone = await readTimeZone(db.prisma, request.signedIn().userId);
    const input = readRequestForm(request.body, timeZone);
    if (!input.ok) return formAgain(request, reply, input, input.errors, input.startChoices);
    try {
      const made = await submitRequest(platform, input.submission, request.actor());
      const what = made.status === 'approved' ? 'needs no approval: your access is on its way' : 'is submitted';
      reply.flash('success', `${requestNumber(made)} ${what}.`);
      return reply.seeOther(`/requests/${made.id}`);
    } catch (error) {
      if (error instanceof InvalidInputError) return formAgain(request, reply, input, error.fields, []);
      // What was typed is not lost, and the form's key keeps a second try from being a second request.
      if (error instanceof UnavailableError) {
        return formAgain(request, reply, input, { form: error.message }, [], error.status);
      }
      throw error;
    }
  });

  async function formAgain(
    request: FastifyRequest,
    reply: FastifyReply,
    input: FormInput,
    errors: Record<string, string>,
    startChoices: { value: string; label: string }[],
    status = 422,
  ) {
    const { durationMinutes, ...others } = errors;
    // The sentence belongs where the length was typed.
    const typed = durationMinutes !== undefined && input.values.customMinutes !== '';
    const atField = typed ? { ...others, customMinutes: durationMinutes } : errors;
    const form = await viewOf(request, { errors: atField, startChoices }, input.values);
    return reply.code(status).page('request/new', { section: '/requests/new', form });
  }
}
