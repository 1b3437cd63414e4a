import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { answerErrorsWithPages, PageError } from '../pages/errors.ts';
import { html } from '../pages/html.ts';
import { sendPage } from '../pages/layout.ts';
import {
  enabledPerson,
  type FeaturedPerson,
  forgetPerson,
  peopleChooser,
  rememberedPerson,
  rememberPerson,
} from '../pages/people.ts';
import type { SandboxServices } from '../services.ts';
import { openAccounts, openRole } from './access.ts';
import { consolePage, noAccessPage, openForm, startPage, whoPage } from './pages.ts';
import { type ConsoleSession, ConsoleSessions } from './sessions.ts';

export { openAccounts } from './access.ts';
export { consoleActs } from './acts.ts';
export { ConsoleSessions } from './sessions.ts';

const title = 'AWS access portal';
const searchSchema = z.object({ q: z.string().default(''), next: z.string().optional() });
// Back to where a link led before the person was known, and nowhere else.
const personSchema = z.object({ userId: z.string(), next: z.string().startsWith('/start/').optional() });
const linkSchema = z.object({ account_id: z.string(), role_name: z.string().optional() });
const openSchema = z.object({ account_id: z.string(), role_name: z.string() });
const sessionSchema = z.object({ id: z.string() });
const actSchema = z.object({ act: z.string() });

export interface AccessPortalOptions {
  featured?: readonly FeaturedPerson[];
  /** Whether there is an application to show as a tile. */
  hasApplication?: () => boolean;
}

/** Adds the AWS access portal as a person sees it: what they can open right now, and a console that leaves events. */
export function registerAccessPortal(
  app: FastifyInstance,
  services: SandboxServices,
  { featured = [], hasApplication = () => true }: AccessPortalOptions = {},
): ConsoleSessions {
  const sessions = new ConsoleSessions(services);

  const choose = (reply: FastifyReply, query: string, next?: string) => {
    const people = peopleChooser(services, {
      action: '/start/person',
      searchAction: '/start',
      hidden: next === undefined ? {} : { next },
      query,
      last: undefined,
      featured,
    });
    const body = html`<p>Whose portal do you want to see? AWS would ask for a password here.</p>${people}`;
    return sendPage(reply, { title, body, script: 'portal.js' });
  };

  const session = (request: FastifyRequest): ConsoleSession => {
    const found = sessions.find(sessionSchema.parse(request.params).id);
    // The link alone must not let somebody else act in a person's name.
    if (!found || rememberedPerson(request, services)?.id !== found.user.id) {
      throw new PageError(404, 'No such session', 'It is gone, or it is not yours. Open the console from the portal.');
    }
    return found;
  };

  app.register(async (scope) => {
    answerErrorsWithPages(scope);

    scope.get('/start', (request, reply) => {
      const { q, next } = searchSchema.parse(request.query);
      const user = rememberedPerson(request, services);
      if (!user) return choose(reply, q, next);
      const body = startPage({
        user,
        open: openAccounts(services, user),
        startUrl: `${services.url}/start`,
        region: services.organization.region,
        hasApplication: hasApplication(),
      });
      return sendPage(reply, { title, body, script: 'portal.js' });
    });

    // The deep link as it is written has the slash: `…/start/#/console?…`.
    scope.get('/start/', (_request, reply) => reply.redirect('/start', 303));

    scope.post('/start/person', (request, reply) => {
      const { userId, next } = personSchema.parse(request.body);
      const user = enabledPerson(services, userId);
      if (!user) throw new PageError(403, 'Sign-in refused', 'This person is disabled or does not exist.');
      rememberPerson(reply, user);
      return reply.redirect(next ?? '/start', 303);
    });

    scope.post('/start/sign-out', (_request, reply) => {
      forgetPerson(reply);
      return reply.redirect('/start', 303);
    });

    scope.get('/start/console', (request, reply) => {
      const { account_id: accountId, role_name: roleName } = linkSchema.parse(request.query);
      const user = rememberedPerson(request, services);
      if (!user) return choose(reply, '', request.url);
      const open = openAccounts(services, user).find(({ account }) => account.id === accountId);
      const sets = open?.permissionSets.filter(({ name }) => roleName === undefined || name === roleName) ?? [];
      if (!open || sets.length === 0) {
        return sendPage(reply, { title: 'No access', status: 403, body: noAccessPage(user, accountId, roleName) });
      }
      const forms = sets.map(({ name }) => openForm(accountId, name));
      const body = html`${whoPage(user)}<div class="card"><b>${open.account.name}</b>
<div class="quiet">${accountId}</div>${forms}</div>`;
      return sendPage(reply, { title: 'Open an account', body });
    });

    scope.post('/start/console', (request, reply) => {
      const { account_id: accountId, role_name: roleName } = openSchema.parse(request.body);
      const user = rememberedPerson(request, services);
      if (!user) return reply.redirect('/start', 303);
      const role = openRole(services, user, accountId, roleName);
      if (!role) {
        return sendPage(reply, { title: 'No access', status: 403, body: noAccessPage(user, accountId, roleName) });
      }
      return reply.redirect(`/start/sessions/${sessions.open(user, role.account, role.permissionSet).id}`, 303);
    });

    scope.get('/start/sessions/:id', (request, reply) => {
      return sendPage(reply, { title: 'Pretend console', body: consolePage(session(request), sessions) });
    });

    scope.post('/start/sessions/:id/acts', (request, reply) => {
      const mine = session(request);
      if (sessions.expired(mine)) throw new PageError(403, 'ExpiredToken', 'This session has expired.');
      if (!sessions.act(mine, actSchema.parse(request.body).act)) {
        throw new PageError(400, 'That did not make sense', 'The pretend console cannot do that.');
      }
      return reply.redirect(`/start/sessions/${mine.id}`, 303);
    });
  });

  return sessions;
}
