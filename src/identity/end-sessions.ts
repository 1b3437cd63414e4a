import { type Actor, record, systemActor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { hashToken } from './session-cookie.ts';
import { removeEverySession, removeSessions, removeSessionsOf } from './store.ts';

export type SessionEnd =
  | 'signed-out'
  | 'signed-in-again'
  | 'user-disabled'
  | 'user-deleted'
  | 'ended-by-admin'
  | 'restored';

/** Ends every session of the user, at once and on all replicas. Gives how many there were. */
export async function endSessionsOf(
  tx: Tx,
  userId: string,
  cause: SessionEnd,
  actor: Actor = systemActor('identity'),
): Promise<number> {
  const ended = await removeSessionsOf(tx, userId);
  if (ended > 0) {
    const subject = { kind: 'user', id: userId };
    await record(tx, { kind: 'session.ended', actor, subject, after: { cause, sessions: ended } });
  }
  return ended;
}

/** Ends one session, by its secret identifier, or those of one browser. Nothing where they are over already. */
export async function endSessions(
  tx: Tx,
  by: { sessionId?: string; browserToken?: string },
  cause: SessionEnd,
  actor: Actor,
): Promise<void> {
  const { sessionId, browserToken } = by;
  const userIds = await removeSessions(tx, {
    ...(sessionId === undefined ? {} : { idHash: hashToken(sessionId) }),
    ...(browserToken === undefined ? {} : { browserHash: hashToken(browserToken) }),
  });
  for (const userId of new Set(userIds)) {
    const sessions = userIds.filter((each) => each === userId).length;
    await record(tx, {
      kind: 'session.ended',
      actor,
      subject: { kind: 'user', id: userId },
      after: { cause, sessions },
    });
  }
}

/** The person signs out here. Identity Center's own session goes on: it has no sign-out that an application could ask for. */
export async function signOut(platform: Platform, sessionId: string, actor: Actor): Promise<void> {
  await platform.db.tx((tx) => endSessions(tx, { sessionId }, 'signed-out', actor));
}

/**
 * Ends every session and every sign-in under way, at once and on all replicas. Assertions that were used stay used.
 * Gives how many sessions there were.
 */
export async function endAllSessions(tx: Tx, actor: Actor): Promise<number> {
  const sessions = await removeEverySession(tx);
  await record(tx, {
    kind: 'session.all-ended',
    actor,
    subject: { kind: 'session', id: 'all' },
    after: { cause: 'restored' satisfies SessionEnd, sessions },
  });
  return sessions;
}
