import { createHash, randomBytes } from 'node:crypto';
import { Signer } from '@fastify/cookie';
import type { Config } from '../platform/config.ts';
import { SIGN_IN_MINUTES } from './saml.ts';

/** A new secret of 256 bits, for an identifier that nobody may guess. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of an identifier: who reads the table cannot use it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * The two cookies, by where the portal is reached.
 *
 * The session's is Lax, so that links in mail arrive signed in. The answer of Identity Center is posted from another
 * site, where a Lax cookie stays away: what binds a sign-in to its browser is therefore a cookie of its own,
 * `SameSite=None`, which browsers take with Secure only. Over plain http, on loopback, it is Lax: a sandbox on another
 * port of localhost is the same site, because ports do not count.
 */
export function createCookies({ baseUrl, sessionSecret }: Pick<Config, 'baseUrl' | 'sessionSecret'>) {
  const secure = baseUrl.protocol === 'https:';
  const common = { path: '/', httpOnly: true, secure };
  return {
    signer: new Signer(sessionSecret),
    session: { name: secure ? '__Host-latchkey' : 'latchkey', options: { ...common, sameSite: 'lax' as const } },
    signIn: {
      name: secure ? '__Host-saml-pre' : 'saml-pre',
      options: { ...common, sameSite: secure ? ('none' as const) : ('lax' as const), maxAge: SIGN_IN_MINUTES * 60 },
    },
  };
}

export type Cookies = ReturnType<typeof createCookies>;
