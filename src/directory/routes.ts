import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Platform } from '../platform/index.ts';
import { requestSync } from './request-sync.ts';

/** Copying the directory on demand. */
export async function directoryRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  app.post('/admin/directory/sync', { config: { access: 'admin' } }, async (request, reply) => {
    await platform.db.tx((tx) => requestSync(platform, tx, request.actor()));
    reply.flash(
      'info',
      'The directory is being copied now. In a large organization that takes a minute or two; reload the page to see the new copy.',
    );
    return reply.seeOther(pathBack(request, platform.config.baseUrl));
  });
}

/** The page of ours that the button was on; the settings where the browser does not say. */
function pathBack(request: FastifyRequest, baseUrl: URL): string {
  const referer = request.headers.referer ?? '';
  const url = URL.canParse(referer) ? new URL(referer) : null;
  const ours = url?.origin === baseUrl.origin && !url.pathname.startsWith('//');
  return ours ? `${url.pathname}${url.search}` : '/admin/settings';
}
