import { inflateRawSync } from 'node:zlib';
import { SAML } from '@node-saml/node-saml';
import { expect, test } from 'vitest';
import {
  buildResponse,
  generateSigningKeys,
  type IdentityProvider,
  registerIdentityProvider,
  samlResponseFor,
  signResponse,
} from '../../src/sandbox/idp/index.ts';
import { registerAssets } from '../../src/sandbox/pages/layout.ts';
import type { SandboxServices } from '../../src/sandbox/services.ts';
import { openState } from '../../src/sandbox/state-file.ts';
import { fieldOn, form, smallOrganization, startParts } from './parts.ts';

const acsUrl = 'https://latchkey.test/saml/acs';
const entityId = 'https://latchkey.test/saml/metadata';

function strictServiceProvider(provider: IdentityProvider, options: { identifierFormat?: string } = {}) {
  return new SAML({
    callbackUrl: acsUrl,
    issuer: entityId,
    audience: entityId,
    entryPoint: provider.entityId,
    idpCert: provider.keys.certificate,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: true,
    acceptedClockSkewMs: 0,
    maxAssertionAgeMs: 300_000,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: options.identifierFormat ?? null,
    disableRequestedAuthnContext: true,
  });
}

async function start(services?: (services: SandboxServices) => void) {
  const parts = await startParts((app, shared) => {
    registerAssets(app);
    return registerIdentityProvider(app, shared, [{ userName: 'Ana.Ruiz', about: 'asks for access' }]);
  });
  services?.(parts.services);
  const provider = parts.part;
  provider.register({ entityId, acsUrl });
  return { ...parts, provider, sp: strictServiceProvider(provider) };
}

type Started = Awaited<ReturnType<typeof start>>;

async function beginSignIn({ app, sp }: Pick<Started, 'app' | 'sp'>, relayState = 'where-to') {
  const address = new URL(await sp.getAuthorizeUrlAsync(relayState, undefined, {}));
  const request = inflateRawSync(Buffer.from(address.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  const page = await app.inject(`${address.pathname}${address.search}`);
  return { page, requestId: /ID="([^"]+)"/.exec(request)?.[1] };
}

test('a person who is chosen arrives at the application with a response that a strict service provider accepts', async () => {
  const started = await start();
  const { page, requestId } = await beginSignIn(started);
  expect(page.body).toContain('Choose who signs in');
  expect(page.body).toContain('asks for access');

  const fields = { request: fieldOn(page.body, 'request') ?? '', RelayState: 'where-to', userId: 'u-2' };
  const answer = await started.app.inject({ method: 'POST', url: '/saml/sign-in', ...form(fields) });
  expect(answer.body).toContain(`action="${acsUrl}"`);
  expect(fieldOn(answer.body, 'RelayState')).toBe('where-to');
  expect(answer.body).toContain('<noscript><button>Continue</button></noscript>');

  const SAMLResponse = fieldOn(answer.body, 'SAMLResponse') ?? '';
  const { profile } = await started.sp.validatePostResponseAsync({ SAMLResponse });
  expect(profile).toMatchObject({ nameID: "o'neil&co", issuer: started.provider.entityId, inResponseTo: requestId });
  expect(profile?.attributes).toEqual({ email: "o'neil&co@example.com" });

  const xml = Buffer.from(SAMLResponse, 'base64').toString();
  expect(xml).toContain(`Destination="${acsUrl}"`);
  expect(xml.match(new RegExp(`InResponseTo="${requestId}"`, 'g'))).toHaveLength(2);
  expect(xml).toContain(`Recipient="${acsUrl}"`);
  expect(xml).toMatch(/<saml2:AuthnStatement [^>]*SessionNotOnOrAfter="/);
  expect(xml.match(/<ds:Signature /g)).toHaveLength(2);
  expect(xml).not.toMatch(/rsa-sha1|#sha1/);
});

test('a request that is posted instead of redirected is answered as well', async () => {
  const { app, sp } = await start();
  const { SAMLRequest } = await sp.getAuthorizeMessageAsync('', undefined, {});
  // node-saml deflates by default, the POST binding does not.
  const xml = inflateRawSync(Buffer.from(String(SAMLRequest), 'base64'));
  const page = await app.inject({
    method: 'POST',
    url: '/saml/assertion/latchkey',
    ...form({ SAMLRequest: xml.toString('base64') }),
  });
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('Ana Ruiz');
});

test('disabled people are not offered and cannot be chosen', async () => {
  const started = await start();
  const { page } = await beginSignIn(started);
  expect(page.body).not.toContain('Gone Person');
  const fields = { request: fieldOn(page.body, 'request') ?? '', userId: 'u-3' };
  const answer = await started.app.inject({ method: 'POST', url: '/saml/sign-in', ...form(fields) });
  expect(answer.statusCode).toBe(403);
  expect(answer.body).not.toContain('SAMLResponse');
});

test('names are escaped on the page, and the list can be searched', async () => {
  const started = await start();
  const { page } = await beginSignIn(started);
  expect(page.body).toContain('Sam &lt;O’Neil&gt;');
  const query = new URLSearchParams({ request: fieldOn(page.body, 'request') ?? '', q: 'NEIL' });
  const found = await started.app.inject(`/saml/sign-in?${query}`);
  expect(found.body).toContain('Found: 1');
  expect(found.body).not.toContain('Ana Ruiz');
});

test('whoever signed in last is offered first, and never signed in without being asked', async () => {
  const started = await start();
  const { page } = await beginSignIn(started);
  const fields = { request: fieldOn(page.body, 'request') ?? '', userId: 'u-2' };
  const answer = await started.app.inject({ method: 'POST', url: '/saml/sign-in', ...form(fields) });
  const cookies = Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]));
  const address = new URL(await started.sp.getAuthorizeUrlAsync('', undefined, {}));
  const again = await started.app.inject({ url: `${address.pathname}${address.search}`, cookies });
  expect(again.body).toContain('Signed in last');
  expect(again.body.indexOf('u-2')).toBeLessThan(again.body.indexOf('u-1'));
});

