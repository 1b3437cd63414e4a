import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Config, isLoopback } from '../platform/config.ts';
import { messageOf, UnavailableError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { attribute, childrenNamed, DSIG, type Element, METADATA, PROTOCOL, parseXml } from './xml.ts';

/** What we trust of Identity Center: read once, then pinned for the life of the process. */
export interface TrustedProvider {
  entityId: string;
  signInUrl: string;
  /** PEM. Several while Identity Center's certificate is being rotated. */
  certificates: string[];
}

export interface IdentityProvider {
  /** Throws `UnavailableError` as long as the metadata cannot be read; each call tries again. */
  trusted(): Promise<TrustedProvider>;
  /** Where people sign in, as https://host; null while that is not known. */
  origin(): string | null;
}

const READ_DEADLINE_MS = 5_000;
const MOST_BYTES = 1024 * 1024;
/** So that people who press reload do not become load on Identity Center. */
const PAUSE_AFTER_FAILURE_MS = 1_000;
const WARN_BEFORE_EXPIRY_MS = 30 * 24 * 3_600_000;

/** Starts to read the metadata at once, without waiting for it. */
export function createIdentityProvider(config: Pick<Config, 'saml' | 'baseUrl'>, log: Log): IdentityProvider {
  let pinned: TrustedProvider | null = null;
  let reading: Promise<TrustedProvider> | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;

  const read = async () => {
    try {
      const provider = parseMetadata(await readMetadata(config));
      pinned = provider;
      log.info({ entityId: provider.entityId, certificates: provider.certificates.length }, 'sign-in is available');
      for (const certificate of provider.certificates) warnOfExpiry(certificate, log);
      return provider;
    } catch (error) {
      failedAt = performance.now();
      log.warn({ err: messageOf(error) }, "Identity Center's SAML metadata cannot be read; sign-in is not available");
      throw away(error);
    } finally {
      reading = null;
    }
  };

  const trusted = async () => {
    if (pinned) return pinned;
    if (!reading && performance.now() - failedAt < PAUSE_AFTER_FAILURE_MS) throw away();
    reading ??= read();
    return reading;
  };
  trusted().catch(() => {});
  return { trusted, origin: () => (pinned ? new URL(pinned.signInUrl).origin : null) };
}

function away(cause?: unknown): UnavailableError {
  return new UnavailableError(
    'sign-in-unavailable',
    "Sign-in is not available, because Identity Center's metadata for this portal cannot be read now. Try again in a minute; if it stays so, tell the people who run Latchkey.",
    { cause },
  );
}

async function readMetadata({ saml, baseUrl }: Pick<Config, 'saml' | 'baseUrl'>): Promise<string> {
  if ('file' in saml.metadata) return readFile(saml.metadata.file, 'utf8');
  const url = new URL(saml.metadata.url);
  // Whoever can change the metadata on its way can sign in as anyone.
  if (url.protocol !== 'https:' && !isLoopback(url) && !isLoopback(baseUrl)) {
    throw new Error('SAML_METADATA_URL must be https');
  }
  const response = await fetch(url, { signal: AbortSignal.timeout(READ_DEADLINE_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`the metadata's address answered ${response.status}`);
  return response.text();
}

/**
 * Identity Center's metadata for one application (SAML 2.0 Metadata, IDPSSODescriptor). It differs from the schema:
 * its NameIDFormat may be empty, so nothing is asked of it. Throws where something that we need is missing.
 */
export function parseMetadata(xml: string): TrustedProvider {
  if (xml.length > MOST_BYTES || xml.includes('<!DOCTYPE')) throw new Error('the metadata is no SAML metadata');
  const root = parseXml(xml.replace(/^\ufeff/, ''));
  const entityId = attribute(root, 'entityID');
  if (root.namespaceURI !== METADATA || root.localName !== 'EntityDescriptor' || !entityId) {
    throw new Error('the metadata does not begin with an EntityDescriptor that has an entityID');
  }
  const roles = childrenNamed(root, METADATA, 'IDPSSODescriptor').filter((role) =>
    (attribute(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(PROTOCOL),
  );
  const [role] = roles;
  if (!role || roles.length > 1) throw new Error('the metadata does not describe one SAML 2.0 identity provider');
  const certificates = signingCertificates(role);
  if (certificates.length === 0) throw new Error('the metadata names no signing certificate');
  return { entityId, signInUrl: signInUrl(role), certificates };
}

function signInUrl(role: Element): string {
  const location = childrenNamed(role, METADATA, 'SingleSignOnService')
    .filter((each) => attribute(each, 'Binding') === 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect')
    .map((each) => attribute(each, 'Location') ?? '')
    .find((each) => URL.canParse(each));
  if (!location) throw new Error('the metadata names no sign-in address for the HTTP-Redirect binding');
  const { protocol } = new URL(location);
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error('the sign-in address is not http(s)');
  return location;
}

function signingCertificates(role: Element): string[] {
  const bodies = childrenNamed(role, METADATA, 'KeyDescriptor')
    // A key without a stated use is for both (SAML 2.0 Metadata, 2.4.1.1).
    .filter((key) => ['signing', null].includes(attribute(key, 'use')))
    .flatMap((key) => childrenNamed(key, DSIG, 'KeyInfo'))
    .flatMap((info) => childrenNamed(info, DSIG, 'X509Data'))
    .flatMap((data) => childrenNamed(data, DSIG, 'X509Certificate'))
    .map((each) => Buffer.from(each.textContent ?? '', 'base64'));
  return [...new Set(bodies.map((der) => new X509Certificate(der).toString()))];
}

function warnOfExpiry(certificate: string, log: Log): void {
  const { validToDate, fingerprint256 } = new X509Certificate(certificate);
  if (validToDate.getTime() - Date.now() > WARN_BEFORE_EXPIRY_MS) return;
  log.warn(
    { validTo: validToDate, fingerprint256 },
    "Identity Center's signing certificate expires soon; renew it there",
  );
}
