import type { FastifyRequest } from 'fastify';
import { policyRoutes } from '../../src/policy/routes.ts';
import type { TestDatabase } from '../support/db.ts';
import { ADA, createTinyPortal } from '../web/tiny-portal.ts';
import { policyPlatform } from './directory.ts';

type Fields = Record<string, string | string[]>;

/** The policy pages as one person sees them who is signed in. */
export async function portalOf(database: TestDatabase, name: string, persona: 'admin' | 'auditor') {
  const person = { ...ADA, userId: `u-${name}`, displayName: `${name} ${persona}`, personas: new Set([persona]) };
  const app = await createTinyPortal({ person, db: database.db }, (tiny) => {
    tiny.decorateRequest('signedIn', () => person);
    tiny.decorateRequest('actor', function (this: FastifyRequest) {
      const { userId, displayName } = this.signedIn();
      return { kind: 'user', id: userId, name: displayName, via: 'web' };
    });
    tiny.register(policyRoutes, policyPlatform(database));
  });
  return {
    get: async (url: string) => app.inject({ method: 'GET', url }),
    async post(url: string, fields: Fields = {}) {
      const form = new URLSearchParams();
      for (const [field, value] of Object.entries(fields)) for (const each of [value].flat()) form.append(field, each);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return app.inject({ method: 'POST', url, payload: form.toString(), headers });
    },
    close: () => app.close(),
  };
}

/** A page's words without its markup. */
export function wordsOf(html: string): string {
  return html
    .slice(html.indexOf('<main'))
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}
