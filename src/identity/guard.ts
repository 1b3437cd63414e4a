import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../audit/index.ts';
import { ForbiddenError, UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { isLivePoll, wantsFragment } from '../web/index.ts';
import { confirmAdmin, type ReadPersonNow } from './confirm-admin.ts';
import { checkOrigin, checkToken, needsCsrfCheck } from './csrf.ts';
import { endSessionsOf } from './end-sessions.ts';
import { findPerson, type IsApprover } from './person.ts';
import { localPath, localPathOfUrl } from './return-path.ts';
import { hashToken } from './session-cookie.ts';
import { touchSession } from './store.ts';
import type { AccessRule, Person } from './types.ts';

/**
 * Lets requests through to their route, or not: forged ones never, anonymous ones to the sign-in, people without the
 * right persona to a refusal. It runs after every `onRequest` hook, so that refusals carry the security headers too.
 */
export function addGuard(
  app: FastifyInstance,
  platform: Platform,
  isApprover: IsApprover,
  readPersonNow: ReadPersonNow,
): void {
  app.decorateRequest('person', null);
  app.decorateRequest('signedIn', function (this: FastifyRequest): Person {
    if (!this.person) throw new Error(`${this.method} ${this.url} is open to anyone: nobody is signed in`);
    return this.person;
  });
  app.decorateRequest('actor', function (this: FastifyRequest): Actor {
    const { userId, displayName } = this.signedIn();
    return { kind: 'user', id: userId, name: displayName, via: 'web', ...whereFrom(this) };
  });

  app.addHook('preParsing', async (request, reply) => {
    if (needsCsrfCheck(request)) checkOrigin(request, platform.config);
    const { access = 'person' } = request.routeOptions.config;
    if (access === 'anyone' && !request.is404) return;
    request.person = await personOf(request, platform, isApprover);
    if (request.is404) return;
    if (!request.person) return askToSignIn(request, reply, platform);
    checkPersona(request.person, access);
  });
  app.addHook('preValidation', async (request) => {
    if (!needsCsrfCheck(request)) return;
    checkToken(request, platform.config);
    const { access, changesNothing, takesAway } = request.routeOptions.config;
    if (access !== 'admin' || changesNothing) return;
    try {
      await confirmAdmin(platform, readPersonNow, request.signedIn().userId);
    } catch (error) {
      if (!(error instanceof UnavailableError && takesAway?.(request.body))) throw error;
    }
  });
}

/** Address and program of who asks, for the audit log. */
export function whereFrom(request: FastifyRequest): { address: string; userAgent: string } {
  return { address: request.ip, userAgent: request.headers['user-agent'] ?? '' };
}

/** Who is signed in with this request; null for nobody. A session of someone who is disabled or gone ends here. */
async function personOf(request: FastifyRequest, platform: Platform, isApprover: IsApprover): Promise<Person | null> {
  const { userId, unreadable, stale, sessionId } = request.session;
  if (unreadable !== undefined) throw unreadable;
  if (!userId) return null;
  const person = await findPerson(platform, isApprover, userId);
  const { db } = platform;
  if (person === null) {
    await db.tx((tx) => endSessionsOf(tx, userId, 'user-disabled'));
    await request.session.destroy();
    return null;
  }
  // A page that asks by itself whether something changed is not a sign that someone is there.
  if (stale && !isLivePoll(request)) await touchSession(db.prisma, hashToken(sessionId));
  return person;
}

function askToSignIn(request: FastifyRequest, reply: FastifyReply, { config }: Platform): FastifyReply {
  const { baseUrl } = config;
  if (wantsFragment(request)) {
    const page = localPathOfUrl(request.headers['hx-current-url'], baseUrl);
    return reply.code(401).header('hx-redirect', signInPath(page)).send();
  }
  const page = request.method === 'GET' || request.method === 'HEAD' ? request.url : request.headers.referer;
  const path = page?.startsWith('/') ? localPath(page, baseUrl) : localPathOfUrl(page, baseUrl);
  return reply.redirect(signInPath(path), 302);
}

function signInPath(returnTo: string): string {
  return returnTo === '/' ? '/login' : `/login?returnTo=${encodeURIComponent(returnTo)}`;
}

const MISSING = {
  admin:
    'This page is for the administrators of Latchkey. If you should be one, ask an administrator to add you to their group in IAM Identity Center.',
  auditor:
    'This page is for auditors. If you should be one, ask an administrator of Latchkey to add you to the auditors’ group in IAM Identity Center.',
  approver:
    'This page is for people who approve requests. If you should be one, ask an administrator of Latchkey to name you in an approval policy.',
};

function checkPersona(person: Person, access: AccessRule): void {
  if (access === 'anyone' || access === 'person') return;
  const personas = [access].flat();
  if (personas.some((persona) => person.personas.has(persona))) return;
  const [first = 'admin'] = personas;
  throw new ForbiddenError(`not-${first}`, MISSING[first]);
}
