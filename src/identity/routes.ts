import limitRate from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Actor } from '../audit/index.ts';
import { findUser, readPersonNow, resolveUserName } from '../directory/index.ts';
import { acsRoutes } from './acs-routes.ts';
import { signOut } from './end-sessions.ts';
import { whereFrom } from './guard.ts';
import type { Identity } from './identity.ts';
import { localPath } from './return-path.ts';
import { newToken } from './session-cookie.ts';
import type { LiveDirectory } from './sign-in.ts';
import { startSignIn } from './start-sign-in.ts';

/** Many people may share one address; someone who tries signatures needs far more. */
const SIGN_INS_A_MINUTE = { max: 600, timeWindow: 60_000 };

/** Signing in and out. `directory` is Identity Center itself, unless a test says otherwise. */
export async function identityRoutes(
  app: FastifyInstance,
  identity: Identity,
  directory: LiveDirectory = { readPersonNow, resolveUserName },
): Promise<void> {
  const { platform, saml, cookies } = identity;
  const { config, db } = platform;

  await app.register(async (scope) => {
    await scope.register(limitRate, { global: false });

    scope.get(
      '/login',
      { exposeHeadRoute: false, config: { access: 'anyone', rateLimit: SIGN_INS_A_MINUTE } },
      async (request, reply) => {
        const returnTo = localPath((request.query as { returnTo?: unknown }).returnTo, config.baseUrl);
        if (await userOf(request)) return reply.redirect(returnTo, 303);
        // The same for all tabs of a browser, or each sign-in that is started would undo the one before.
        const known = request.cookies[cookies.signIn.name] ?? '';
        const browserToken = /^[\w-]{43}$/.test(known) ? known : newToken();
        const address = await startSignIn(platform, saml, { browserToken, returnTo });
        reply.setCookie(cookies.signIn.name, browserToken, cookies.signIn.options);
        return reply.redirect(address, 302);
      },
    );

    scope.post('/logout', { config: { access: 'anyone' } }, async (request, reply) => {
      const { session } = request;
      const user = await userOf(request);
      if (session.userId) {
        const name = user?.displayName ?? session.userId;
        const actor: Actor = { kind: 'user', id: session.userId, name, via: 'web', ...whereFrom(request) };
        await signOut(platform, session.sessionId, actor);
        await session.destroy();
      }
      reply.clearCookie(cookies.session.name, cookies.session.options);
      // Not "cookies": that clears those of every other application of the same domain too.
      reply.header('clear-site-data', '"cache", "storage"');
      return reply.redirect('/signed-out', 303);
    });

    scope.get('/signed-out', { config: { access: 'anyone' } }, async (_request, reply) =>
      reply.page('/identity/signed-out', { accessPortalUrl: config.accessPortalUrl }),
    );

    scope.get('/saml/metadata', { config: { access: 'anyone' } }, async (_request, reply) =>
      reply.type('application/samlmetadata+xml; charset=utf-8').send(saml.metadata()),
    );

    await scope.register(async (acs) => acsRoutes(acs, identity, directory, SIGN_INS_A_MINUTE));
  });

  const userOf = async ({ session }: FastifyRequest) => {
    if (session.unreadable !== undefined) throw session.unreadable;
    const user = session.userId ? await findUser(db.prisma, session.userId) : null;
    return user?.enabled ? user : null;
  };
}
