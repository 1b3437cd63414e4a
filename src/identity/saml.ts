import { randomBytes } from 'node:crypto';
import { type CacheProvider, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import type { Config } from '../platform/config.ts';
import { messageOf } from '../platform/errors.ts';
import type { IdentityProvider, TrustedProvider } from './identity-provider.ts';
import { type AssertedSignIn, assertProfile, MOST_AGE_MS, SKEW_MS } from './profile-checks.ts';
import { type RejectionReason, SamlRejection } from './rejection.ts';
import { checkResponse, type ResponseEnvelope } from './response-checks.ts';
import { readSignedAssertion } from './signed-assertion.ts';

/** How long a sign-in may take, from the first redirect to the answer. */
export const SIGN_IN_MINUTES = 10;

export interface Saml {
  /** The address at Identity Center to which a browser is sent to sign in. */
  signInUrl(requestId: string): Promise<string>;
  /** What a posted response says, after everything that can be verified without our tables. Throws `SamlRejection`. */
  verify(xml: string, now: Date): Promise<AssertedSignIn>;
  /** Our own metadata, for whoever registers the application. */
  metadata(): string;
}

/** Whether a request is ours, and unused, is decided once and for all in the transaction that uses it up. */
const NO_CACHE: CacheProvider = {
  saveAsync: async () => null,
  getAsync: async () => new Date().toISOString(),
  removeAsync: async () => null,
};

/** An ID for a request: not to be guessed, and an XML name. */
export function newRequestId(): string {
  return `_${randomBytes(20).toString('hex')}`;
}

/** The adapter to node-saml, configured as strictly as it can be; what it does not check is checked around it. */
export function createSaml(config: Pick<Config, 'saml' | 'baseUrl'>, provider: IdentityProvider): Saml {
  const acsUrl = new URL('/saml/acs', config.baseUrl).href;
  const { entityId, responseSignatureRequired } = config.saml;

  const client = (trusted: TrustedProvider, options: Partial<ConstructorParameters<typeof SAML>[0]> = {}) =>
    new RequestWithoutNameIdPolicy({
      callbackUrl: acsUrl,
      issuer: entityId,
      audience: entityId,
      entryPoint: trusted.signInUrl,
      idpIssuer: trusted.entityId,
      idpCert: trusted.certificates,
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: true,
      validateInResponseTo: ValidateInResponseTo.always,
      cacheProvider: NO_CACHE,
      requestIdExpirationPeriodMs: SIGN_IN_MINUTES * 60_000,
      acceptedClockSkewMs: SKEW_MS,
      maxAssertionAgeMs: MOST_AGE_MS,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      identifierFormat: null,
      disableRequestedAuthnContext: true,
      ...options,
    });

  return {
    async signInUrl(requestId) {
      const saml = client(await provider.trusted(), { generateUniqueId: () => requestId });
      return saml.getAuthorizeUrlAsync('', undefined, {});
    },

    async verify(xml, now) {
      const trusted = await provider.trusted();
      const envelope = checkResponse(xml);
      const saml = client(trusted, {
        // A signature that is there has to be right even where it is not demanded.
        wantAuthnResponseSigned: responseSignatureRequired || envelope.signed,
        // Without InResponseTo it can only become the page that starts a sign-in of our own, never a session.
        ...(envelope.inResponseTo === null ? { validateInResponseTo: ValidateInResponseTo.never } : {}),
        // node-saml reads this process's clock; `assertProfile` is exact, by the database's.
        acceptedClockSkewMs: SKEW_MS + Math.abs(now.getTime() - Date.now()),
      });
      const assertion = readSignedAssertion(await signedAssertionXml(saml, xml));
      return assertProfile(assertion, envelope, { issuer: trusted.entityId, audience: entityId, acsUrl }, now);
    },

    metadata() {
      const saml = new SAML({ callbackUrl: acsUrl, issuer: entityId, idpCert: 'none', identifierFormat: null });
      return saml.generateServiceProviderMetadata(null);
    },
  };
}

export type { AssertedSignIn, ResponseEnvelope };

async function signedAssertionXml(saml: SAML, xml: string): Promise<string> {
  try {
    const SAMLResponse = Buffer.from(xml).toString('base64');
    const { profile, loggedOut } = await saml.validatePostResponseAsync({ SAMLResponse });
    const assertion = profile?.getAssertionXml?.();
    if (loggedOut || !assertion) throw new SamlRejection('structure', 'no assertion');
    return assertion;
  } catch (error) {
    if (error instanceof SamlRejection) throw error;
    throw new SamlRejection(reasonOf(messageOf(error)), messageOf(error));
  }
}

/** node-saml's words for its refusals. A word that it should change one day only makes the reason less specific. */
const REASONS: [RegExp, RejectionReason][] = [
  [/not yet valid/, 'not-yet-valid'],
  [/assertion too old/, 'too-old'],
  [/expired/, 'expired'],
  [/audience/i, 'audience'],
  [/InResponseTo/, 'in-response-to'],
  [/subject confirmation/, 'subject-confirmation'],
  [/signature|signed/i, 'signature'],
];

function reasonOf(message: string): RejectionReason {
  return REASONS.find(([words]) => words.test(message))?.[1] ?? 'verification';
}

/**
 * Identity Center answers "No access" to a request whose NameIDPolicy differs from the application's Subject format,
 * and node-saml always writes one.
 */
class RequestWithoutNameIdPolicy extends SAML {
  protected override async generateAuthorizeRequestAsync(isPassive: boolean, isHttpPost: boolean): Promise<string> {
    const request = await super.generateAuthorizeRequestAsync(isPassive, isHttpPost);
    return request.replace(/<samlp:NameIDPolicy [^>]*\/>/, '');
  }
}
