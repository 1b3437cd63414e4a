import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { answerErrorsWithPages, PageError } from '../pages/errors.ts';
import { type Html, html } from '../pages/html.ts';
import { sendPage } from '../pages/layout.ts';
import type { Mail, MailStore } from './store.ts';

const filterSchema = z.object({ to: z.string().optional() });
const idSchema = z.object({ id: z.string() });

// Mail is foreign: it may have its own style, but loads nothing, runs nothing, and its links open outside of the frame.
const mailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; " +
  'sandbox allow-popups allow-popups-to-escape-sandbox';

/** Adds the pages that show what mail arrived, and the same as JSON. */
export function registerMailPages(app: FastifyInstance, store: MailStore): void {
  const newestFirst = (to?: string) => {
    const wanted = to?.trim().toLowerCase();
    return store.mails.filter((mail) => !wanted || mail.to.includes(wanted)).toReversed();
  };
  const find = (params: unknown): Mail => {
    const { id } = idSchema.parse(params);
    const mail = store.mails.find((each) => each.id === id);
    if (!mail) throw new PageError(404, 'No such mail', 'It may have made room for newer ones.');
    return mail;
  };

  app.register(async (scope) => {
    answerErrorsWithPages(scope);

    scope.get('/mail.json', (request) => newestFirst(filterSchema.parse(request.query).to));

    scope.get('/mail', (request, reply) => {
      const { to = '' } = filterSchema.parse(request.query);
      return sendPage(reply, { title: 'Mailbox', body: listPage(newestFirst(to), to) });
    });

    scope.get('/mail/:id', (request, reply) => {
      const mail = find(request.params);
      return sendPage(reply, { title: mail.subject || '(no subject)', body: mailPage(mail) });
    });

    scope.get('/mail/:id/html', (request, reply) => {
      const mail = find(request.params);
      if (mail.html === null) throw new PageError(404, 'No HTML', 'This mail is plain text only.');
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', mailPolicy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .send(`<base target="_blank">${mail.html}`);
    });
  });
}

function listPage(mails: Mail[], to: string): Html {
  const rows = mails.map(
    (mail) => html`<tr><td>${mail.to.join(', ')}</td>
<td><a href="/mail/${mail.id}">${mail.subject || '(no subject)'}</a>${times(mail)}</td>
<td><time datetime="${mail.receivedAt}">${readable(mail.receivedAt)}</time></td></tr>`,
  );
  const empty = to ? html`<p>No mail for ${to}.</p>` : html`<p>No mail yet. What the portal sends arrives here.</p>`;
  return html`<form class="row" method="get" action="/mail">
<input type="search" name="to" value="${to}" aria-label="Only mail to this address" placeholder="Only mail to…">
<button>Filter</button></form>
${
  mails.length === 0
    ? empty
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Mail"><table>
<thead><tr><th scope="col">To</th><th scope="col">Subject</th>
<th scope="col">Received</th></tr></thead><tbody>${rows}</tbody></table></div>`
}`;
}

function mailPage(mail: Mail): Html {
  return html`<dl><dt>From</dt><dd>${mail.from}</dd><dt>To</dt><dd>${mail.to.join(', ')}</dd>
<dt>Received</dt><dd>${readable(mail.receivedAt)}${times(mail)}</dd></dl>
<h2>Text</h2><pre>${linked(mail.text)}</pre>
${
  mail.html === null
    ? ''
    : html`<h2>HTML</h2>
<iframe src="/mail/${mail.id}/html" title="The mail as HTML"
sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`
}
<h2>Headers</h2><pre>${mail.headers.map(({ name, value }) => `${name}: ${value}\n`)}</pre>
<p><a href="/mail">All mail</a></p>`;
}

const times = ({ count }: Mail) => (count > 1 ? html` <span class="quiet">(arrived ${count} times)</span>` : '');

const readable = (time: string) => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

/** The text with its web addresses as links. */
function linked(text: string): Html[] {
  const parts = text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/);
  return parts.map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
}
