import type { FastifyInstance } from 'fastify';
import { PageError } from '../errors.ts';

/**
 * Refuses forms that another site posts: whoever looks at a page elsewhere must not change the sandbox by it. The
 * Origin header alone does not tell, since these pages send no referrer and browsers then write `null` into it.
 */
export function refuseOtherSites(scope: FastifyInstance): void {
  scope.addHook('preHandler', async (request) => {
    if (request.method !== 'POST') return;
    const site = request.headers['sec-fetch-site'];
    const { origin, host } = request.headers;
    const elsewhere =
      origin !== undefined && origin !== 'null' && !(URL.canParse(origin) && new URL(origin).host === host);
    const own = site === undefined ? !elsewhere : site === 'same-origin' || site === 'none';
    if (own) return;
    throw new PageError(403, 'That came from another site', 'Change the sandbox on its own page: open “Faults” above.');
  });
}
