import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type FieldErrors, InvalidInputError, NotFoundError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { readSettings, readTimeZone } from '../../settings/index.ts';
import { optionalText, parseForm } from '../../web/index.ts';
import { removePolicy } from '../change/change-policy.ts';
import type { AnyPolicy } from '../change/kind-of-policy.ts';
import { readImpact } from '../impact/read-impact.ts';
import { readNames } from '../names.ts';
import type { Stored } from '../store.ts';
import { VersionForm } from './form.ts';
import type { PolicyPages } from './kinds.ts';

const DeletionForm = VersionForm.extend({ ticket: optionalText(100) });

/** Asking whether to delete a policy, and deleting it. */
export function registerDeletion<P extends AnyPolicy>(
  app: FastifyInstance,
  { platform, pages }: { platform: Platform; pages: PolicyPages<P> },
): void {
  const { base, how, words } = pages;
  const { prisma } = platform.db;
  const access = { config: { access: 'admin' } } as const;

  const find = async (params: unknown): Promise<Stored<P>> => {
    const id = z.object({ id: z.uuid() }).safeParse(params);
    const policy = id.success ? await how.find(prisma, id.data.id) : null;
    if (policy !== null) return policy;
    throw new NotFoundError('policy-gone', `This ${words.one} does not exist any more. Perhaps someone deleted it.`);
  };

  const ask = async (
    request: FastifyRequest,
    reply: FastifyReply,
    policy: Stored<P>,
    ticket = '',
    errors: FieldErrors = {},
  ) => {
    const timeZone = await readTimeZone(prisma, request.signedIn().userId);
    const names = await readNames(prisma, how.references(policy));
    const { settings } = await readSettings(prisma);
    const impact = await readImpact(platform, { id: policy.id, kind: how.kind, policy: null });
    return reply.page('shared/confirm', {
      title: `Delete ${words.one}`,
      question: `Delete “${policy.name}”?`,
      text: `${settings.secondAdminRequired ? 'It stays until another admin confirms this.' : ''} ${words.deletion}`.trim(),
      details: [['What it says', pages.sentence(policy, names, timeZone)]],
      more: { view: '/policy/_impact-section', data: { impact } },
      comment: {
        name: 'ticket',
        type: 'text',
        label: 'Ticket',
        hint: 'What asks for this, for auditors.',
        required: settings.policyTicketRequired,
        value: ticket,
        error: errors.ticket,
        attributes: { maxlength: 100, autocomplete: 'off' },
      },
      errors,
      action: `${base}/${policy.id}/deletion`,
      hidden: { version: policy.version },
      button: settings.secondAdminRequired ? 'Propose to delete' : `Delete ${words.one.split(' ').at(-1)}`,
      back: base,
    });
  };

  app.get(`${base}/:id/deletion`, access, async (request, reply) => ask(request, reply, await find(request.params)));

  app.post(`${base}/:id/deletion`, access, async (request, reply) => {
    const policy = await find(request.params);
    const { version, ticket } = parseForm(DeletionForm, request.body);
    try {
      const done = await removePolicy(platform, how, { seen: { id: policy.id, version }, ticket }, request.actor());
      if (done.waitsAs === null) {
        reply.flash('success', `${done.name} is deleted.`);
        return reply.seeOther(base);
      }
      reply.flash('info', `Deleting ${done.name} waits until another admin confirms it.`);
      return reply.seeOther(`/admin/policy-changes/${done.waitsAs}`);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      return ask(request, reply.code(error.status), policy, ticket, error.fields);
    }
  });
}
