import fastify, { type FastifyInstance } from 'fastify';
import { countOpenGrants } from './access/index.ts';
import { activityRoutes } from './activity/routes.ts';
import type { Context } from './context.ts';
import { directoryRoutes } from './directory/routes.ts';
import { driftNavCounts } from './drift/index.ts';
import { driftRoutes } from './drift/routes.ts';
import { givingBanners } from './emergency/index.ts';
import { restoreRoutes } from './emergency/restore-routes.ts';
import { emergencyRoutes } from './emergency/routes.ts';
import { healthNotices } from './health/index.ts';
import { healthRoutes } from './health/routes.ts';
import { csrfToken, identityRoutes, registerIdentity } from './identity/index.ts';
import { isApprover, loadPolicies, policyNavCounts } from './policy/index.ts';
import { policyRoutes } from './policy/routes.ts';
import { accessRoutes } from './request/access-routes.ts';
import { auditRoutes } from './request/audit-routes.ts';
import { navCounts, readableRequest } from './request/index.ts';
import { requestRoutes } from './request/routes.ts';
import { portalBanners, readReader, readSettings, settingsNavCounts } from './settings/index.ts';
import { preferencesRoutes } from './settings/preferences-routes.ts';
import { settingsRoutes } from './settings/routes.ts';
import { registerHealth, registerWeb, serverOptions } from './web/index.ts';

/** The pages of one process, not listening yet. */
export async function createApp(context: Context): Promise<FastifyInstance> {
  const { config, db, identity, log } = context;
  const app = fastify(serverOptions(config, log));

  // First what every route stands on: who is asking, and how pages are made.
  await registerIdentity(app, identity, {
    isApprover: async (subject) => isApprover(await loadPolicies(db.prisma), subject),
  });
  await registerWeb(app, {
    platform: context,
    layout: async (request) => {
      const person = request.signedIn();
      const [{ settings }, requests, policies, waiting, giving, health, drift] = await Promise.all([
        readSettings(db.prisma),
        navCounts(db.prisma, person),
        policyNavCounts(db.prisma, person),
        settingsNavCounts(db.prisma, person),
        givingBanners(db.prisma, person),
        healthNotices(db.prisma, person),
        driftNavCounts(db.prisma, person),
      ]);
      return {
        counts: { ...requests, ...policies, ...waiting, ...health.counts, ...drift },
        banners: [...giving, ...health.banners, ...portalBanners(settings)],
        supportContact: settings.supportContact,
      };
    },
    reader: (request) => readReader(db.prisma, request.person?.userId ?? null),
    csrfToken: (request) => csrfToken(request, config),
    identityProviderOrigin: () => identity.signInOrigin(),
    draining: () => context.draining,
  });

  await identityRoutes(app, identity);
  await requestRoutes(app, { platform: context });
  await accessRoutes(app, { platform: context });
  await auditRoutes(app, { platform: context });
  await activityRoutes(app, {
    platform: context,
    readableRequest: (request, id) => readableRequest(db.prisma, request.signedIn(), id),
  });
  await policyRoutes(app, { platform: context });
  await directoryRoutes(app, { platform: context, openGrants: countOpenGrants });
  await restoreRoutes(app, { platform: context });
  await emergencyRoutes(app, { platform: context, wakeSweeper: context.sweeper.wake });
  await healthRoutes(app, { platform: context });
  await driftRoutes(app, { platform: context });
  await settingsRoutes(app, { platform: context });
  await preferencesRoutes(app, { platform: context });
  return app;
}

/** What a process without pages answers: whether it lives, whether it can work, and its metrics. */
export function createHealthApp(context: Context): FastifyInstance {
  const app = fastify(serverOptions(context.config, context.log));
  registerHealth(app, context, () => context.draining);
  return app;
}
