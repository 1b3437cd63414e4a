import { inflateRawSync } from 'node:zlib';
import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom';
import { z } from 'zod';
import { PageError } from '../pages/errors.ts';

const authnRequestSchema = z.object({
  id: z.string(),
  issuer: z.string(),
  /** Where the answer is wanted, if the request names it. */
  acsUrl: z.string().nullable(),
  /** The answer's NameID format, if the request insists on one. */
  nameIdFormat: z.string().nullable(),
});

/** What an AuthnRequest asked. */
export type AuthnRequest = z.infer<typeof authnRequestSchema>;

/** A request that the identity provider will not answer; the message is for the person who sees the page. */
export class BadSamlRequest extends PageError {
  override readonly name = 'BadSamlRequest';

  constructor(message: string) {
    super(403, 'Sign-in refused', message);
  }
}

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol';
const assertion = 'urn:oasis:names:tc:SAML:2.0:assertion';
const mostBytes = 64 * 1024;

/** Reads the `SAMLRequest` parameter: deflated and base64 when it came by redirect, base64 alone when posted. */
export function parseAuthnRequest(parameter: string, binding: 'redirect' | 'post'): AuthnRequest {
  const xml = decode(parameter, binding);
  // Entities have no place in SAML, and are how XML parsers get attacked.
  if (xml.includes('<!')) throw new BadSamlRequest('The SAML request contains a document type or a comment.');
  const root = parseRoot(xml);
  if (root.namespaceURI !== protocol || root.localName !== 'AuthnRequest') {
    throw new BadSamlRequest('The SAML request is not an AuthnRequest.');
  }
  const issuer = root.getElementsByTagNameNS(assertion, 'Issuer').item(0)?.textContent?.trim();
  const id = root.getAttribute('ID');
  if (!id || !issuer) throw new BadSamlRequest('The SAML request has no ID or no issuer.');
  const policy = root.getElementsByTagNameNS(protocol, 'NameIDPolicy').item(0);
  return {
    id,
    issuer,
    acsUrl: root.getAttribute('AssertionConsumerServiceURL') || null,
    nameIdFormat: policy?.getAttribute('Format') || null,
  };
}

function decode(parameter: string, binding: 'redirect' | 'post'): string {
  const bytes = Buffer.from(parameter, 'base64');
  if (binding === 'post') return bytes.toString('utf8');
  try {
    return inflateRawSync(bytes, { maxOutputLength: mostBytes }).toString('utf8');
  } catch {
    throw new BadSamlRequest('The SAML request cannot be decoded.');
  }
}

function parseRoot(xml: string) {
  try {
    const root = new DOMParser({ onError: onErrorStopParsing }).parseFromString(xml, 'text/xml').documentElement;
    if (root) return root;
  } catch {
    // The parser's own words are about XML; the person needs to know only that this is none.
  }
  throw new BadSamlRequest('The SAML request is not XML.');
}

/** The request as a form field, to carry it from page to page whichever way it came. */
export function packRequest(request: AuthnRequest): string {
  return Buffer.from(JSON.stringify(request)).toString('base64url');
}

/** Undoes `packRequest`. What comes back is checked against the registration again, so it needs no signature. */
export function unpackRequest(packed: string): AuthnRequest {
  try {
    return authnRequestSchema.parse(JSON.parse(Buffer.from(packed, 'base64url').toString('utf8')));
  } catch {
    throw new BadSamlRequest('The sign-in was lost on the way. Start it again from the application.');
  }
}
