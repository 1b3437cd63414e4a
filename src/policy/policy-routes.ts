import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ConflictError, type FieldErrors, InvalidInputError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { parseForm, readForm, submitted } from '../web/index.ts';
import { changePolicy } from './change-policy.ts';
import { registerDeletion } from './deletion-routes.ts';
import { one } from './fields.ts';
import { VersionForm } from './form.ts';
import type { AnyPolicy, Seen } from './kind-of-policy.ts';
import type { PolicyPages } from './kinds.ts';
import { readNames } from './names.ts';
import { readPolicyForm, readPolicyList } from './pages.ts';
import { readRestorable, readRestoredFrom } from './restore.ts';

const access = { config: { access: 'admin' } } as const;
const reading = { config: { access: 'admin', changesNothing: true } } as const;

const Query = z.object({
  q: z.string().trim().max(200).catch(''),
  cursor: z.string().optional().catch(undefined),
});

/** List, form, draft, saving and deletion of one kind of policy. */
export function registerPolicyPages<P extends AnyPolicy>(
  app: FastifyInstance,
  platform: Platform,
  pages: PolicyPages<P>,
): void {
  const { base, how, words } = pages;
  const { prisma } = platform.db;

  const find = async (request: FastifyRequest) => {
    const id = z.object({ id: z.uuid() }).safeParse(request.params);
    const policy = id.success ? await how.find(prisma, id.data.id) : null;
    if (policy === null) {
      throw new NotFoundError('policy-gone', `This ${words.one} does not exist any more. Perhaps someone deleted it.`);
    }
    return policy;
  };

  const showForm = async (
    reply: FastifyReply,
    form: { policy: { id: string; version: string } | null; body: unknown; errors?: FieldErrors },
  ) => {
    const { policy, body, errors = {} } = form;
    return reply.page('policy/edit', await readPolicyForm(prisma, pages, { policy, fields: submitted(body), errors }));
  };

  /** Saves, or shows the form again with what is wrong; nothing that was typed is lost. */
  const save = async (request: FastifyRequest, reply: FastifyReply, seen: Seen | undefined) => {
    const policy = seen ? { id: seen.id, version: String(seen.version) } : null;
    const form = readForm(pages.form, request.body);
    if (!form.ok) return showForm(reply.code(422), { policy, body: request.body, errors: form.errors });
    try {
      const restoredFrom = await readRestoredFrom(prisma, how, submitted(request.body), seen?.id);
      const done = await changePolicy(platform, how, { content: form.values, seen, restoredFrom }, request.actor());
      if (done.waitsAs === null) {
        reply.flash('success', `${done.name} is saved. It holds from now on.`);
        return reply.seeOther(base);
      }
      reply.flash('info', `Your change of ${done.name} waits until another admin confirms it.`);
      return reply.seeOther(`/admin/policy-changes/${done.waitsAs}`);
    } catch (error) {
      if (error instanceof InvalidInputError) {
        return showForm(reply.code(error.status), { policy, body: request.body, errors: error.fields });
      }
      if (error instanceof ConflictError) {
        return showForm(reply.code(error.status), { policy, body: request.body, errors: { form: error.message } });
      }
      throw error;
    }
  };

  app.get(base, access, async (request, reply) =>
    reply.page('policy/index', await readPolicyList(prisma, pages, Query.parse(request.query))),
  );

  app.get(`${base}/new`, access, async (request, reply) => {
    const restored = await readRestorable(prisma, how, request.query);
    const fields = restored
      ? { ...pages.fieldsOf(restored.content), ...restored.field }
      : pages.emptyFields({ maxDurationMinutes: 60 });
    const form = { policy: null, fields, errors: {} };
    return reply.page('policy/edit', await readPolicyForm(prisma, pages, form));
  });

  app.get(`${base}/:id/edit`, access, async (request, reply) => {
    const policy = await find(request);
    const seen = { id: policy.id, version: String(policy.version) };
    const restored = await readRestorable(prisma, how, request.query, policy.id);
    const fields = { ...pages.fieldsOf(restored?.content ?? policy), ...restored?.field };
    return reply.page('policy/edit', await readPolicyForm(prisma, pages, { policy: seen, fields, errors: {} }));
  });

  // The form again, with what its search fields ask for: how choosing works without JavaScript. Nothing is saved.
  app.post(`${base}/draft`, reading, async (request, reply) => {
    const fields = submitted(request.body);
    const id = z.uuid().safeParse(one(fields, 'policyId'));
    const policy = id.success ? { id: id.data, version: one(fields, 'version') } : null;
    return showForm(reply, { policy, body: request.body });
  });

  // The sentence that restates the rule, while it is made.
  app.post(`${base}/preview`, reading, async (request, reply) => {
    const fields = submitted(request.body);
    const names = await readNames(prisma, pages.references(fields));
    return reply.partial('policy/_sentence', { sentence: pages.sentence(fields, names) });
  });

  app.post(base, access, async (request, reply) => save(request, reply, undefined));

  app.post(`${base}/:id`, access, async (request, reply) => {
    const { id } = await find(request);
    const { version } = parseForm(VersionForm, request.body);
    return save(request, reply, { id, version });
  });

  registerDeletion(app, { platform, pages });
}
