import type { FastifyReply, FastifyRequest } from 'fastify';

/** True where an open page asks by itself, and nobody need be sitting in front of it: for a state, and nothing else. */
export function isLivePoll(request: FastifyRequest): boolean {
  const query = request.query as { v?: unknown };
  const asksForState = request.routeOptions.url?.endsWith('/state') === true;
  return (
    asksForState && request.method === 'GET' && request.headers['hx-request'] === 'true' && typeof query.v === 'string'
  );
}

/**
 * A fragment that an open page asks for every two seconds. While nothing changed the answer is an empty 204, which
 * leaves the page alone. The fragment's outermost element asks again by itself:
 *
 *   <section id="request-state" data-live hx-get="/requests/7/state?v=<%= it.version %>" hx-trigger="every 2s"
 *            hx-swap="outerMorph" hx-status:403="swap:innerHTML" hx-status:404="swap:innerHTML" hx-status:4xx="swap:none"
 *            hx-status:5xx="swap:none">
 *
 * Morphing keeps the focus and what is typed; forms still belong outside of it. A tab that nobody looks at does not
 * ask (app.js). When nothing more can change, render the element without its hx- attributes. Who may no longer see it gets
 * 403 or 404 with a sentence that takes the place of the whole page, and with it of the asking (web/errors.ts).
 */
export async function sendIfChanged(
  request: FastifyRequest,
  reply: FastifyReply,
  version: string | number,
  render: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { v } = request.query as { v?: unknown };
  if (v === String(version)) return reply.code(204).send();
  return render();
}
