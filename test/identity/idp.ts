import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKeys, type SigningKeys } from '../../src/sandbox/idp/keys.ts';
import { metadataXml } from '../../src/sandbox/idp/metadata.ts';
import { buildResponse, type ResponseContent } from '../../src/sandbox/idp/response.ts';
import { type SignOptions, signResponse } from '../../src/sandbox/idp/sign.ts';

export const ACS_URL = 'https://latchkey.test/saml/acs';
export const ENTITY_ID = 'urn:latchkey:test';
export const IDP_ID = 'https://portal.sso.eu-west-1.amazonaws.com/saml/assertion/MTIz';

/** Made once: a new RSA key for each test would take longer than the tests. */
const keys = generateSigningKeys();
export const attackerKeys = generateSigningKeys();

export interface Idp {
  directory: string;
  metadataFile: string;
  keys: SigningKeys;
  /** A response that is right in everything, but for what is given; `mutate` changes it before it is signed. */
  respond(overrides: Partial<ResponseContent> & Mutation): string;
}

export interface Mutation extends SignOptions {
  keys?: SigningKeys;
  mutate?: (xml: string) => string;
}

export async function startIdp(options: { metadata?: string } = {}): Promise<Idp> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-idp-'));
  const metadataFile = join(directory, 'metadata.xml');
  await writeFile(metadataFile, options.metadata ?? metadataXml(IDP_ID, keys.certificate, `${IDP_ID}/logout`));
  return {
    directory,
    metadataFile,
    keys,
    respond({ keys: signing = keys, mutate = (xml) => xml, ...content }) {
      const xml = buildResponse({
        issuer: IDP_ID,
        destination: ACS_URL,
        audience: ENTITY_ID,
        inResponseTo: `_${randomBytes(20).toString('hex')}`,
        nameId: 'Ana.Ruiz',
        attributes: { email: 'ana@example.com' },
        ...content,
      });
      return signResponse(mutate(xml), signing.privateKey, signing.certificate, content);
    },
  };
}
