import { SignedXml } from 'xml-crypto';

export const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
export const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
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
  const assertion = "/*[local-name(.)='Response']/*[local-name(.)='Assertion']";
  let signed = xml;
  if (options.signAssertion ?? true) signed = signElement(signed, assertion, key, certificate, options);
  if (options.signResponse ?? true) signed = signElement(signed, "/*[local-name(.)='Response']", key, certificate, options);
  return signed;
}

function signElement(xml: string, xpath: string, key: string, certificate: string, options: SignOptions): string {
  const signature = new SignedXml({
    privateKey: key,
    publicCert: certificate,
    signatureAlgorithm: options.signatureAlgorithm ?? rsaSha256,
    canonicalizationAlgorithm: exclusive,
  });
  const digestAlgorithm = options.digestAlgorithm ?? sha256;
  signature.addReference({ xpath, transforms: [enveloped, exclusive], digestAlgorithm });
  // The schema has the signature right after the issuer; a response made without an issuer gets it in front.
  const issuer = `${xpath}/*[local-name(.)='Issuer']`;
  const location = xml.includes('Issuer>')
    ? ({ reference: issuer, action: 'after' } as const)
    : ({ reference: xpath, action: 'prepend' } as const);
  signature.computeSignature(xml, { prefix: 'ds', location });
  return signature.getSignedXml();
}
