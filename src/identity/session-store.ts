import type { SessionStore } from '@fastify/session';
import type { Db } from '../platform/db.ts';
import { hashToken } from './session-cookie.ts';
import { findSession, removeSessions } from './store.ts';

declare module 'fastify' {
  interface Session {
    userId?: string;
    /** Its last use is due to be noted. */
    stale?: boolean;
    /** The session could not be looked up: whoever needs it throws this. */
    unreadable?: unknown;
  }
}

/**
 * Sessions for `@fastify/session`, in Postgres. Only a sign-in makes a row, in its own transaction; nothing else is
 * kept in a session, so there is nothing to save, and a request that is still running cannot bring back a session
 * that was ended meanwhile.
 */
export function createSessionStore(db: Db): SessionStore {
  return {
    get(id, done) {
      findSession(db.prisma, hashToken(id)).then(
        (found) => done(null, found as Parameters<typeof done>[1]),
        // Assets and error pages need no session, and must not fail with it.
        (error: unknown) => done(null, { unreadable: error } as unknown as Parameters<typeof done>[1]),
      );
    },
    set(_id, _session, done) {
      done();
    },
    destroy(id, done) {
      removeSessions(db.prisma, { idHash: hashToken(id) }).then(
        () => done(),
        (error: unknown) => done(error),
      );
    },
  };
}
