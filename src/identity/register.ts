import cookie from '@fastify/cookie';
import session from '@fastify/session';
import type { FastifyInstance } from 'fastify';
import { readPersonNow } from '../directory/index.ts';
import { keepAccessTable } from './access-table.ts';
import type { ReadPersonNow } from './confirm-admin.ts';
import { addGuard } from './guard.ts';
import type { Identity } from './identity.ts';
import type { IsApprover } from './person.ts';
import { newToken } from './session-cookie.ts';
import { createSessionStore } from './session-store.ts';

export interface RegisterIdentityOptions {
  isApprover: IsApprover;
  /** Identity Center itself, unless a test says otherwise. */
  readPersonNow?: ReadPersonNow;
}

/** Sessions and the guard. To be registered before anything that adds a route, so that no route escapes it. */
export async function registerIdentity(
  app: FastifyInstance,
  { platform, cookies }: Identity,
  { isApprover, ...options }: RegisterIdentityOptions,
): Promise<void> {
  keepAccessTable(app);
  if (!app.hasReplyDecorator('setCookie')) await app.register(cookie);
  await app.register(session, {
    secret: cookies.signer,
    store: createSessionStore(platform.db),
    idGenerator: () => newToken(),
    cookieName: cookies.session.name,
    cookie: cookies.session.options,
    saveUninitialized: false,
    rolling: false,
  });
  addGuard(app, platform, isApprover, options.readPersonNow ?? readPersonNow);
}
