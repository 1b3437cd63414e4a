import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { isDatabaseAway } from '../platform/db.ts';
import { AppError, type FieldErrors, InvalidInputError, messageOf } from '../platform/errors.ts';
import { isLivePoll } from './live.ts';
import { wantsFragment } from './render.ts';

/** What the page of an error says. */
export interface Problem {
  status: number;
  heading: string;
  message: string;
  fields: FieldErrors;
  /** True where waiting is all that is needed; the page then looks for itself. */
  recovers: boolean;
}

/** For when even the error page cannot be made. */
const LAST_RESORT = readFileSync(fileURLToPath(new URL('../../views/errors/last-resort.html', import.meta.url)));

const HEADINGS: Record<number, string> = {
  400: 'That address is not right',
  403: 'You may not do this',
  404: 'There is nothing here',
  405: 'That does not work here',
  409: 'Something changed in the meantime',
  413: 'That was too much at once',
  415: 'That form is not understood',
  422: 'Something in the form is not right',
  429: 'Too many attempts',
  503: 'Latchkey cannot do this right now',
};

const SENTENCES: Record<number, string> = {
  400: 'Part of the address or form could not be read. Go back and try again.',
  404: 'The page does not exist, or it is not yours to see.',
  405: 'Go back and use the buttons of the page.',
  413: 'The form is larger than this page accepts. Shorten what you wrote and send it again.',
  415: 'The form came in a shape that this page does not read.',
  422: 'Go back and check what you filled in.',
  429: 'Wait a minute, then try again.',
  503: 'It took too long. Try again in a moment.',
};

const DATABASE_AWAY =
  'The database does not answer at the moment. Nothing you did is lost, and access that is due to end still ends as soon as it is back. This page recovers by itself.';

/** What a person is told about anything that was thrown; what it really was is for the log only. */
export function problemOf(error: unknown): Problem {
  if (error instanceof AppError) {
    const fields = error instanceof InvalidInputError ? error.fields : {};
    return problem(error.status, error.message, { fields });
  }
  if (isDatabaseAway(error)) return problem(503, DATABASE_AWAY, { recovers: true });
  if (error instanceof ZodError) return problem(400);
  const status = statusOf(error);
  if (status >= 400 && status < 500) return problem(status);
  if (status === 503) return problem(503);
  return problem(
    500,
    'This is our mistake, not yours. Look whether it was done before you try again. If it happens again, pass on the reference below.',
  );
}

function problem(status: number, message?: string, more: Partial<Problem> = {}): Problem {
  const heading = HEADINGS[status] ?? (status < 500 ? 'That did not work' : 'Something went wrong');
  const sentence = message ?? SENTENCES[status] ?? 'Go back and try again.';
  return { status, heading, message: sentence, fields: {}, recovers: false, ...more };
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
}

/** The one place where errors become answers. */
export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler(async (error, request, reply) => {
    const found = problemOf(error);
    if (found.status >= 500) request.log.error({ err: error }, 'a request failed');
    else request.log.info({ status: found.status, reason: messageOf(error) }, 'a request was refused');
    return answer(request, reply, found);
  });
  app.setNotFoundHandler((request, reply) => answer(request, reply, problem(404)));
}

async function answer(request: FastifyRequest, reply: FastifyReply, found: Problem): Promise<FastifyReply> {
  reply.code(found.status);
  reply.removeHeader('content-disposition');
  if (found.recovers) reply.header('retry-after', '10');
  const data = { problem: found, requestId: request.id, retryable: request.method === 'GET' };
  try {
    if (isLivePoll(request) && (found.status === 403 || found.status === 404)) {
      reply.header('hx-retarget', '#main').header('hx-reswap', 'innerHTML');
      return await reply.plainPage('/errors/_gone', data);
    }
    if (wantsFragment(request)) {
      reply.header('hx-retarget', '#flash').header('hx-reswap', 'innerHTML');
      return await reply.plainPage('/errors/_message', data);
    }
    if (!found.recovers && request.person) return await inFrame(request, reply, data);
    return await reply.plainPage('/errors/error', data);
  } catch (error) {
    request.log.error({ err: error }, 'the error page could not be made');
    return reply.type('text/html; charset=utf-8').send(LAST_RESORT);
  }
}

/** With navigation, where it can be had: what fills it may be the very thing that is broken. */
async function inFrame(request: FastifyRequest, reply: FastifyReply, data: object): Promise<FastifyReply> {
  try {
    return await reply.page('/errors/error', data);
  } catch (error) {
    request.log.warn({ err: error }, 'the frame of an error page could not be made');
    return reply.plainPage('/errors/error', data);
  }
}
