import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Platform } from '../platform/index.ts';
import { submitted } from '../web/index.ts';
import { registerChangePages } from './change/change-routes.ts';
import { registerHistory } from './change/history-routes.ts';
import { many, one } from './form/field-values.ts';
import { APPROVAL_PAGES, ELIGIBILITY_PAGES, GUARDRAIL_PAGES } from './form/kinds.ts';
import { PICKER_FIELDS, readInside, readPicker } from './form/picker.ts';
import { registerPolicyPages } from './form/policy-routes.ts';
import { registerWhoPages } from './who/routes.ts';

/** The admins' pages of policies, and the searches of their forms. */
export async function policyRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  registerPolicyPages(app, platform, ELIGIBILITY_PAGES);
  registerPolicyPages(app, platform, APPROVAL_PAGES);
  for (const kind of ['eligibility', 'approval', 'guardrail'] as const) registerHistory(app, platform, kind);
  registerChangePages(app, platform);
  registerPolicyPages(app, platform, GUARDRAIL_PAGES);
  registerWhoPages(app, platform);

  // A post, because it carries the whole form: what is chosen so far may be more than an address can hold.
  app.post('/pickers/:field', { config: { access: 'admin', changesNothing: true } }, async (request, reply) => {
    const { field } = z.object({ field: z.enum(PICKER_FIELDS) }).parse(request.params);
    const fields = submitted(request.body);
    const query = one(fields, `${field}Query`).slice(0, 200);
    const asked = { chosen: many(fields, field).slice(0, 500), query, openUnit: one(fields, `${field}Open`) };
    const picker = await readPicker(platform.db.prisma, field, asked);
    return reply.partial('policy/_picker-choices', { picker });
  });

  // What lies in an OU of the tree, for when it is opened.
  app.post(
    '/pickers/:field/units/:unit',
    { config: { access: 'admin', changesNothing: true } },
    async (request, reply) => {
      const Params = z.object({ field: z.enum(['targets', 'exclusions']), unit: z.string().max(200) });
      const { field, unit } = Params.parse(request.params);
      const chosen = many(submitted(request.body), field).slice(0, 500);
      const nodes = await readInside(platform.db.prisma, field, unit, chosen);
      return reply.partial('policy/_picker-tree', { field, nodes });
    },
  );
}
