import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { record } from '../audit/index.ts';
import { whereFrom } from './guard.ts';
import type { Identity } from './identity.ts';
import { SamlRejection } from './rejection.ts';
import { decodeForm } from './response-checks.ts';
import { type LiveDirectory, signIn } from './sign-in.ts';

const BODY_LIMIT = 256 * 1024;

/** The assertion consumer service: where Identity Center's answers are posted, from its site, by the browser. */
export function acsRoutes(app: FastifyInstance, identity: Identity, directory: LiveDirectory, rateLimit: object): void {
  const { platform, saml, cookies } = identity;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const rejection = asRejection(error);
    if (rejection === null) throw error;
    await noteRejection(identity, request, rejection);
    if (rejection.reason === 'unsolicited') return reply.page('/identity/continue', {});
    return rejected(request, reply, rejection);
  });

  app.post(
    '/saml/acs',
    { bodyLimit: BODY_LIMIT, config: { access: 'anyone', crossSite: true, rateLimit } },
    async (request, reply) => {
      const { session } = request;
      if (session.unreadable !== undefined) throw session.unreadable;
      const xml = decodeForm(typeof request.body === 'string' ? request.body : '');
      const token = request.cookies[cookies.signIn.name] ?? '';
      const browser = { token, sessionId: session.sessionId, ...whereFrom(request) };
      const { sessionId, returnTo } = await signIn(platform, saml, directory, xml, browser);
      await session.destroy();
      reply.setCookie(cookies.session.name, cookies.signer.sign(sessionId), cookies.session.options);
      return reply.redirect(returnTo, 303);
    },
  );

  // Where a reload or a bookmark leads.
  app.get('/saml/acs', { exposeHeadRoute: false, config: { access: 'anyone' } }, async (request, reply) =>
    rejected(request, reply, new SamlRejection('parameters')),
  );
}

function asRejection(error: FastifyError): SamlRejection | null {
  if (error instanceof SamlRejection) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new SamlRejection('too-large');
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new SamlRejection('content-type');
  return null;
}

async function rejected(request: FastifyRequest, reply: FastifyReply, rejection: SamlRejection): Promise<FastifyReply> {
  const { status, message } = rejection;
  return reply.code(status).page('/identity/rejected', { message, reference: request.id });
}

async function noteRejection(identity: Identity, request: FastifyRequest, rejection: SamlRejection): Promise<void> {
  const { reason, detail } = rejection;
  identity.countRejection(reason);
  request.log.warn({ reason, detail: detail.slice(0, 300) }, 'a SAML response was turned away');
  const { db } = identity.platform;
  await db.tx((tx) =>
    record(tx, {
      kind: 'saml.rejected',
      actor: { kind: 'system', id: 'identity', name: 'Latchkey', via: 'web', ...whereFrom(request) },
      subject: { kind: 'sign-in', id: request.id },
      // The detail can be an attacker's text, and a NUL is not stored.
      after: { reason, detail: detail.replace(/\p{Cc}/gu, ' ').slice(0, 300) },
    }),
  );
}
