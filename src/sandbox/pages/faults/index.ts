import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Faults, noFaults } from '../../faults.ts';
import type { SandboxServices } from '../../services.ts';
import { answerErrorsWithPages, PageError } from '../errors.ts';
import { sendPage } from '../layout.ts';
import { readFailures } from './failures.ts';
import { readFaultForm } from './fault-form.ts';
import type { Refused } from './fields.ts';
import { changeOrganization } from './organization-acts.ts';
import { faultsPage } from './page.ts';
import { PRESETS } from './presets.ts';
import { refuseOtherSites } from './same-origin.ts';

export { faultsInWords } from './words.ts';

const presetSchema = z.object({ preset: z.string() });
const endSchema = z.object({ fault: z.string() });
const formSchema = z.object({ form: z.string() });
const REMEMBERED_CHANGES = 10;

export interface FaultsPageOptions {
  /** Where the portal is that this sandbox stands in for AWS for; null while it is not known. */
  portalUrl: () => string | null;
}

/** Adds the page on which anyone can disturb the sandbox, and its organization, by hand. */
export function registerFaultsPage(
  app: FastifyInstance,
  services: SandboxServices,
  { portalUrl }: FaultsPageOptions,
): void {
  const { faults, clock } = services;
  const changes: { at: Date; text: string }[] = [];

  const send = (reply: FastifyReply, refused?: Refused) =>
    sendPage(reply, {
      title: 'Faults',
      status: refused ? 422 : 200,
      body: faultsPage(services, { portalUrl: portalUrl(), changes: changes.toReversed(), refused }),
    });
  const back = (reply: FastifyReply) => reply.redirect('/faults', 303);

  app.register(async (scope) => {
    answerErrorsWithPages(scope);
    refuseOtherSites(scope);

    scope.get('/faults', (_request, reply) => send(reply));

    scope.post('/faults', (request, reply) => {
      const read = readFaultForm(request.body);
      if ('refused' in read) return send(reply, read.refused);
      Object.assign(faults, read.changes);
      return back(reply);
    });

    scope.post('/faults/presets', (request, reply) => {
      const { preset } = presetSchema.parse(request.body);
      const found = PRESETS.find(({ id }) => id === preset);
      if (!found && preset !== 'fine') {
        throw new PageError(422, 'That did not make sense', 'There is no such preset. Go back and press a button.');
      }
      Object.assign(faults, found?.faults ?? noFaults());
      return back(reply);
    });

    scope.post('/faults/end', (request, reply) => {
      const { fault } = endSchema.parse(request.body);
      const normal = noFaults();
      if (!Object.hasOwn(normal, fault)) {
        throw new PageError(422, 'That did not make sense', 'There is no such fault. Go back and press a button.');
      }
      const name = fault as keyof Faults;
      Object.assign(faults, { [name]: normal[name] });
      return back(reply);
    });

    scope.post('/faults/failures', (request, reply) => {
      const read = readFailures(request.body);
      if ('refused' in read) return send(reply, read.refused);
      faults.failNext = read.reasons;
      return back(reply);
    });

    scope.post('/faults/organization/:form', (request, reply) => {
      const outcome = changeOrganization(formSchema.parse(request.params).form, request.body, services);
      if (!outcome) throw new PageError(404, 'No such form', 'Open “Faults” above and choose what to change there.');
      if ('refused' in outcome) return send(reply, outcome.refused);
      changes.push({ at: clock.now(), text: outcome.done });
      changes.splice(0, changes.length - REMEMBERED_CHANGES);
      return reply.redirect('/faults#organization', 303);
    });
  });
}
