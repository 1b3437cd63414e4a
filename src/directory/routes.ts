import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Platform } from '../platform/index.ts';
import { createCursor, PAGE_SIZE, pageOf, sendIfChanged } from '../web/index.ts';
import { CHANGE_KINDS, listChanges } from './change-store.ts';
import { CHANGE_KIND_WORDS, changeInWords } from './change-words.ts';
import type { CountOpenGrants } from './management-alarm.ts';
import { requestSync } from './request-sync.ts';
import { readState } from './state-view.ts';

const PAGE = '/admin/directory';
const admin = { config: { access: 'admin' as const } };
const cursor = createCursor(z.string().regex(/^\d{1,18}$/));
// A filter that cannot be read is no filter.
const Query = z.object({
  kind: z.enum(CHANGE_KINDS).optional().catch(undefined),
  cursor: z.string().max(500).optional().catch(undefined),
});

export interface DirectoryPages {
  platform: Platform;
  /** See `countOpenGrants` of access. */
  openGrants: CountOpenGrants;
}

/** How the directory stands and what changed in it, and copying it on demand. */
export async function directoryRoutes(app: FastifyInstance, { platform, openGrants }: DirectoryPages): Promise<void> {
  const { db } = platform;

  app.get(PAGE, admin, async (request, reply) => {
    const { kind, cursor: place } = Query.parse(request.query ?? {});
    const before = cursor.decode(place);
    const found = await listChanges(db.prisma, {
      kind,
      beforeId: before === null ? undefined : BigInt(before),
      limit: PAGE_SIZE + 1,
    });
    const { rows, next } = pageOf(found.changes, (last) => cursor.encode(String(last.id)));
    return reply.page('directory/index', {
      state: await readState(db.prisma, openGrants),
      changes: rows.map((change) => ({
        ...change,
        kindWord: CHANGE_KIND_WORDS[change.kind],
        ...changeInWords(change),
      })),
      total: found.total,
      kind: kind ?? '',
      kinds: CHANGE_KINDS.map((value) => ({ value, label: CHANGE_KIND_WORDS[value] })),
      address: request.url,
      pagination: { address: request.url, cursor: before === null ? null : String(place), next },
    });
  });

  app.get(`${PAGE}/state`, admin, async (request, reply) => {
    const state = await readState(db.prisma, openGrants);
    return sendIfChanged(request, reply, state.version, () => reply.partial('directory/_state', { state }));
  });

  app.post(`${PAGE}/sync`, admin, async (request, reply) => {
    await db.tx((tx) => requestSync(platform, tx, request.actor()));
    const back = pathBack(request, platform.config.baseUrl);
    const where =
      new URL(back, platform.config.baseUrl).pathname === PAGE
        ? '.'
        : '; Administration › Directory shows how far it is.';
    reply.flash(
      'info',
      `The directory is being copied now. In a large organization that takes a minute or two${where}`,
    );
    return reply.seeOther(back);
  });
}

/** The page of ours that the button was on; the directory's where the browser does not say. */
function pathBack(request: FastifyRequest, baseUrl: URL): string {
  const referer = request.headers.referer ?? '';
  const url = URL.canParse(referer) ? new URL(referer) : null;
  const ours = url?.origin === baseUrl.origin && !url.pathname.startsWith('//');
  return ours ? `${url.pathname}${url.search}` : PAGE;
}
