import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.ts';
import { ForbiddenError } from '../platform/errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The token that a form of this session has to carry; empty where nobody is signed in. */
export function csrfToken(request: FastifyRequest, { sessionSecret }: Pick<Config, 'sessionSecret'>): string {
  const { session } = request;
  if (!session?.userId) return '';
  // The prefix keeps it apart from the cookie's signature, which is made of the same secret and ID.
  return createHmac('sha256', sessionSecret).update(`csrf:${session.sessionId}`).digest('base64url');
}

/** True where the request wants to change something, and comes from our own pages as far as that is demanded. */
export function needsCsrfCheck(request: FastifyRequest): boolean {
  return !SAFE.has(request.method) && request.routeOptions.config.crossSite !== true;
}

/** Refuses what browsers say comes from another site. Throws `ForbiddenError`. */
export function checkOrigin(request: FastifyRequest, { baseUrl }: Pick<Config, 'baseUrl'>): void {
  const site = request.headers['sec-fetch-site'];
  const ours =
    site === undefined ? request.headers.origin === baseUrl.origin : site === 'same-origin' || site === 'none';
  if (!ours) {
    throw new ForbiddenError(
      'cross-site',
      'This was sent from another site, so nothing was changed. Open the page here and do it again.',
    );
  }
}

/**
 * Refuses a form without the token of this session. Where nobody is signed in there is no session that a forged form
 * could use, and the route decides.
 */
export function checkToken(request: FastifyRequest, config: Pick<Config, 'sessionSecret'>): void {
  const expected = csrfToken(request, config);
  if (expected === '') return;
  const given = request.headers['x-csrf-token'] ?? fieldOf(request.body);
  if (typeof given === 'string' && isSame(given, expected)) return;
  throw new ForbiddenError('form-out-of-date', 'This form is out of date. Reload the page and try again.');
}

function fieldOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && '_csrf' in body ? body._csrf : undefined;
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
