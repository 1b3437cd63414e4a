import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Platform } from '../platform/index.ts';
import { submitted } from '../web/index.ts';
import { many, one } from './fields.ts';
import { APPROVAL_PAGES, ELIGIBILITY_PAGES } from './kinds.ts';
import { PICKER_FIELDS, readPicker } from './picker.ts';
import { registerPolicyPages } from './policy-routes.ts';

/** The admins' pages of policies, and the searches of their forms. */
export async function policyRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  registerPolicyPages(app, platform, ELIGIBILITY_PAGES);
  registerPolicyPages(app, platform, APPROVAL_PAGES);

  // A post, because it carries the whole form: what is chosen so far may be more than an address can hold.
  app.post('/pickers/:field', { config: { access: 'admin', changesNothing: true } }, async (request, reply) => {
    const { field } = z.object({ field: z.enum(PICKER_FIELDS) }).parse(request.params);
    const fields = submitted(request.body);
    const query = one(fields, `${field}Query`).slice(0, 200);
    const picker = await readPicker(platform.db.prisma, field, many(fields, field).slice(0, 500), query);
    return reply.partial('policy/_picker-choices', { picker });
  });
}
