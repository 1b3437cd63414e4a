import { SamlRejection } from './rejection.ts';
import { checkSignature } from './signature-checks.ts';
import {
  ASSERTION,
  attribute,
  children,
  childrenNamed,
  DSIG,
  type Element,
  EXCLUSIVE_C14N,
  PROTOCOL,
  parseXml,
  walk,
} from './xml.ts';

/** Identity Center's assertions have at most 50,000 characters (IAM Identity Center quotas); the rest is envelope. */
const MOST_CHARACTERS = 150_000;
/** A real response is eight deep. */
const DEEPEST = 20;

/** What the response says around its assertion. It may be unsigned: a wrong value rejects, a right one proves nothing. */
export interface ResponseEnvelope {
  destination: string | null;
  issuer: string | null;
  issueInstant: string | null;
  inResponseTo: string | null;
  status: string | null;
  /** It carries a signature of its own, right or wrong. */
  signed: boolean;
  assertionId: string | null;
}

/** The XML of a posted form. Throws `SamlRejection` for anything but one canonical base64 text of UTF-8. */
export function decodeForm(body: string): string {
  const values = new URLSearchParams(body).getAll('SAMLResponse');
  const [value] = values;
  if (values.length !== 1 || !value) throw new SamlRejection('parameters', `${values.length} SAMLResponse`);
  // Line breaks are how some encoders wrap base64; nothing else may be there that a lenient decoder skips.
  const encoded = value.replace(/\r?\n/g, '');
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== encoded) throw new SamlRejection('base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SamlRejection('utf8');
  }
}

/**
 * Everything that can be refused before a signature is looked at: size, markup that SAML has no use for, and a shape
 * in which two parsers could disagree about what is signed. Only rejects.
 */
export function checkResponse(xml: string): ResponseEnvelope {
  checkText(xml);
  const root = parse(xml);
  checkElements(root);
  if (root.namespaceURI !== PROTOCOL || root.localName !== 'Response') {
    throw new SamlRejection('structure', `the root is ${root.localName}`);
  }
  const assertion = theAssertion(root);
  for (const signed of [root, assertion]) checkSignature(signed);
  return envelopeOf(root, assertion);
}

/** The same of verified bytes; null where they are those of an assertion alone. */
export function readSignedResponse(xml: string): ResponseEnvelope | null {
  const root = parse(xml);
  return root.localName === 'Response' ? envelopeOf(root, theAssertion(root)) : null;
}

function envelopeOf(root: Element, assertion: Element): ResponseEnvelope {
  return {
    destination: attribute(root, 'Destination'),
    issuer: issuerOf(root),
    issueInstant: attribute(root, 'IssueInstant'),
    inResponseTo: attribute(root, 'InResponseTo'),
    status: statusOf(root),
    signed: childrenNamed(root, DSIG, 'Signature').length > 0,
    assertionId: attribute(assertion, 'ID'),
  };
}

function checkText(xml: string): void {
  if (xml.length > MOST_CHARACTERS) throw new SamlRejection('too-large', `${xml.length} characters`);
  // In well-formed XML, "<!" can only begin a document type, a declaration in one, a comment or a CDATA section.
  if (/<!\[CDATA\[|<!--/.test(xml)) throw new SamlRejection('comment');
  if (xml.includes('<!')) throw new SamlRejection('doctype');
  const declaration =
    /^<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?(?: standalone=["'](?:yes|no)["'])?\s*\?>/i;
  if (xml.replace(declaration, '').includes('<?')) throw new SamlRejection('processing-instruction');
  if (/[^\t\n\r\u0020-\ufffd]/.test(xml)) throw new SamlRejection('not-xml', 'a forbidden character');
}

function parse(xml: string): Element {
  try {
    return parseXml(xml);
  } catch {
    throw new SamlRejection('not-xml');
  }
}

/** No element may be where, or in a namespace that, a reader of SAML does not expect: wrapping attacks need both. */
function checkElements(root: Element): void {
  const ids = new Set<string>();
  for (const { element, depth } of walk(root)) {
    if (depth > DEEPEST) throw new SamlRejection('structure', 'nested too deep');
    const { localName, namespaceURI } = element;
    if (localName === 'EncryptedAssertion' || localName === 'EncryptedID' || localName === 'EncryptedAttribute') {
      throw new SamlRejection('encrypted');
    }
    const known = [PROTOCOL, ASSERTION, DSIG].includes(namespaceURI ?? '');
    if (!known && !(namespaceURI === EXCLUSIVE_C14N && localName === 'InclusiveNamespaces')) {
      throw new SamlRejection('structure', `an element of the namespace ${namespaceURI}`);
    }
    if (localName === 'Response' && depth > 0) throw new SamlRejection('structure', 'a Response in a Response');
    if (localName === 'Assertion' && depth > 1) throw new SamlRejection('structure', 'a concealed Assertion');
    if (localName === 'Signature' && depth > 2) throw new SamlRejection('structure', 'a concealed Signature');
    for (const { localName: name, value } of element.attributes) {
      if (name?.toLowerCase() !== 'id') continue;
      if (ids.has(value)) throw new SamlRejection('duplicate-id', value);
      ids.add(value);
    }
  }
}

const IN_RESPONSE = ['Issuer', 'Signature', 'Status', 'Assertion'];

function theAssertion(root: Element): Element {
  const strange = children(root).find((each) => !IN_RESPONSE.includes(each.localName ?? ''));
  if (strange) throw new SamlRejection('structure', `${strange.localName} in the Response`);
  const assertions = children(root).filter((each) => each.localName === 'Assertion');
  const [assertion] = assertions;
  if (assertions.length !== 1 || assertion?.namespaceURI !== ASSERTION) {
    const status = statusOf(root);
    // A refusal by the identity provider carries no assertion; its status is what the audit log should say.
    if (assertions.length === 0 && status !== null && status !== SUCCESS) throw new SamlRejection('status', status);
    throw new SamlRejection('structure', `${assertions.length} Assertions`);
  }
  for (const name of ['Issuer', 'Subject', 'Conditions', 'AuthnStatement']) {
    const found = childrenNamed(assertion, ASSERTION, name).length;
    if (found !== 1) throw new SamlRejection('structure', `${found} ${name} in the Assertion`);
  }
  return assertion;
}

export const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

function statusOf(root: Element): string | null {
  const [status, another] = childrenNamed(root, PROTOCOL, 'Status');
  if (!status || another) return null;
  const [code, second] = childrenNamed(status, PROTOCOL, 'StatusCode');
  return code && !second ? attribute(code, 'Value') : null;
}

function issuerOf(root: Element): string | null {
  const [issuer, another] = childrenNamed(root, ASSERTION, 'Issuer');
  return issuer && !another ? issuer.textContent : null;
}
