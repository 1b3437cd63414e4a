import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Platform } from '../../platform/index.ts';
import { readTimeZone } from '../../settings/index.ts';
import { submitted, wantsFragment } from '../../web/index.ts';
import type { AnyPolicy } from '../change/kind-of-policy.ts';
import { type Fields, one } from '../form/field-values.ts';
import { readPolicyForm } from '../form/form-page.ts';
import type { PolicyPages } from '../form/kinds.ts';
import { type ImpactView, readImpact } from './read-impact.ts';

/** What `views/policy/_impact` shows of a form: the impact, or a sentence on why there is none yet. */
export interface DraftImpact {
  impact: ImpactView | null;
  incomplete: string;
}

/** What the form as it stands would change if it were saved. Nothing is saved. */
export function registerImpact<P extends AnyPolicy>(
  app: FastifyInstance,
  { platform, pages }: { platform: Platform; pages: PolicyPages<P> },
): void {
  const { prisma } = platform.db;
  const reading = { config: { access: 'admin', changesNothing: true } } as const;

  app.post(`${pages.base}/impact`, reading, async (request, reply) => {
    const fields = submitted(request.body);
    const id = z.uuid().safeParse(one(fields, 'policyId'));
    const timeZone = await readTimeZone(prisma, request.signedIn().userId);
    const found = await impactOfForm(platform, pages, id.success ? id.data : null, fields, timeZone);
    if (wantsFragment(request)) return reply.partial('policy/_impact', found);
    const policy = id.success ? { id: id.data, version: one(fields, 'version') } : null;
    const form = await readPolicyForm(prisma, pages, { policy, fields, errors: {} }, timeZone);
    return reply.page('policy/edit', { ...form, ...found });
  });
}

async function impactOfForm<P extends AnyPolicy>(
  platform: Platform,
  pages: PolicyPages<P>,
  id: string | null,
  fields: Fields,
  timeZone: string,
): Promise<DraftImpact> {
  // Its name is no part of what it does, and is often given last.
  const read = pages.read({ ...fields, name: one(fields, 'name').trim() || 'Without a name' }, timeZone);
  if (read.ok) return { impact: await readImpact(platform, { id, ...pages.content(read.content) }), incomplete: '' };
  const [first = ''] = Object.values(read.errors);
  return { impact: null, incomplete: `What would change is shown here once the form is complete. ${first}` };
}
