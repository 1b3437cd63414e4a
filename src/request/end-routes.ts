import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { retryGrant } from '../access/index.ts';
import { ConflictError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatMinutes } from '../platform/time.ts';
import { optionalText, parseForm } from '../web/index.ts';
import { cancelRequest } from './cancel-request.ts';
import { Id } from './decision-routes.ts';
import { endAccess } from './end-access.ts';
import { requestNumber } from './number.ts';
import { revokeAccess } from './revoke-access.ts';
import { type RequestState, requestState } from './show.ts';
import { noSuchRequest } from './store.ts';

const Comment = z.object({ comment: optionalText(1000) });

/** What destroys something: each asks on a page of its own first. */
export function endRoutes(app: FastifyInstance, platform: Platform): void {
  const access = { config: { access: 'person' as const } };

  app.get('/requests/:id/cancellation', access, async (request, reply) => {
    const state = await read(request);
    if (!state.may.cancel) throw nothingTo('cancel', state);
    return reply.page('shared/confirm', cancelPage(state));
  });

  app.post('/requests/:id/cancellation', access, async (request, reply) => {
    const { id } = Id.parse(request.params);
    const { number } = await read(request);
    await cancelRequest(platform, { requestId: id, ...parseForm(Comment, request.body) }, request.actor());
    reply.flash('success', `${number} is cancelled. Its approvers are told.`);
    return reply.seeOther(`/requests/${id}`);
  });

  app.get('/requests/:id/revocation', access, async (request, reply) => {
    const state = await read(request);
    if (!state.may.end && !state.may.revoke) throw nothingTo('end', state);
    return reply.page('shared/confirm', endPage(state, {}, ''));
  });

  app.post('/requests/:id/revocation', access, async (request, reply) => end(request, reply));

  app.post('/grants/:id/retry', { config: { access: 'admin' } }, async (request, reply) => {
    const { id } = z.object({ id: z.uuid() }).safeParse(request.params).data ?? {};
    if (id === undefined) throw noSuchRequest();
    const grant = await platform.db.tx((tx) => retryGrant(platform, tx, { grantId: id, actor: request.actor() }));
    reply.flash('success', 'It is tried again; this page shows what comes of it.');
    return reply.seeOther(grant.requestId === null ? '/access/active' : `/requests/${grant.requestId}`);
  });

  async function end(request: FastifyRequest, reply: FastifyReply) {
    const { id } = Id.parse(request.params);
    const state = await read(request);
    const { comment } = parseForm(Comment, request.body);
    try {
      if (state.view.requester) {
        await endAccess(platform, { requestId: id, comment }, request.actor());
        reply.flash('success', 'Your access is being ended.');
      } else {
        await revokeAccess(platform, { requestId: id, comment, asAdmin: state.view.admin }, request.actor());
        reply.flash('success', `The access of ${state.request.requesterName} is being taken away.`);
      }
      return reply.seeOther(`/requests/${id}`);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      return reply.code(422).page('shared/confirm', endPage(state, error.fields, comment));
    }
  }

  async function read(request: FastifyRequest): Promise<RequestState> {
    const { id } = Id.parse(request.params);
    return await platform.db.tx((tx) => requestState(platform, tx, request.signedIn(), id));
  }
}

function cancelPage({ number, request, section }: RequestState) {
  return {
    section,
    title: `Cancel ${number}`,
    question: `Take back your request for ${request.permissionSetName} in ${request.accountName}?`,
    text: 'Its approvers are told. You can ask again at any time.',
    action: `/requests/${request.id}/cancellation`,
    comment: { label: 'Comment', required: false, value: '', hint: 'Approvers and auditors read it.' },
    button: 'Cancel request',
    back: `/requests/${request.id}`,
  };
}

function endPage(
  { number, request, view, section, extension }: RequestState,
  errors: Record<string, string>,
  comment: string,
) {
  const session = formatMinutes(Math.round(request.sessionSeconds / 60));
  const original = extension.extends && requestNumber(extension.extends.original);
  // Given back is the access, whoever came to it by the page of what made it longer.
  const altogether =
    original === null ? '' : `This ends ${original} altogether, not only the time that ${number} added. `;
  return {
    section,
    title: view.requester ? `End access, ${original ?? number}` : `Revoke access, ${original ?? number}`,
    question: view.requester
      ? `Give back ${request.permissionSetName} in ${request.accountName} now?`
      : `Take ${request.permissionSetName} in ${request.accountName} away from ${request.requesterName} now?`,
    text: `${altogether}No new session can be opened then. One that is open already may last up to ${session} more.`,
    action: `/requests/${request.id}/revocation`,
    errors,
    comment: {
      label: 'Comment',
      required: !view.requester,
      value: comment,
      error: errors.comment,
      hint: view.requester ? 'Approvers and auditors read it.' : `${request.requesterName} and auditors read it.`,
    },
    button: view.requester ? 'End access' : 'Revoke',
    back: `/requests/${request.id}`,
  };
}

function nothingTo(what: 'cancel' | 'end', { number, next }: RequestState): ConflictError {
  return new ConflictError(
    what === 'cancel' ? 'not-pending' : 'no-access',
    what === 'cancel'
      ? `${number} cannot be cancelled. ${next}`
      : `There is nothing of ${number} that you can end. ${next}`,
  );
}
