import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { policyRoutes } from '../../src/policy/routes.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { ADA, createTinyPortal } from '../web/tiny-portal.ts';
import { ADMIN, fillDirectory, policyPlatform } from './directory.ts';

export type Fields = Record<string, string | string[]>;

/** The policies' pages as an admin has them, on a small directory: one for all tests of a file. */
export function usePolicyPages() {
  let database: TestDatabase;
  let app: FastifyInstance;

  beforeAll(async () => {
    database = await createTestDatabase();
    await fillDirectory(database.db);
    app = await createTinyPortal({ person: { ...ADA, personas: new Set(['admin']) }, db: database.db }, (tiny) => {
      tiny.decorateRequest('actor', () => ADMIN);
      tiny.decorateRequest('signedIn', () => ADA);
      tiny.register(policyRoutes, policyPlatform(database));
    });
  });
  afterAll(async () => {
    await app.close();
    await database[Symbol.asyncDispose]();
  });

  return {
    database: () => database,
    app: () => app,
    get: (url: string) => app.inject({ method: 'GET', url }),
    async post(url: string, fields: Fields, headers: Record<string, string> = {}) {
      const form = new URLSearchParams();
      for (const [name, value] of Object.entries(fields)) for (const each of [value].flat()) form.append(name, each);
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      return app.inject({ method: 'POST', url, payload: form.toString(), headers: { ...type, ...headers } });
    },
  };
}
