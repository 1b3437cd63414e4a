import type { Platform } from '../platform/index.ts';
import { newRequestId, type Saml, SIGN_IN_MINUTES } from './saml.ts';
import { hashToken } from './session-cookie.ts';
import { addSignInRequest } from './store.ts';

/**
 * Starts a sign-in that only this browser can finish, and gives the address at Identity Center to go to. Throws
 * `UnavailableError` while Identity Center's metadata cannot be read.
 */
export async function startSignIn(
  { db }: Pick<Platform, 'db'>,
  saml: Saml,
  { browserToken, returnTo }: { browserToken: string; returnTo: string },
): Promise<string> {
  const id = newRequestId();
  const address = await saml.signInUrl(id);
  await addSignInRequest(db.prisma, {
    id,
    browserHash: hashToken(browserToken),
    returnTo,
    minutes: SIGN_IN_MINUTES,
  });
  return address;
}
