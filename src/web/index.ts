import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Platform } from '../platform/index.ts';
import { registerAssets } from './assets.ts';
import { registerErrors } from './errors.ts';
import { createFlashBox } from './flash.ts';
import { registerHeaders } from './headers.ts';
import { registerHealth } from './health.ts';
import { type LayoutData, type Reader, registerRender, wantsFragment } from './render.ts';

export { type Combobox, type ComboboxChoices, type ComboboxOption, comboboxNote } from './combobox.ts';
export { type CsvColumn, sendCsv } from './csv.ts';
export { checkbox, optionalText, parseForm, readForm, repeated, type Submitted, submitted, text } from './forms.ts';
export { registerHealth } from './health.ts';
export { isLivePoll, sendIfChanged } from './live.ts';
export type { NavCounts } from './navigation.ts';
export { createCursor, cursorNumber, cursorTime, PAGE_SIZE, type Page, pageOf, searchWords } from './paging.ts';
export { type LayoutData, type Reader, wantsFragment } from './render.ts';
export { serverOptions } from './server-options.ts';
export { withQuery } from './view-helpers.ts';

export interface WebOptions {
  platform: Platform;
  /** Called for pages of signed-in people only; may fail, error pages do without. */
  layout(request: FastifyRequest): Promise<LayoutData>;
  reader(request: FastifyRequest): Promise<Reader>;
  csrfToken(request: FastifyRequest): string;
  /** Where signing in leads, as https://host; null while that is not known. */
  identityProviderOrigin?(): string | null;
  /** True once the process was asked to stop, so that load balancers look elsewhere. */
  draining?(): boolean;
}

/** What every page stands on. Registered before anything that adds routes. */
export async function registerWeb(app: FastifyInstance, options: WebOptions): Promise<void> {
  const { config } = options.platform;
  const https = config.baseUrl.protocol === 'https:';
  const flashes = createFlashBox(config.sessionSecret, https);

  if (!app.hasReplyDecorator('setCookie')) await app.register(cookie);
  await app.register(formbody, { bodyLimit: 64 * 1024 });
  await registerHeaders(app, { https, identityProviderOrigin: () => options.identityProviderOrigin?.() ?? null });
  registerErrors(app);
  const asset = registerAssets(app);
  await registerRender(app, {
    production: config.production,
    asset,
    flashes,
    layout: options.layout,
    reader: options.reader,
    csrfToken: options.csrfToken,
  });

  app.decorateReply('flash', function (this: FastifyReply, kind, text) {
    flashes.add(this, { kind, text });
    return this;
  });
  app.decorateReply('seeOther', function (this: FastifyReply, path) {
    if (!/^\/(?![/\\])/.test(path)) throw new Error(`not an address of ours: ${path}`);
    if (wantsFragment(this.request)) return this.code(204).header('hx-redirect', path).send();
    return this.redirect(path, 303);
  });

  registerHealth(app, options.platform, options.draining ?? (() => false));
}
