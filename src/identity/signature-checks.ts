import { SamlRejection } from './rejection.ts';
import { attribute, children, childrenNamed, DSIG, type Element, EXCLUSIVE_C14N } from './xml.ts';

const SIGNATURES = ['rsa-sha256', 'rsa-sha512'].map((name) => `http://www.w3.org/2001/04/xmldsig-more#${name}`);
const DIGESTS = ['sha256', 'sha512'].map((name) => `http://www.w3.org/2001/04/xmlenc#${name}`);
const ENVELOPED = `${DSIG}enveloped-signature`;

/**
 * Refuses a signature that is not of the one shape that SAML has: at most one, right in the element that it signs,
 * over that element and nothing else, with strong algorithms. Neither node-saml nor xml-crypto has such a list:
 * both take SHA-1. Whether it is valid is not decided here.
 */
export function checkSignature(signed: Element): void {
  const signatures = childrenNamed(signed, DSIG, 'Signature');
  const [signature] = signatures;
  if (!signature) return;
  if (signatures.length > 1) throw new SamlRejection('structure', 'two signatures of one element');
  const parts = children(signature).map((each) => `${each.namespaceURI}${each.localName}`);
  const expected = ['SignedInfo', 'SignatureValue', 'KeyInfo'].map((name) => `${DSIG}${name}`);
  if (parts.length < 2 || parts.length > 3 || parts.some((part, index) => part !== expected[index])) {
    throw new SamlRejection('structure', 'a Signature of another shape');
  }
  const info = only(signature, 'SignedInfo');
  allow([EXCLUSIVE_C14N], only(info, 'CanonicalizationMethod'));
  allow(SIGNATURES, only(info, 'SignatureMethod'));
  const reference = only(info, 'Reference');
  if (children(info).length !== 3) throw new SamlRejection('structure', 'a SignedInfo of another shape');
  const id = attribute(signed, 'ID');
  if (!id || attribute(reference, 'URI') !== `#${id}`) {
    throw new SamlRejection('structure', 'a Reference to another element');
  }
  allow(DIGESTS, only(reference, 'DigestMethod'));
  if (children(only(reference, 'DigestValue')).length > 0) throw new SamlRejection('structure', 'markup in a digest');
  const transforms = children(only(reference, 'Transforms'));
  if (transforms.length === 0 || transforms.length > 2) throw new SamlRejection('algorithm', 'other transforms');
  for (const transform of transforms) allow([ENVELOPED, EXCLUSIVE_C14N], transform);
}

function only(parent: Element, name: string): Element {
  const [child, another] = childrenNamed(parent, DSIG, name);
  if (!child || another) throw new SamlRejection('structure', `not exactly one ${name}`);
  return child;
}

function allow(algorithms: string[], element: Element): void {
  const algorithm = attribute(element, 'Algorithm') ?? '';
  if (!algorithms.includes(algorithm)) throw new SamlRejection('algorithm', algorithm);
}
