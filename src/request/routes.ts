import type { FastifyInstance } from 'fastify';
import type { Platform } from '../platform/index.ts';
import { decisionRoutes } from './decision-routes.ts';
import { endRoutes } from './end-routes.ts';
import { extensionRoutes } from './extension-routes.ts';
import { favouriteRoutes } from './favourite-routes.ts';
import { formRoutes } from './form-routes.ts';
import { listRoutes } from './list-routes.ts';
import { showRoutes } from './show-routes.ts';

/** All pages of asking, deciding and giving back. */
export async function requestRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  formRoutes(app, platform);
  favouriteRoutes(app, platform);
  listRoutes(app, platform);
  decisionRoutes(app, platform);
  endRoutes(app, platform);
  extensionRoutes(app, platform);
  showRoutes(app, platform);
}
