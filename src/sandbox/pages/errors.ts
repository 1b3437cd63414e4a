import type { FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { html } from './html.ts';
import { sendPage } from './layout.ts';

/** An error whose message is meant for the person at the browser. */
export class PageError extends Error {
  override readonly name: string = 'PageError';
  readonly title: string;
  readonly status: number;

  constructor(status: number, title: string, message: string) {
    super(message);
    this.status = status;
    this.title = title;
  }
}

/** Lets a scope answer errors with a page in the sandbox's look. */
export function answerErrorsWithPages(scope: FastifyInstance): void {
  scope.setErrorHandler((error, _request, reply) => {
    if (error instanceof PageError) {
      return sendPage(reply, { title: error.title, status: error.status, body: html`<p>${error.message}</p>` });
    }
    if (error instanceof ZodError) {
      const wrong = error.issues.map(({ path, message }) => html`<li><code>${path.join('.')}</code> ${message}</li>`);
      return sendPage(reply, { title: 'That did not make sense', status: 400, body: html`<ul>${wrong}</ul>` });
    }
    console.error('A page of the sandbox failed:', error);
    const body = html`<p>A page of the sandbox failed; its output has the details.</p>`;
    return sendPage(reply, { title: 'Something broke', status: 500, body });
  });
}
