import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Html, html } from './html.ts';

export interface Page {
  title: string;
  body: Html;
  status?: number;
  /** One of the scripts below, for the few things that a browser has to do by itself. */
  script?: 'submit.js' | 'portal.js';
}

const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' };
const assets = new Map(
  (['sandbox.css', 'submit.js', 'portal.js'] as const).map((name) => {
    const type = name.endsWith('.css') ? types.css : types.js;
    return [name as string, { type, content: readFileSync(new URL(`./assets/${name}`, import.meta.url)) }];
  }),
);

/** Serves the one stylesheet and the two small scripts of the sandbox's pages. */
export function registerAssets(app: FastifyInstance): void {
  app.get<{ Params: { name: string } }>('/sandbox/assets/:name', (request, reply) => {
    const asset = assets.get(request.params.name);
    if (!asset) return reply.code(404).type('text/plain').send('No such file.');
    return reply.type(asset.type).header('cache-control', 'no-cache').send(asset.content);
  });
}

/** Sends a page in the sandbox's own look, which is meant to be taken neither for the product nor for AWS. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return reply
    .code(page.status ?? 200)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .send(layout(page).text);
}

// No form-action: the identity provider's whole purpose is to post to another origin.
const policy =
  "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; frame-src 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

function layout({ title, body, script }: Page): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/sandbox/assets/sandbox.css">
${script ? html`<script src="/sandbox/assets/${script}" defer></script>` : ''}
</head>
<body>
<div class="stripes"></div>
<header class="bar">
<strong>Sandbox</strong><span>stands in for AWS; nothing here is real</span>
<nav aria-label="Sandbox"><a href="/">Start</a><a href="/start">Access portal</a><a href="/mail">Mailbox</a>
<a href="/faults">Faults</a></nav>
</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}