test('a request of another application, for another address or for another NameID format is refused', async () => {
  const { app, provider, sp } = await start();
  const ask = async (asking: SAML) => {
    const address = new URL(await asking.getAuthorizeUrlAsync('', undefined, {}));
    return app.inject(`${address.pathname}${address.search}`);
  };
  const email = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
  expect((await ask(strictServiceProvider(provider, { identifierFormat: email }))).body).toContain('NameID format');
  provider.register({ entityId, acsUrl: 'https://elsewhere.test/acs' });
  expect((await ask(sp)).body).toContain('https://elsewhere.test/acs is registered');
  provider.register({ entityId: 'another', acsUrl });
  const refused = await ask(sp);
  expect(refused.statusCode).toBe(403);
  expect(refused.body).toContain('is not the registered application');
});

test('what is no AuthnRequest is refused with a page', async () => {
  const { app } = await start();
  for (const request of ['nonsense', '', Buffer.from('<a/>').toString('base64')]) {
    const page = await app.inject(`/saml/assertion/latchkey?${new URLSearchParams({ SAMLRequest: request })}`);
    expect(page.statusCode).toBe(403);
    expect(page.body).toContain('Sign-in refused');
  }
  const doctype = Buffer.from('<!DOCTYPE a><a/>').toString('base64');
  const posted = await app.inject({
    method: 'POST',
    url: '/saml/assertion/latchkey',
    ...form({ SAMLRequest: doctype }),
  });
  expect(posted.body).toContain('document type');
  expect((await app.inject('/saml/assertion/latchkey')).statusCode).toBe(400);
});

