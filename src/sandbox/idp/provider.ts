import { z } from 'zod';
import type { SandboxUser } from '../organization.ts';
import type { SandboxServices } from '../services.ts';
import { generateSigningKeys, type SigningKeys } from './keys.ts';
import { metadataXml } from './metadata.ts';
import { type AuthnRequest, BadSamlRequest } from './request.ts';
import { buildResponse, persistent, type ResponseContent } from './response.ts';
import { type SignOptions, signResponse } from './sign.ts';

/** The one service provider that the identity provider serves, as an admin types it into Identity Center. */
export const samlApplicationSchema = z.object({
  entityId: z.string().min(1),
  acsUrl: z.url({ protocol: /^https?$/ }),
  /** Where the portal's tile leads; without one the tile posts a response that nobody asked for. */
  startUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});
export type SamlApplication = z.infer<typeof samlApplicationSchema>;

const savedSchema = z.object({
  keys: z.object({ privateKey: z.string(), certificate: z.string() }).optional(),
  application: samlApplicationSchema.nullable(),
});

/** Changes to a response that would otherwise be right, for tests of what has to be refused. */
export interface ResponseOverrides extends Partial<ResponseContent>, SignOptions {
  /** Signs with these instead of the identity provider's own. */
  keys?: SigningKeys;
  /** The last word on the XML before it is signed. */
  mutate?: (xml: string) => string;
}

export interface ResponseContext {
  entityId: string;
  keys: SigningKeys;
  application: SamlApplication;
  now?: Date;
}

/** The signed XML that answers a request (or nobody's, for `null`) in the name of this person. */
export function samlResponseFor(
  context: ResponseContext,
  user: SandboxUser,
  request: Pick<AuthnRequest, 'id'> | null,
  overrides: ResponseOverrides = {},
): string {
  const { keys = context.keys, mutate = (xml: string) => xml, ...content } = overrides;
  const xml = buildResponse({
    issuer: context.entityId,
    destination: context.application.acsUrl,
    audience: context.application.entityId,
    inResponseTo: request?.id ?? null,
    nameId: user.userName,
    issueInstant: context.now ?? new Date(),
    attributes: { email: user.email },
    ...content,
  });
  return signResponse(mutate(xml), keys.privateKey, keys.certificate, overrides);
}

/** The state of the sandbox's identity provider: its keys, and the application it knows. */
export class IdentityProvider {
  #keys: SigningKeys | undefined;
  #application: SamlApplication | null;
  readonly #services: SandboxServices;

  constructor(services: SandboxServices) {
    this.#services = services;
    const saved = savedSchema.safeParse(
      services.state.keep('identity-provider', () => ({ keys: this.#keys, application: this.#application })),
    );
    this.#keys = saved.data?.keys;
    this.#application = saved.data?.application ?? null;
  }

  /** Also the address of the sign-in, as it is with Identity Center. */
  get entityId(): string {
    return `${this.#services.url}/saml/assertion/latchkey`;
  }

  /** Made when they are first needed: that takes a tenth of a second, and many tests never sign in. */
  get keys(): SigningKeys {
    return this.#keys ?? this.rotateKeys();
  }

  get metadata(): string {
    return metadataXml(this.entityId, this.keys.certificate, `${this.#services.url}/saml/logout/latchkey`);
  }

  get application(): SamlApplication | null {
    return this.#application;
  }

  /** Registers the application that people sign in to. */
  register(application: z.input<typeof samlApplicationSchema>): void {
    this.#application = samlApplicationSchema.parse(application);
    this.#services.state.changed();
  }

  /** Replaces the keys, as Identity Center's certificate rotation does. */
  rotateKeys(keys = generateSigningKeys()): SigningKeys {
    this.#keys = keys;
    this.#services.state.changed();
    return keys;
  }

  /** Refuses what Identity Center would refuse, and returns the application that asks. */
  check(request: Pick<AuthnRequest, 'issuer' | 'acsUrl' | 'nameIdFormat'>): SamlApplication {
    const application = this.#application;
    if (!application) throw new BadSamlRequest('No application is registered here yet.');
    if (request.issuer !== application.entityId) {
      throw new BadSamlRequest(`“${request.issuer}” is not the registered application (${application.entityId}).`);
    }
    if (request.acsUrl !== null && request.acsUrl !== application.acsUrl) {
      throw new BadSamlRequest(`The answer is wanted at ${request.acsUrl}, but ${application.acsUrl} is registered.`);
    }
    // What trips people up with the real one: it gives the mapped format, and "No access" to whoever wants another.
    if (request.nameIdFormat !== null && request.nameIdFormat !== persistent) {
      throw new BadSamlRequest(`No access: the application asks for NameID format ${request.nameIdFormat}.`);
    }
    return application;
  }

  /** The signed XML that answers a request of the registered application, or nobody's for `null`. */
  responseFor(user: SandboxUser, request: Pick<AuthnRequest, 'id'> | null, overrides?: ResponseOverrides): string {
    const application = this.#application;
    if (!application) throw new BadSamlRequest('No application is registered here yet.');
    const context = { entityId: this.entityId, keys: this.keys, application, now: this.#services.clock.now() };
    return samlResponseFor(context, user, request, overrides);
  }
}
