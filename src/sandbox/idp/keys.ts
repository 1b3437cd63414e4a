import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { bits, explicit, integer, nothing, objectId, sequence, set, text, utcTime } from './der.ts';

/** What an identity provider signs with; both are PEM. */
export interface SigningKeys {
  privateKey: string;
  certificate: string;
}

const sha256WithRsa = sequence(objectId('1.2.840.113549.1.1.11'), nothing());
const fiveYears = 5 * 365 * 24 * 3600 * 1000;

/**
 * A new RSA-2048 key with a certificate for it that it signed itself, valid for five years as Identity Center's is.
 * Written here because node:crypto reads certificates but does not make them.
 */
export function generateSigningKeys(options: { now?: Date; commonName?: string } = {}): SigningKeys {
  const { now = new Date(), commonName = 'latchkey-sandbox' } = options;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const name = sequence(
    set(sequence(objectId('2.5.4.10'), text('Latchkey sandbox'))),
    set(sequence(objectId('2.5.4.3'), text(commonName))),
  );
  // An hour of slack, so that a machine whose clock is a little behind accepts the certificate at once.
  const validity = sequence(utcTime(new Date(now.getTime() - 3_600_000)), utcTime(new Date(now.getTime() + fiveYears)));
  const version3 = explicit(0, integer(Buffer.from([2])));
  const serial = integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)]));
  const subjectKey = publicKey.export({ type: 'spki', format: 'der' });
  const body = sequence(version3, serial, sha256WithRsa, name, validity, name, subjectKey);
  const certificate = sequence(body, sha256WithRsa, bits(sign('sha256', body, privateKey)));
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: new X509Certificate(certificate).toString(),
  };
}

/** The certificate as SAML metadata has it: the base64 without the PEM frame. */
export function certificateBody(pem: string): string {
  return pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
}
