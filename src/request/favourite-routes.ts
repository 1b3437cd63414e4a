import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { submitted, wantsFragment } from '../web/index.ts';
import { type FormValues, formValues } from './form.ts';
import { favouriteView, formView, subjectOf } from './form-view.ts';
import { setFavourite } from './set-favourite.ts';

/** An address that every proxy and server takes. */
const LONGEST_ADDRESS = 6_000;

/** The star on an account. Its button stands in the request's form, so that what is typed there comes along and stays. */
export function favouriteRoutes(app: FastifyInstance, platform: Platform): void {
  const { db } = platform;

  app.post<{ Params: { accountId: string } }>(
    '/favourites/:accountId',
    { config: { access: 'person' } },
    async (request, reply) => {
      const { accountId } = request.params;
      const favourite = submitted(request.body).favourite === 'true';
      const subject = subjectOf(request.signedIn());
      let error = '';
      try {
        await setFavourite(platform, { accountId, favourite, subject }, request.actor());
      } catch (refusal) {
        if (!(refusal instanceof InvalidInputError)) throw refusal;
        error = refusal.message;
        reply.code(422);
      }
      if (wantsFragment(request)) {
        const view = await favouriteView(db.prisma, request.signedIn(), accountId, error);
        return reply.partial('request/_favourite', { favourite: view });
      }
      return formAgain(request, reply, { ...formValues(request.body), accountId }, error);
    },
  );

  async function formAgain(request: FastifyRequest, reply: FastifyReply, values: FormValues, error: string) {
    const { formKey: _, rolesOf: __, ...kept } = values;
    const given = Object.entries(kept).filter(([, value]) => value !== '');
    const address = `/requests/new?${new URLSearchParams(Object.fromEntries(given))}`;
    if (error === '' && address.length <= LONGEST_ADDRESS) return reply.seeOther(address);
    const form = await formView(db.prisma, request.signedIn(), values, error ? { errors: { accountId: error } } : {});
    return reply.page('request/new', { section: '/requests/new', form });
  }
}
