import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseMetadata } from '../../src/identity/identity-provider.ts';
import { certificateBody } from '../../src/sandbox/idp/keys.ts';
import { metadataXml } from '../../src/sandbox/idp/metadata.ts';
import { Browser } from './browser.ts';
import { attackerKeys, IDP_ID, startIdp } from './idp.ts';
import { expectRejected, startPortal } from './portal.ts';

const idp = await startIdp();
const metadata = metadataXml(IDP_ID, idp.keys.certificate, `${IDP_ID}/logout`);

test('Identity Center’s metadata is read, with its empty NameIDFormat', () => {
  expect(metadata).toContain('<md:NameIDFormat/>');
  expect(parseMetadata(metadata)).toEqual({
    entityId: IDP_ID,
    signInUrl: IDP_ID,
    certificates: [idp.keys.certificate],
  });
});

test('during a rotation all signing certificates are trusted, and none that is for something else', async () => {
  const key = (use: string, certificate: string) =>
    `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificateBody(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
  const add = (more: string) => metadata.replace('<md:SingleLogoutService', `${more}$&`);
  expect(parseMetadata(add(key('', attackerKeys.certificate))).certificates).toHaveLength(2);
  expect(parseMetadata(add(key(' use="encryption"', attackerKeys.certificate))).certificates).toHaveLength(1);

  const rotating = await startIdp({ metadata: add(key(' use="signing"', attackerKeys.certificate)) });
  const portal = await startPortal({ idp: rotating });
  for (const keys of [idp.keys, attackerKeys]) {
    const browser = new Browser(portal);
    const xml = rotating.respond({ inResponseTo: await browser.begin(), keys });
    expect((await browser.post(xml)).statusCode).toBe(303);
  }
});

test.each([
  ['nothing', '', 'root'],
  ['a page', '<html/>', 'EntityDescriptor'],
  ['a document type', `<!DOCTYPE x>${metadata}`, 'metadata'],
  ['no entity', metadata.replace(/entityID="[^"]+"/, ''), 'entityID'],
  ['no certificate', metadata.replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/, ''), 'certificate'],
  ['no sign-in', metadata.replaceAll('SingleSignOnService', 'ManageNameIDService'), 'sign-in'],
  [
    'a sign-in of another scheme',
    metadata.replaceAll(`Location="${IDP_ID}"`, 'Location="javascript:alert(1)"'),
    'http',
  ],
])('metadata with %s is refused', (_title, xml, words) => {
  expect(() => parseMetadata(xml)).toThrow(words);
});

test('while the metadata cannot be read the sign-in says so, and it recovers by itself', async () => {
  const late = await startIdp();
  await rm(late.metadataFile);
  const portal = await startPortal({ idp: late });
  const browser = new Browser(portal);
  const away = await browser.get('/login');
  expect(away.statusCode).toBe(503);
  expect(away.body).toContain('Sign-in is not available, because');
  expect(portal.identity.signInOrigin()).toBeNull();

  await writeFile(late.metadataFile, metadata);
  await expect.poll(async () => (await browser.get('/login')).statusCode, { timeout: 10_000 }).toBe(302);
  expect((await browser.signIn()).statusCode).toBe(303);
});

test('what was read once stays, whatever the file says later', async () => {
  const changing = await startIdp();
  const portal = await startPortal({ idp: changing });
  const browser = new Browser(portal);
  const inResponseTo = await browser.begin();
  await writeFile(changing.metadataFile, metadataXml(IDP_ID, attackerKeys.certificate, `${IDP_ID}/logout`));
  await expectRejected(portal, await browser.post(changing.respond({ inResponseTo, keys: attackerKeys })), 'signature');
  expect((await browser.post(changing.respond({ inResponseTo }))).statusCode).toBe(303);
});

test('our own metadata names the entity and the one address for answers', async () => {
  const portal = await startPortal();
  const response = await portal.app.inject({ url: '/saml/metadata', headers: { host: 'evil.test' } });
  expect(response.headers['content-type']).toContain('application/samlmetadata+xml');
  expect(response.body).toContain('entityID="urn:latchkey:test"');
  expect(response.body).toContain('Location="https://latchkey.test/saml/acs"');
  expect(response.body).toContain('WantAssertionsSigned="true"');
  expect(response.body).not.toContain('evil');
});
