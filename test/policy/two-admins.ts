import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { policyRoutes } from '../../src/policy/routes.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { ADA, createTinyPortal } from '../web/tiny-portal.ts';
import { fillDirectory, policyPlatform, ROLE } from './directory.ts';
import { changeSetting } from './settings.ts';

type Fields = Record<string, string | string[]>;

/** A form by which developers may ask for PowerUser in Workloads; without its name. */
export const DEVELOPERS = {
  principals: 'GROUP:devs',
  targets: 'OU:ou-work',
  permissionSets: ROLE,
  maxDurationMinutes: '120',
  approvalRequired: 'true',
  enabled: 'true',
};

/** Two admins, each of whom the other has to confirm: one pair for all tests of a file. */
export function useTwoAdmins() {
  let database: TestDatabase;
  let ada: Awaited<ReturnType<typeof portalOf>>;
  let bob: Awaited<ReturnType<typeof portalOf>>;
  beforeAll(async () => {
    database = await createTestDatabase();
    await fillDirectory(database.db);
    await changeSetting(database.db, { secondAdminRequired: true });
    ada = await portalOf(database, 'Ada', 'admin');
    bob = await portalOf(database, 'Bob', 'admin');
  });
  afterAll(async () => {
    await Promise.all([ada.close(), bob.close()]);
    await database[Symbol.asyncDispose]();
  });
  return { database: () => database, ada: () => ada, bob: () => bob };
}

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