test('the metadata names the signing certificate, one address for both bindings, and wants no signed requests', async () => {
  const { app, provider, url } = await start();
  const metadata = await app.inject('/saml/metadata');
  expect(metadata.body).toContain(`entityID="${url}/saml/assertion/latchkey"`);
  expect(metadata.body).toContain('WantAuthnRequestsSigned="false"');
  expect(metadata.body).toContain('<md:NameIDFormat/>');
  expect(metadata.body.match(/SingleSignOnService Binding="[^"]+" Location="([^"]+)"/g)).toHaveLength(2);
  const body = /<ds:X509Certificate>([^<]+)</.exec(metadata.body)?.[1] ?? '';
  expect(provider.keys.certificate.replace(/\s/g, '')).toContain(body);
});

test('the tile leads to the start address, or posts a response that answers no request', async () => {
  const { app, provider, sp } = await start();
  const cookies = { 'latchkey-sandbox-person': 'u-1' };
  provider.register({ entityId, acsUrl, startUrl: 'https://latchkey.test/login' });
  const redirected = await app.inject({ url: '/saml/tile', cookies });
  expect(redirected.headers.location).toBe('https://latchkey.test/login');

  const posted = await app.inject({ url: '/saml/tile?unsolicited=1', cookies });
  const SAMLResponse = fieldOn(posted.body, 'SAMLResponse') ?? '';
  expect(Buffer.from(SAMLResponse, 'base64').toString()).not.toContain('InResponseTo');
  const { profile } = await sp.validatePostResponseAsync({ SAMLResponse });
  expect(profile?.nameID).toBe('Ana.Ruiz');

  const stranger = await app.inject('/saml/tile?unsolicited=1');
  expect(stranger.headers.location).toBe('/start');
});

test('the application is registered over HTTP, and nonsense is not', async () => {
  const { app, provider } = await start();
  const startUrl = 'http://localhost:3000/login';
  const put = (payload: object) => app.inject({ method: 'PUT', url: '/sandbox/saml-application', payload });
  expect((await put({ entityId: 'a', acsUrl: 'http://localhost:3000/saml/acs', startUrl })).statusCode).toBe(200);
  expect(provider.application).toMatchObject({ entityId: 'a', startUrl });
  expect((await put({ entityId: 'a', acsUrl: 'javascript:alert(1)' })).statusCode).toBe(400);
  expect((await app.inject('/sandbox/saml-application')).json()).toMatchObject({ entityId: 'a' });
});

test('keys and application survive a restart, and keys can be rotated', async () => {
  const saved = new Map<string, () => unknown>();
  const state = {
    ...openState(undefined),
    keep: (part: string, snapshot: () => unknown) => {
      const before = saved.get(part)?.();
      saved.set(part, snapshot);
      return before;
    },
  };
  const first = await startParts((app, services) => registerIdentityProvider(app, services), state);
  first.part.register({ entityId, acsUrl });
  const { keys } = first.part;
  const second = await startParts((app, services) => registerIdentityProvider(app, services), state);
  expect(second.part.keys).toEqual(keys);
  expect(second.part.application?.entityId).toBe(entityId);
  second.part.rotateKeys();
  expect(second.part.keys.certificate).not.toBe(keys.certificate);
});

test('a response can be made wrong in every part, for tests of what must be refused', async () => {
  const { provider, services, sp } = await start();
  const [ana] = services.organization.users;
  const refused = async (overrides: Parameters<IdentityProvider['responseFor']>[2]) => {
    const xml = provider.responseFor(ana!, { id: '_1' }, overrides);
    const SAMLResponse = Buffer.from(xml).toString('base64');
    return sp.validatePostResponseAsync({ SAMLResponse }).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  };
  expect(await refused({})).toBe('accepted');
  expect(await refused({ signAssertion: false })).toMatch(/signature/i);
  expect(await refused({ signResponse: false })).toMatch(/signature/i);
  expect(await refused({ keys: generateSigningKeys() })).toMatch(/signature/i);
  expect(await refused({ audience: 'another' })).toMatch(/audience/i);
  expect(await refused({ notOnOrAfter: new Date(0) })).toMatch(/expired/i);
  const unsigned = provider.responseFor(ana!, null, { destination: null, recipient: null, confirmationMethod: null });
  expect(unsigned).not.toMatch(/Destination|SubjectConfirmation/);
  const weak = provider.responseFor(ana!, null, {
    signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
    responseIssuer: null,
    assertionIssuer: null,
  });
  expect(weak).toContain('xmldsig#rsa-sha1');
});

test('responses can be made without an identity provider that runs', async () => {
  const [ana] = smallOrganization().users;
  const keys = generateSigningKeys();
  const idp = 'https://idp.test/saml/assertion/latchkey';
  const options = { callbackUrl: acsUrl, issuer: entityId, audience: entityId, idpCert: keys.certificate };
  const sp = new SAML({ ...options, wantAssertionsSigned: true, wantAuthnResponseSigned: true });
  const nameOf = async (xml: string) => {
    const SAMLResponse = Buffer.from(xml).toString('base64');
    return (await sp.validatePostResponseAsync({ SAMLResponse })).profile?.nameID;
  };
  const application = { entityId, acsUrl, startUrl: null };
  expect(await nameOf(samlResponseFor({ entityId: idp, keys, application }, ana!, null))).toBe('Ana.Ruiz');
  const nameId = 'a <b> & "c"';
  const xml = buildResponse({ issuer: idp, destination: acsUrl, audience: entityId, inResponseTo: null, nameId });
  expect(await nameOf(signResponse(xml, keys.privateKey, keys.certificate))).toBe(nameId);
});
