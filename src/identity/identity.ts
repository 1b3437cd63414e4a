import { Counter } from 'prom-client';
import type { Platform } from '../platform/index.ts';
import { createIdentityProvider } from './identity-provider.ts';
import type { RejectionReason } from './rejection.ts';
import { createSaml, type Saml } from './saml.ts';
import { type Cookies, createCookies } from './session-cookie.ts';

/** What signing in needs, made once for a process. */
export interface Identity {
  platform: Platform;
  saml: Saml;
  cookies: Cookies;
  /** Where signing in leads, as https://host, for the content security policy; null until the metadata was read. */
  signInOrigin(): string | null;
  countRejection(reason: RejectionReason): void;
}

/** Begins to read Identity Center's metadata at once; nothing waits for it until someone signs in. */
export function createIdentity(platform: Platform): Identity {
  const { config, log, metrics } = platform;
  const provider = createIdentityProvider(config, log);
  const rejections = new Counter({
    name: 'latchkey_saml_rejections_total',
    help: 'SAML responses that signed nobody in, by reason',
    labelNames: ['reason'],
    registers: [metrics],
  });
  return {
    platform,
    saml: createSaml(config, provider),
    cookies: createCookies(config),
    signInOrigin: () => provider.origin(),
    countRejection: (reason) => rejections.inc({ reason }),
  };
}
