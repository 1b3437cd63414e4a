import { describe, expect, test } from 'vitest';
import { Browser } from './browser.ts';
import { expectRejected, sharedPortal } from './portal.ts';

const portal = sharedPortal();
const FORM = 'application/x-www-form-urlencoded';
const base64 = (text: string | Buffer) => encodeURIComponent(Buffer.from(text as string).toString('base64'));
const valid = async () => {
  const browser = new Browser(portal());
  return { browser, xml: portal().idp.respond({ inResponseTo: await browser.begin() }) };
};

describe('what is not one post of an identity provider is answered with 400', () => {
  test.each([
    ['an empty form', () => '', 'parameters'],
    ['another field', (xml: string) => `samlresponse=${base64(xml)}`, 'parameters'],
    ['an empty response', () => 'SAMLResponse=', 'parameters'],
    ['two responses', (xml: string) => `SAMLResponse=${base64(xml)}&SAMLResponse=${base64(xml)}`, 'parameters'],
    ['an array', (xml: string) => `SAMLResponse%5B%5D=${base64(xml)}`, 'parameters'],
    ['what is not base64', () => 'SAMLResponse=%3CResponse%2F%3E', 'base64'],
    ['base64 with junk in it', (xml: string) => `SAMLResponse=*${base64(xml)}`, 'base64'],
    ['base64 that is not canonical', () => 'SAMLResponse=PGEvPh%3D%3D', 'base64'],
    ['invalid UTF-8', () => `SAMLResponse=${base64(Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]))}`, 'utf8'],
    ['UTF-16', (xml: string) => `SAMLResponse=${base64(Buffer.from(`\ufeff${xml}`, 'utf16le'))}`, 'utf8'],
    ['more than a response can have', () => `SAMLResponse=${base64(`<a>${'x'.repeat(160_000)}</a>`)}`, 'too-large'],
    ['more than a post may have', () => `SAMLResponse=${'A'.repeat(5_000_000)}`, 'too-large'],
  ] as [string, (xml: string) => string, string][])('%s', async (_title, form, reason) => {
    const { browser, xml } = await valid();
    await expectRejected(portal(), await browser.postForm(form(xml)), reason, 400);
  });

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml'])(
    'a post of %s',
    async (contentType) => {
      const { browser, xml } = await valid();
      const response = await browser.postForm(`SAMLResponse=${base64(xml)}`, contentType);
      await expectRejected(portal(), response, 'content-type', 400);
    },
  );

  test('a get, which changes nothing', async () => {
    const before = await portal().database.db.prisma.auditEvent.count();
    const response = await new Browser(portal()).get('/saml/acs?SAMLResponse=x');
    expect(response.statusCode).toBe(400);
    expect(await portal().database.db.prisma.auditEvent.count()).toBe(before);
  });
});

test('the content type may be written in any way that means the same', async () => {
  const { browser, xml } = await valid();
  const type = 'Application/X-WWW-Form-URLencoded; charset=UTF-8';
  expect((await browser.postForm(`SAMLResponse=${base64(xml)}`, type)).statusCode).toBe(303);
  await portal().database.db.prisma.session.deleteMany();
});

test('base64 that is wrapped at 76 characters is taken, and what goes along with it is not looked at', async () => {
  const { browser, xml } = await valid();
  const lines = Buffer.from(xml).toString('base64').replace(/.{76}/g, '$&\r\n');
  const form = new URLSearchParams({ SAMLResponse: lines, RelayState: 'https://evil.test' });
  const response = await browser.postForm(form.toString(), FORM);
  expect(response.statusCode).toBe(303);
  expect(response.headers.location).toBe('/requests');
  await portal().database.db.prisma.session.deleteMany();
});

const BOMB = `<!DOCTYPE a [<!ENTITY a "${'x'.repeat(1000)}">${'<!ENTITY b "&a;&a;&a;">'.repeat(20)}]>`;
test.each([
  ['a document type', '<!DOCTYPE saml2p:Response>', 'doctype'],
  ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>', 'doctype'],
  ['entities in entities', BOMB, 'doctype'],
  ['an instruction to a style sheet', '<?xml-stylesheet href="x"?>', 'processing-instruction'],
  ['a comment', '<!-- -->', 'comment'],
])('refused before it is parsed is XML with %s', async (_title, prolog, reason) => {
  const { browser, xml } = await valid();
  await expectRejected(portal(), await browser.post(xml.replace('?>', `?>${prolog}`)), reason);
});

test.each([
  ['another encoding', (xml: string) => xml.replace('UTF-8', 'UTF-7'), 'processing-instruction'],
  ['a byte order mark', (xml: string) => `\ufeff${xml}`, 'processing-instruction'],
  ['two roots', (xml: string) => `${xml}<a/>`, 'not-xml'],
  ['text behind it', (xml: string) => `${xml}x`, 'not-xml'],
  ['an attribute twice', (xml: string) => xml.replace(' Version=', ' Version="2.0" Version='), 'not-xml'],
  ['an unknown entity', (xml: string) => xml.replace('Ana.Ruiz', 'Ana&evil;'), 'not-xml'],
  ['an unbound prefix', (xml: string) => xml.replace('<saml2:Subject>', '<evil:x/><saml2:Subject>'), 'not-xml'],
  ['a control character', (xml: string) => xml.replace('Ana', 'A\u0001na'), 'not-xml'],
  ['an end that is missing', (xml: string) => xml.slice(0, -10), 'not-xml'],
  [
    'elements nested without end',
    (xml: string) =>
      xml.replace('<saml2:Subject>', `${'<saml2:A>'.repeat(4000)}${'</saml2:A>'.repeat(4000)}<saml2:Subject>`),
    'structure',
  ],
  ['no SAML in it', () => '<a/>', 'structure'],
  [
    'an assertion as its root',
    (xml: string) => /<saml2:Assertion .*<\/saml2:Assertion>/.exec(xml)?.[0] ?? '',
    'structure',
  ],
  [
    'a Response of another namespace',
    (xml: string) => xml.replace('SAML:2.0:protocol', 'SAML:2.0:assertion'),
    'structure',
  ],
  ['a message of a sign-out', (xml: string) => xml.replaceAll('saml2p:Response', 'saml2p:LogoutResponse'), 'structure'],
  ['no assertion', (xml: string) => xml.replace(/<saml2:Assertion .*<\/saml2:Assertion>/, ''), 'structure'],
] as [string, (xml: string) => string, string][])('refused is XML with %s', async (_title, change, reason) => {
  const { browser, xml } = await valid();
  await expectRejected(portal(), await browser.post(change(xml)), reason);
});

test('a refusal by Identity Center that carries no assertion says so in the audit log', async () => {
  const { browser, xml } = await valid();
  const refusal = xml
    .replace(/<saml2:Assertion .*<\/saml2:Assertion>/, '')
    .replace('status:Success', 'status:Responder');
  await expectRejected(portal(), await browser.post(refusal), 'status');
});

test('who floods the assertion consumer service is told to wait, and the others are not', async () => {
  const post = (remoteAddress: string) => portal().app.inject({ method: 'POST', url: '/saml/acs', remoteAddress });
  const statuses = new Set<number>();
  for (let round = 0; round < 14; round++) {
    const flood = await Promise.all(Array.from({ length: 50 }, () => post('198.51.100.9')));
    for (const { statusCode } of flood) statuses.add(statusCode);
  }
  expect([...statuses]).toEqual([400, 429]);
  expect((await post('198.51.100.10')).statusCode).toBe(400);
});
