import { escapeText } from '../pages/html.ts';
import { certificateBody } from './keys.ts';

/**
 * The identity provider's metadata as Identity Center publishes it for one application, down to the empty NameIDFormat
 * and the logout addresses which it lists although it never sends a logout. `logoutUrl` is therefore never served.
 */
export function metadataXml(entityId: string, certificate: string, logoutUrl: string): string {
  const service = (kind: string, binding: string, location: string) =>
    `<md:${kind} Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${escapeText(location)}"/>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeText(entityId)}">` +
    '<md:IDPSSODescriptor WantAuthnRequestsSigned="false" ' +
    'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
    '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>' +
    `<ds:X509Certificate>${certificateBody(certificate)}</ds:X509Certificate>` +
    '</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>' +
    service('SingleLogoutService', 'HTTP-POST', logoutUrl) +
    service('SingleLogoutService', 'HTTP-Redirect', logoutUrl) +
    '<md:NameIDFormat/>' +
    service('SingleSignOnService', 'HTTP-POST', entityId) +
    service('SingleSignOnService', 'HTTP-Redirect', entityId) +
    '</md:IDPSSODescriptor></md:EntityDescriptor>'
  );
}
