import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SandboxUser } from '../organization.ts';
import { answerErrorsWithPages, PageError } from '../pages/errors.ts';
import { html } from '../pages/html.ts';
import { sendPage } from '../pages/layout.ts';
import {
  enabledPerson,
  type FeaturedPerson,
  peopleChooser,
  rememberedPerson,
  rememberPerson,
} from '../pages/people.ts';
import type { SandboxServices } from '../services.ts';
import { IdentityProvider, samlApplicationSchema } from './provider.ts';
import { type AuthnRequest, BadSamlRequest, packRequest, parseAuthnRequest, unpackRequest } from './request.ts';

export { generateSigningKeys } from './keys.ts';
export { IdentityProvider, samlResponseFor } from './provider.ts';
export { buildResponse } from './response.ts';
export { signResponse } from './sign.ts';

const messageSchema = z.object({ SAMLRequest: z.string(), RelayState: z.string().optional() });
const choosingSchema = z.object({ request: z.string(), RelayState: z.string().optional(), q: z.string().default('') });
const choiceSchema = z.object({ request: z.string(), RelayState: z.string().optional(), userId: z.string() });
const tileSchema = z.object({ unsolicited: z.string().optional(), RelayState: z.string().optional() });

/** Adds the SAML identity provider, which behaves as IAM Identity Center does for one custom application. */
export function registerIdentityProvider(
  app: FastifyInstance,
  services: SandboxServices,
  featured: readonly FeaturedPerson[] = [],
): IdentityProvider {
  const provider = new IdentityProvider(services);

  const choose = (
    web: FastifyRequest,
    reply: FastifyReply,
    request: AuthnRequest,
    { relayState, query = '' }: { relayState: string | undefined; query?: string },
  ) => {
    const application = provider.check(request);
    const hidden = { request: packRequest(request), ...(relayState === undefined ? {} : { RelayState: relayState }) };
    const last = rememberedPerson(web, services);
    const list = peopleChooser(services, {
      action: '/saml/sign-in',
      searchAction: '/saml/sign-in',
      hidden,
      query,
      last,
      featured,
    });
    const body = html`<p>to <b>${application.entityId}</b>. IAM Identity Center would ask for a password here.</p>
${list}`;
    return sendPage(reply, { title: 'Choose who signs in', body });
  };

  const answer = (reply: FastifyReply, user: SandboxUser, request: AuthnRequest | null, relayState?: string) => {
    const xml = provider.responseFor(user, request);
    rememberPerson(reply, user);
    const body = html`<p>Signing in ${user.displayName}…</p>
<form method="post" action="${provider.application?.acsUrl}" data-submit>
<input type="hidden" name="SAMLResponse" value="${Buffer.from(xml).toString('base64')}">
${relayState === undefined ? '' : html`<input type="hidden" name="RelayState" value="${relayState}">`}
<noscript><button>Continue</button></noscript></form>`;
    return sendPage(reply, { title: 'Signing in', body, script: 'submit.js' });
  };

  app.register(async (scope) => {
    answerErrorsWithPages(scope);

    scope.get('/saml/metadata', (_request, reply) =>
      reply.type('application/samlmetadata+xml').send(provider.metadata),
    );

    scope.get('/saml/assertion/latchkey', (request, reply) => {
      const { SAMLRequest, RelayState } = messageSchema.parse(request.query);
      return choose(request, reply, parseAuthnRequest(SAMLRequest, 'redirect'), { relayState: RelayState });
    });

    scope.post('/saml/assertion/latchkey', (request, reply) => {
      const { SAMLRequest, RelayState } = messageSchema.parse(request.body);
      return choose(request, reply, parseAuthnRequest(SAMLRequest, 'post'), { relayState: RelayState });
    });

    scope.get('/saml/sign-in', (request, reply) => {
      const { request: packed, RelayState, q } = choosingSchema.parse(request.query);
      return choose(request, reply, unpackRequest(packed), { relayState: RelayState, query: q });
    });

    scope.post('/saml/sign-in', (request, reply) => {
      const { request: packed, RelayState, userId } = choiceSchema.parse(request.body);
      const asked = unpackRequest(packed);
      provider.check(asked);
      const user = enabledPerson(services, userId);
      if (!user) throw new PageError(403, 'Sign-in refused', 'This person is disabled or does not exist.');
      return answer(reply, user, asked, RelayState);
    });

    // The application's tile in the access portal.
    scope.get('/saml/tile', (request, reply) => {
      const { unsolicited, RelayState } = tileSchema.parse(request.query);
      const { application } = provider;
      if (!application) throw new BadSamlRequest('No application is registered here yet.');
      if (application.startUrl && !unsolicited) return reply.redirect(application.startUrl, 303);
      const user = rememberedPerson(request, services);
      return user ? answer(reply, user, null, RelayState) : reply.redirect('/start', 303);
    });
  });

  app.get('/sandbox/saml-application', () => provider.application ?? {});

  app.put('/sandbox/saml-application', (request, reply) => {
    const given = samlApplicationSchema.safeParse(request.body);
    if (!given.success) return reply.code(400).send({ message: z.prettifyError(given.error) });
    provider.register(given.data);
    return provider.application;
  });

  return provider;
}
