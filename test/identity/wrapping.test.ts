import { describe, expect, test } from 'vitest';
import { Browser } from './browser.ts';
import { attackerKeys } from './idp.ts';
import { expectRejected, sharedPortal } from './portal.ts';
import { all, assertionOf, signatureOf, tamper, WRAPPINGS } from './wrapping.ts';

const strict = sharedPortal();
const lenient = sharedPortal({ env: { SAML_RESPONSE_SIGNATURE: 'optional' } });
const SHAPE = ['structure', 'duplicate-id', 'signature'];

const signed = {
  'both signed': {},
  'the response signed': { signAssertion: false },
  'the assertion signed': { signResponse: false },
};

describe.each(Object.entries(signed))('%s', (_title, how) => {
  test.each(Object.entries(WRAPPINGS))('%s: nobody is signed in', async (name, wrap) => {
    const ofResponse = /^XSW[12]:/.test(name);
    // There has to be a signature to wrap.
    if (ofResponse && 'signResponse' in how) return;
    if (/^XSW[568]:/.test(name) && 'signAssertion' in how) return;
    for (const portal of [strict(), lenient()]) {
      const browser = new Browser(portal);
      const inResponseTo = await browser.begin();
      const response = portal.idp.respond({ inResponseTo, ...how });
      const wrapped = tamper(response, (root) => wrap('signAssertion' in how ? withUnsignedAssertion(root) : root));
      expect(wrapped).toContain('>sam<');
      await expectRejected(portal, await browser.post(wrapped), SHAPE);
    }
  });
});

/** The tools of the trade take the signature away from an assertion; here there is none. */
function withUnsignedAssertion(root: Parameters<(typeof WRAPPINGS)[string]>[0]) {
  const assertion = assertionOf(root);
  assertion.appendChild(signatureOf(root).cloneNode(true));
  return root;
}

test('tampering that changes nothing is taken: the mutations are what is refused', async () => {
  const browser = new Browser(strict());
  const xml = strict().idp.respond({ inResponseTo: await browser.begin() });
  const untouched = await browser.post(tamper(xml, () => {}));
  expect(untouched.statusCode).toBe(303);
  await strict().database.db.prisma.session.deleteMany();
});

test('where Identity Center does not sign the response, a signed assertion is enough', async () => {
  const browser = new Browser(lenient());
  const xml = lenient().idp.respond({ inResponseTo: await browser.begin(), signResponse: false });
  expect((await browser.post(xml)).statusCode).toBe(303);
  await lenient().database.db.prisma.session.deleteMany();
});

test.each([
  ['an unsigned assertion', { signAssertion: false }],
  ['nothing signed', { signAssertion: false, signResponse: false }],
  ['the attacker’s keys', { keys: attackerKeys }],
])('not even there with %s', async (_title, how) => {
  const browser = new Browser(lenient());
  const xml = lenient().idp.respond({ inResponseTo: await browser.begin(), ...how });
  await expectRejected(lenient(), await browser.post(xml), 'signature');
});

test('not even there with a response whose own signature is wrong', async () => {
  const browser = new Browser(lenient());
  const xml = lenient().idp.respond({ inResponseTo: await browser.begin() });
  const changed = tamper(xml, (root) => root.setAttribute('Version', '2.1'));
  await expectRejected(lenient(), await browser.post(changed), 'signature');
});

test('not even there is a stolen assertion taken in an envelope of the attacker', async () => {
  const victim = new Browser(lenient());
  const stolen = lenient().idp.respond({ inResponseTo: await victim.begin(), signResponse: false });
  const attacker = new Browser(lenient());
  const own = await attacker.begin();
  const changed = tamper(stolen, (root) => root.setAttribute('InResponseTo', own));
  await expectRejected(lenient(), await attacker.post(changed), 'in-response-to');
  const stripped = tamper(stolen, (root) => root.removeAttribute('InResponseTo'));
  await expectRejected(lenient(), await attacker.post(stripped), 'in-response-to');
});

const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
test.each([
  ['an empty signature', 'structure', (root) => empty(signatureOf(root))],
  ['two SignedInfo', 'structure', (root) => twice(root, 'SignedInfo')],
  [
    'a SignedInfo in an object',
    'structure',
    (root) => signatureOf(root).appendChild(all(root, 'SignedInfo')[0]!.cloneNode(true)),
  ],
  ['two references', 'structure', (root) => twice(root, 'Reference')],
  ['two digests', 'structure', (root) => twice(root, 'DigestValue')],
  [
    'a reference to the assertion from the response',
    'structure',
    (root) => all(root, 'Reference')[0]!.setAttribute('URI', '#_x'),
  ],
  ['a reference to the whole document', 'structure', (root) => all(root, 'Reference')[0]!.setAttribute('URI', '')],
  [
    'a keyed hash instead of a signature',
    'algorithm',
    (root) => algorithm(root, 'SignatureMethod', 'http://www.w3.org/2000/09/xmldsig#hmac-sha256'),
  ],
  ['an unknown signature algorithm', 'algorithm', (root) => algorithm(root, 'SignatureMethod', 'urn:x')],
  [
    'a signature algorithm with parameters of its own',
    'algorithm',
    (root) => algorithm(root, 'SignatureMethod', 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1'),
  ],
  [
    'canonicalization that keeps comments',
    'algorithm',
    (root) => algorithm(root, 'CanonicalizationMethod', `${C14N}WithComments`),
  ],
  ['a transform that keeps comments', 'algorithm', (root) => algorithm(root, 'Transform', `${C14N}WithComments`)],
  [
    'an XSLT transform',
    'algorithm',
    (root) => algorithm(root, 'Transform', 'http://www.w3.org/TR/1999/REC-xslt-19991116'),
  ],
  [
    'an XPath transform',
    'algorithm',
    (root) => algorithm(root, 'Transform', 'http://www.w3.org/TR/1999/REC-xpath-19991116'),
  ],
  ['three transforms', 'algorithm', (root) => twice(root, 'Transform')],
  [
    'a changed name',
    'signature',
    (root) =>
      all(root, 'NameID')[0]!.replaceChild(
        root.ownerDocument!.createTextNode('sam'),
        all(root, 'NameID')[0]!.firstChild!,
      ),
  ],
  [
    'a changed attribute',
    'signature',
    (root) => all(root, 'Conditions')[0]!.setAttribute('NotOnOrAfter', '2099-01-01T00:00:00Z'),
  ],
] as [string, string, (root: Parameters<(typeof WRAPPINGS)[string]>[0]) => void][])(
  'refused is a signature with %s',
  async (_title, reason, change) => {
    const browser = new Browser(strict());
    const xml = strict().idp.respond({ inResponseTo: await browser.begin() });
    await expectRejected(strict(), await browser.post(tamper(xml, change)), reason);
  },
);

type Root = Parameters<(typeof WRAPPINGS)[string]>[0];

function empty(element: Root): void {
  while (element.firstChild) element.removeChild(element.firstChild);
}

function twice(root: Root, name: string): void {
  const element = all(root, name)[0]!;
  element.parentNode!.insertBefore(element.cloneNode(true), element);
}

function algorithm(root: Root, name: string, value: string): void {
  all(root, name)[0]!.setAttribute('Algorithm', value);
}
