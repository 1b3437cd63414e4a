import { randomBytes } from 'node:crypto';
import { type CacheProvider, SAML, type SamlConfig, ValidateInResponseTo } from '@node-saml/node-saml';
import type { Config } from '../platform/config.ts';
import { messageOf } from '../platform/errors.ts';
import type { IdentityProvider, TrustedProvider } from './identity-provider.ts';
import { type AssertedSignIn, assertProfile, MOST_AGE_MS, SKEW_MS } from './profile-checks.ts';
import { SamlRejection } from './rejection.ts';
import { checkResponse, type ResponseEnvelope, readSignedResponse } from './response-checks.ts';
import { readSignedAssertion, type SignedAssertion } from './signed-assertion.ts';

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

  const strict = (trusted: TrustedProvider): SamlConfig => ({
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
  });

  return {
    async signInUrl(requestId) {
      const saml = new RequestingSaml({ ...strict(await provider.trusted()), generateUniqueId: () => requestId });
      return saml.getAuthorizeUrlAsync('', undefined, {});
    },

    async verify(xml, now) {
      const trusted = await provider.trusted();
      const around = checkResponse(xml);
      const expected = { issuer: trusted.entityId, audience: entityId, acsUrl };
      const options = {
        ...strict(trusted),
        // A signature that is there has to be right even where it is not demanded.
        wantAuthnResponseSigned: responseSignatureRequired || around.signed,
        // Without InResponseTo it can only become the page that starts a sign-in of our own, never a session.
        validateInResponseTo: around.inResponseTo === null ? ValidateInResponseTo.never : ValidateInResponseTo.always,
        // node-saml reads this process's clock; `assertProfile` is exact, by the database's.
        acceptedClockSkewMs: SKEW_MS + Math.abs(now.getTime() - Date.now()),
      };
      return new VerifyingSaml(options, (assertion, response) =>
        assertProfile(assertion, response ?? around, expected, now),
      ).verify(xml);
    },

    metadata() {
      const saml = new SAML({ callbackUrl: acsUrl, issuer: entityId, idpCert: 'none', identifierFormat: null });
      return saml.generateServiceProviderMetadata(null);
    },
  };
}

/**
 * Identity Center answers "No access" to a request whose NameIDPolicy differs from the application's Subject format,
 * and node-saml always writes one.
 */
class RequestingSaml extends SAML {
  protected override async generateAuthorizeRequestAsync(isPassive: boolean, isHttpPost: boolean): Promise<string> {
    const request = await super.generateAuthorizeRequestAsync(isPassive, isHttpPost);
    return request.replace(/<samlp:NameIDPolicy [^>]*\/>/, '');
  }
}

/** Reads only what a signature covers. `response` is null where the response has no signature of its own. */
type Check = (assertion: SignedAssertion, response: ResponseEnvelope | null) => AssertedSignIn;

/** node-saml, with our own checks at the two places where it holds verified bytes in its hands. */
class VerifyingSaml extends SAML {
  readonly #check: Check;
  #response: ResponseEnvelope | null = null;
  #asserted: AssertedSignIn | null = null;

  constructor(options: SamlConfig, check: Check) {
    super(options);
    this.#check = check;
  }

  async verify(xml: string): Promise<AssertedSignIn> {
    try {
      const { profile, loggedOut } = await this.validatePostResponseAsync({
        SAMLResponse: Buffer.from(xml).toString('base64'),
      });
      if (profile === null || loggedOut || this.#asserted === null) throw new SamlRejection('structure');
      return this.#asserted;
    } catch (error) {
      if (error instanceof SamlRejection) throw error;
      const message = messageOf(error);
      throw new SamlRejection(/signature|signed/i.test(message) ? 'signature' : 'verification', message);
    }
  }

  protected override async getSignedAssertion(signedXml: string): Promise<string | null> {
    this.#response = readSignedResponse(signedXml);
    return super.getSignedAssertion(signedXml);
  }

  protected override async processValidlySignedAssertionAsync(
    xml: string,
    unsignedXml: string,
    inResponseTo: string | null,
  ): ReturnType<SAML['processValidlySignedAssertionAsync']> {
    this.#asserted = this.#check(readSignedAssertion(xml), this.#response);
    return super.processValidlySignedAssertionAsync(xml, unsignedXml, inResponseTo);
  }
}
