import { inflateRawSync } from 'node:zlib';
import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom';

/** What an AuthnRequest asked. */
export interface AuthnRequest {
  id: string;
  issuer: string;
  /** Where the answer is wanted, if the request names it. */
  acsUrl: string | null;
  /** The answer's NameID format, if the request insists on one. */
  nameIdFormat: string | null;
}

/** A request that the identity provider will not answer; the message is for the person who sees the page. */
export class BadSamlRequest extends Error {
  override readonly name = 'BadSamlRequest';
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
