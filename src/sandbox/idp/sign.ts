import { SignedXml } from 'xml-crypto';

const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

export interface SignOptions {
  signAssertion?: boolean;
  signResponse?: boolean;
  signatureAlgorithm?: string;
  digestAlgorithm?: string;
}

/**
 * Signs the assertion, then the response around it, as Identity Center does. Either can be left out and the algorithms
 * changed, for responses that have to be refused.
 */
export function signResponse(xml: string, key: string, certificate: string, options: SignOptions = {}): string {
  let signed = xml;
  if (options.signAssertion ?? true) signed = signElement(signed, assertion, key, certificate, options);
  if (options.signResponse ?? true) signed = signElement(signed, response, key, certificate, options);
  return signed;
}

const response = { xpath: "/*[local-name(.)='Response']", next: 'Status' };
const assertion = { xpath: `${response.xpath}/*[local-name(.)='Assertion']`, next: 'Subject' };

function signElement(xml: string, what: typeof response, key: string, certificate: string, options: SignOptions) {
  const signature = new SignedXml({
    privateKey: key,
    publicCert: certificate,
    signatureAlgorithm: options.signatureAlgorithm ?? rsaSha256,
    canonicalizationAlgorithm: exclusive,
  });
  const digestAlgorithm = options.digestAlgorithm ?? sha256;
  signature.addReference({ xpath: what.xpath, transforms: [enveloped, exclusive], digestAlgorithm });
  // The schema has the signature right after the issuer. What follows it is named here because a test may leave the
  // issuer out.
  const reference = `${what.xpath}/*[local-name(.)='${what.next}']`;
  signature.computeSignature(xml, { prefix: 'ds', location: { reference, action: 'before' } });
  return signature.getSignedXml();
}
