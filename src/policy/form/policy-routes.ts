import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { appNow } from '../../platform/db.ts';
import { NotFoundError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { readTimeZone } from '../../settings/index.ts';
import { parseForm, searchWords, submitted } from '../../web/index.ts';
import type { AnyPolicy, Seen } from '../change/kind-of-policy.ts';
import { readDeclined, readRestorable } from '../change/restore.ts';
import { registerImpact } from '../impact/routes.ts';
import { readNames } from '../names.ts';
import { registerDeletion } from './deletion-routes.ts';
import { applyButton } from './draft.ts';
import { type Fields, one } from './field-values.ts';
import { VersionForm } from './form.ts';
import { type FormState, readPolicyForm } from './form-page.ts';
import type { PolicyPages } from './kinds.ts';
import { POLICY_STATUSES, readPolicyList } from './pages.ts';
import { readWarnings } from './read-warnings.ts';
import { saveForm } from './save-form.ts';

const access = { config: { access: 'admin' } } as const;
const reading = { config: { access: 'admin', changesNothing: true } } as const;

const Query = z.object({
  q: searchWords.catch(''),
  status: z.enum(POLICY_STATUSES).or(z.literal('')).catch(''),
  cursor: z.string().optional().catch(undefined),
});

const AFTERWARDS = {
  'in-force': 'It holds from now on.',
  disabled: 'It is switched off and gives nothing to anybody.',
  'not-yet': 'It holds once its time comes.',
  over: 'Its time is over already, so it gives nothing to anybody.',
};

/** List, form, draft, saving and deletion of one kind of policy. */
export function registerPolicyPages<P extends AnyPolicy>(
  app: FastifyInstance,
  platform: Platform,
  pages: PolicyPages<P>,
): void {
  const { base, how, words } = pages;
  const { prisma } = platform.db;

  const idOf = (request: FastifyRequest): string => {
    const params = z.object({ id: z.uuid() }).safeParse(request.params);
    if (params.success) return params.data.id;
    throw new NotFoundError('policy-gone', `This ${words.one} does not exist any more. Perhaps someone deleted it.`);
  };
  const zoneOf = (request: FastifyRequest) => readTimeZone(prisma, request.signedIn().userId);

  const showForm = async (request: FastifyRequest, reply: FastifyReply, form: FormState) =>
    reply.page('policy/edit', await readPolicyForm(prisma, pages, form, await zoneOf(request)));

  /** Saves, or shows the form again with what is wrong; nothing that was typed is lost. */
  const save = async (request: FastifyRequest, reply: FastifyReply, seen: Seen | undefined) => {
    const fields = submitted(request.body);
    const done = await saveForm(platform, pages, { fields, seen, timeZone: await zoneOf(request) }, request.actor());
    if (!done.ok) return showForm(request, reply.code(done.status), { ...done, fields });
    const waits = `The change of ${done.name} waits until another admin confirms it.`;
    if (done.waitsAs === null) reply.flash('success', `${done.name} is saved. ${AFTERWARDS[done.state]}`);
    else reply.flash('info', waits);
    for (const warning of done.warnings.slice(0, 2)) reply.flash('info', warning.slice(0, 400));
    return reply.seeOther(done.waitsAs === null ? base : `/admin/policy-changes/${done.waitsAs}`);
  };

  app.get(base, access, async (request, reply) =>
    reply.page('policy/index', await readPolicyList(prisma, pages, Query.parse(request.query))),
  );

  app.get(`${base}/new`, access, async (request, reply) => {
    const older = await readRestorable(prisma, how, request.query);
    const declined = await readDeclined(prisma, how, request.query);
    const from = older ?? declined;
    const fields: Fields = from
      ? { ...pages.fieldsOf(from.content, await zoneOf(request)), ...older?.field }
      : pages.emptyFields({ maxDurationMinutes: 60 });
    return showForm(request, reply, { policy: null, fields, errors: {}, declined: declined?.change });
  });

  app.get(`${base}/:id/edit`, access, async (request, reply) => {
    const policy = await how.find(prisma, idOf(request));
    if (policy === null) {
      throw new NotFoundError('policy-gone', `This ${words.one} does not exist any more. Perhaps someone deleted it.`);
    }
    const older = await readRestorable(prisma, how, request.query, policy.id);
    const declined = await readDeclined(prisma, how, request.query, policy.id);
    const content = older?.content ?? declined?.content ?? policy;
    const fields = { ...pages.fieldsOf(content, await zoneOf(request)), ...older?.field };
    const seen = { id: policy.id, version: String(policy.version) };
    return showForm(request, reply, { policy: seen, fields, errors: {}, declined: declined?.change });
  });

  // The form again, with what its search fields ask for and its buttons do: how it works without JavaScript. Nothing is saved.
  app.post(`${base}/draft`, reading, async (request, reply) => {
    const sent = submitted(request.body);
    const id = z.uuid().safeParse(one(sent, 'policyId'));
    const policy = id.success ? { id: id.data, version: one(sent, 'version') } : null;
    const references = how.references(pages.loose(sent, 'UTC'));
    const after = applyButton(how.kind, sent, await readNames(prisma, references));
    const status = Object.keys(after.errors).length > 0 ? 422 : 200;
    return showForm(request, reply.code(status), { policy, ...after });
  });

  // Those addresses stay in the address bar, where the form was shown again; somebody may enter them.
  for (const part of ['draft', 'preview', 'impact']) {
    app.get(`${base}/${part}`, access, async (request, reply) => {
      const { data } = z.object({ policy: z.uuid() }).safeParse(request.query);
      return reply.seeOther(data ? `${base}/${data.policy}/edit` : `${base}/new`);
    });
  }

  // The sentence that restates the rule while it is made, and what to think of twice.
  app.post(`${base}/preview`, reading, async (request, reply) => {
    const timeZone = await zoneOf(request);
    const fields = submitted(request.body);
    const content = pages.loose(fields, timeZone);
    const names = await readNames(prisma, how.references(content));
    const id = z.uuid().safeParse(one(fields, 'policyId'));
    const change = { id: id.success ? id.data : null, ...pages.content(content) };
    const warnings = await readWarnings(prisma, change, await appNow(prisma));
    return reply.partial('policy/_sentence', { sentence: pages.sentence(content, names, timeZone), warnings });
  });

  app.post(base, access, async (request, reply) => save(request, reply, undefined));

  app.post(`${base}/:id`, access, async (request, reply) => {
    const id = idOf(request);
    const { version } = parseForm(VersionForm, request.body);
    return save(request, reply, { id, version });
  });

  registerImpact(app, { platform, pages });
  registerDeletion(app, { platform, pages });
}
