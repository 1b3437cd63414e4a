import type { FastifyInstance } from 'fastify';
import type { AccessRule } from './types.ts';

export interface AccessEntry {
  method: string;
  url: string;
  access: AccessRule;
  /** It takes posts from other sites. */
  crossSite: boolean;
}

declare module 'fastify' {
  interface FastifyInstance {
    accessEntries: AccessEntry[];
  }
}

/** From here on, a route without `config.access` cannot be added: closed unless it says otherwise, and it has to say. */
export function keepAccessTable(app: FastifyInstance): void {
  const entries: AccessEntry[] = [];
  app.decorate('accessEntries', entries);
  app.addHook('onRoute', ({ method, url, config }) => {
    const access = config?.access;
    if (access === undefined)
      throw new Error(`the route ${method} ${url} does not say who may call it (config.access)`);
    const crossSite = config?.crossSite === true;
    for (const each of [method].flat()) entries.push({ method: each, url, access, crossSite });
  });
}

/** Every route and who may call it: what the guard enforces, for tests and documents. */
export function accessTable(app: FastifyInstance): AccessEntry[] {
  return app.accessEntries;
}
