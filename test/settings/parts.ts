import type { FastifyRequest } from 'fastify';
import { DIRECTORY_QUEUES } from '../../src/directory/index.ts';
import { directoryRoutes } from '../../src/directory/routes.ts';
import type { Platform } from '../../src/platform/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { createQueue } from '../../src/platform/queue.ts';
import { preferencesRoutes } from '../../src/settings/preferences-routes.ts';
import { settingsRoutes } from '../../src/settings/routes.ts';
import { createTestDatabase } from '../support/db.ts';
import { ADA, createTinyPortal } from '../web/tiny-portal.ts';

/** Who else there is, by the word that the header `x-as` has for them. */
const PEOPLE: Record<string, { userId: string; displayName: string }> = {
  ada: ADA,
  bob: { userId: 'u-bob', displayName: 'Bob' },
};
export const ADMIN_GROUP = '11111111-1111-1111-1111-111111111111';
export const BOB = { 'x-as': 'bob' };

/** The web layer with the pages of the settings and the directory on a database, and Ada signed in as an admin. */
export async function createSettingsPortal() {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const { db } = database;
  const queue = createQueue(database.url, createLog('silent'));
  stack.defer(() => queue.stop());
  await queue.start(DIRECTORY_QUEUES);
  const config = { baseUrl: new URL('http://localhost:3000'), adminGroups: [ADMIN_GROUP], auditorGroups: [] };
  const platform = { db, queue, config } as unknown as Platform;
  const person = { ...ADA, personas: new Set(['admin'] as const) };
  const app = await createTinyPortal({ db, person }, (tiny) => {
    tiny.decorateRequest('signedIn', function (this: FastifyRequest) {
      return { ...person, ...PEOPLE[String(this.headers['x-as'] ?? 'ada')] };
    });
    tiny.decorateRequest('actor', function (this: FastifyRequest) {
      const { userId, displayName } = this.signedIn();
      return { kind: 'user' as const, id: userId, name: displayName, via: 'web' };
    });
    tiny.register(settingsRoutes, { platform });
    tiny.register(preferencesRoutes, { platform });
    tiny.register(directoryRoutes, { platform, openGrants: async () => new Map() });
  });
  stack.defer(() => app.close());
  const owned = stack.move();
  return {
    db,
    platform,
    get: (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers }),
    post(url: string, fields: Record<string, string | undefined>, headers: Record<string, string> = {}) {
      const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
      return app.inject({
        method: 'POST',
        url,
        payload: new URLSearchParams(given).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    },
    events: () => db.prisma.auditEvent.findMany({ where: { kind: 'settings.changed' }, orderBy: { id: 'asc' } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
