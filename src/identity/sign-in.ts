import { type Actor, record } from '../audit/index.ts';
import type { PersonNow, User } from '../directory/index.ts';
import { rememberPerson } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { endSessions } from './end-sessions.ts';
import { resolvePersonaGroups } from './persona-groups.ts';
import type { AssertedSignIn } from './profile-checks.ts';
import { SamlRejection } from './rejection.ts';
import type { Saml } from './saml.ts';
import { hashToken, newToken } from './session-cookie.ts';
import {
  addSession,
  findSignInRequest,
  isAssertionUsed,
  markAssertionUsed,
  type PendingSignIn,
  takeSignInRequest,
} from './store.ts';

/** What a sign-in asks of Identity Center, now and not from the copy. */
export interface LiveDirectory {
  resolveUserName(platform: Platform, userName: string): Promise<User | null>;
  readPersonNow(platform: Platform, userId: string): Promise<PersonNow | null>;
}

/** The browser that posts a response. */
export interface Browser {
  /** Its sign-in cookie; empty where it has none. */
  token: string;
  /** The session that it has so far, if it says so across sites; it ends with the new one. */
  sessionId: string;
  address: string;
  userAgent: string;
}

export interface SignedIn {
  sessionId: string;
  returnTo: string;
}

/**
 * Turns a posted SAML response into a new session of exactly one enabled Identity Center user. The request, the
 * assertion and the session change hands in one transaction: of the same response posted many times at once, one
 * gets a session. Throws `SamlRejection`, or `UnavailableError` where Identity Center cannot be asked; then nothing
 * is used up, and the same post may be sent again.
 */
export async function signIn(
  platform: Platform,
  saml: Saml,
  directory: LiveDirectory,
  xml: string,
  browser: Browser,
): Promise<SignedIn> {
  const { db } = platform;
  const asserted = await saml.verify(xml, await appNow(db.prisma));
  const { inResponseTo } = asserted;
  if (inResponseTo === null) throw new SamlRejection('unsolicited', asserted.nameId);
  if (await isAssertionUsed(db.prisma, asserted.assertionId)) throw new SamlRejection('replayed', asserted.assertionId);
  checkPending(await findSignInRequest(db.prisma, inResponseTo), inResponseTo, browser);

  const person = await personNamed(platform, directory, asserted.nameId);
  const signedIn = await db.tx(async (tx) => {
    if (!(await markAssertionUsed(tx, asserted.assertionId, asserted.usableUntil))) {
      throw new SamlRejection('replayed', asserted.assertionId);
    }
    const pending = checkPending(await takeSignInRequest(tx, inResponseTo), inResponseTo, browser);
    await rememberPerson(tx, person);
    const sessionId = await startSession(tx, person.user, asserted, browser);
    return { sessionId, returnTo: pending.returnTo };
  });
  await resolvePersonaGroups(platform);
  return signedIn;
}

function checkPending(pending: PendingSignIn | null, id: string, browser: Browser): PendingSignIn {
  if (pending === null) throw new SamlRejection('request-unknown', id);
  if (pending.expired) throw new SamlRejection('request-expired', id);
  if (hashToken(browser.token) !== pending.browserHash) {
    throw new SamlRejection('browser-binding', id);
  }
  return pending;
}

async function personNamed(platform: Platform, directory: LiveDirectory, userName: string): Promise<PersonNow> {
  const user = await directory.resolveUserName(platform, userName);
  if (user === null) throw new SamlRejection('user-unknown', userName);
  if (!user.enabled) throw new SamlRejection('user-disabled', userName);
  const person = await directory.readPersonNow(platform, user.id);
  if (person === null) throw new SamlRejection('user-unknown', userName);
  if (!person.user.enabled) throw new SamlRejection('user-disabled', userName);
  return person;
}

async function startSession(tx: Tx, user: User, asserted: AssertedSignIn, browser: Browser): Promise<string> {
  const { token, address, userAgent } = browser;
  const actor: Actor = { kind: 'user', id: user.id, name: user.displayName, via: 'web', address, userAgent };
  await endSessions(tx, { sessionId: browser.sessionId, browserToken: token }, 'signed-in-again', actor);
  const sessionId = newToken();
  const idHash = hashToken(sessionId);
  await addSession(tx, { idHash, userId: user.id, browserHash: hashToken(token), address, userAgent });
  const after = { userName: user.userName, assertionId: asserted.assertionId };
  await record(tx, { kind: 'session.started', actor, subject: { kind: 'user', id: user.id }, after });
  return sessionId;
}
