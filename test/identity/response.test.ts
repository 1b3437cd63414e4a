import { describe, expect, test } from 'vitest';
import type { ResponseContent } from '../../src/sandbox/idp/response.ts';
import { Browser } from './browser.ts';
import { ACS_URL, attackerKeys, ENTITY_ID, type Mutation } from './idp.ts';
import { countSessions, expectRejected, lastRejection, sharedPortal } from './portal.ts';

const portal = sharedPortal();
type Case = [title: string, mutation: Partial<ResponseContent> & Mutation, reason: string];

const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
const replace = (from: string | RegExp, to: string) => ({
  mutate: (xml: string) => {
    const changed = xml.replace(from, to);
    if (changed === xml) throw new Error(`nothing to replace: ${from}`);
    return changed;
  },
});
const beforeEndOf = (name: string, xml: string) => replace(new RegExp(`</saml2p?:${name}>`), `${xml}$&`);

const signatures: Case[] = [
  ['without its assertion’s signature', { signAssertion: false }, 'signature'],
  ['without its own signature', { signResponse: false }, 'signature'],
  ['without any signature', { signAssertion: false, signResponse: false }, 'signature'],
  ['signed by someone else, who puts their certificate in', { keys: attackerKeys }, 'signature'],
  ['signed with SHA-1', { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }, 'algorithm'],
  ['digested with SHA-1', { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' }, 'algorithm'],
];

const profile: Case[] = [
  ['for another audience', { audience: 'urn:another' }, 'audience'],
  ['for no audience', { audience: null }, 'audience'],
  [
    'with a second restriction to another audience',
    beforeEndOf(
      'Conditions',
      '<saml2:AudienceRestriction><saml2:Audience>urn:x</saml2:Audience></saml2:AudienceRestriction>',
    ),
    'audience',
  ],
  ['for another recipient', { recipient: 'https://evil.test/saml/acs' }, 'recipient'],
  ['for no recipient', { recipient: null }, 'recipient'],
  ['for an empty recipient', { recipient: '' }, 'recipient'],
  ['for a recipient with a slash too many', { recipient: `${ACS_URL}/` }, 'recipient'],
  ['to another destination', { destination: 'https://evil.test/saml/acs', recipient: ACS_URL }, 'destination'],
  ['to no destination', { destination: null, recipient: ACS_URL }, 'destination'],
  ['to an empty destination', { destination: '', recipient: ACS_URL }, 'destination'],
  ['to a destination with a slash too many', { destination: `${ACS_URL}/`, recipient: ACS_URL }, 'destination'],
  [
    'of another application of the same Identity Center',
    { issuer: 'https://portal.sso/saml/assertion/x' } as never,
    'issuer',
  ],
  ['whose envelope another issued', { responseIssuer: 'urn:another' }, 'issuer'],
  ['whose assertion another issued', { assertionIssuer: 'urn:another' }, 'issuer'],
  ['whose envelope names no issuer', { responseIssuer: null }, 'issuer'],
  ['whose assertion names no issuer', { assertionIssuer: null }, 'structure'],
  ['that says that authentication failed', { statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }, 'status'],
  ['without a status', replace(/<saml2p:Status>.*<\/saml2p:Status>/, '<saml2p:Status/>'), 'status'],
  ['without a confirmation of the subject', { confirmationMethod: null }, 'subject-confirmation'],
  [
    'whose bearer has to hold a key',
    { confirmationMethod: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' },
    'subject-confirmation',
  ],
  [
    'with two confirmations of the subject',
    replace(/<saml2:SubjectConfirmation .*<\/saml2:SubjectConfirmation>/, '$&$&'),
    'subject-confirmation',
  ],
  ['whose confirmation has a beginning', { confirmationNotBefore: at(-60) }, 'subject-confirmation'],
  ['whose confirmation has no end', { confirmationNotOnOrAfter: null }, 'subject-confirmation'],
  ['without conditions', replace(/<saml2:Conditions.*<\/saml2:Conditions>/, ''), 'structure'],
  ['whose conditions say no times', { notBefore: null, notOnOrAfter: null }, 'conditions'],
  ['whose conditions have no end', { notOnOrAfter: null }, 'conditions'],
  ['whose times have no zone', replace(/NotOnOrAfter="([^"]+)Z"/, 'NotOnOrAfter="$1"'), 'time-format'],
  [
    'that was issued long ago',
    { issueInstant: at(-3600), notOnOrAfter: at(300), confirmationNotOnOrAfter: at(300) },
    'too-old',
  ],
  ['whose session at Identity Center is over', { sessionNotOnOrAfter: at(-120) }, 'authn-statement'],
  ['of a sign-in in the future', { authnInstant: at(3600) }, 'not-yet-valid'],
  ['of a sign-in half a year ago', { authnInstant: at(-180 * 86_400) }, 'authn-statement'],
  ['without a name', { nameId: '' }, 'name-id'],
  ['with a name of control characters', { nameId: 'Ana.Ruiz\u200b' }, 'name-id'],
];

const requests: Case[] = [
  ['that answers a request nobody made', { inResponseTo: '_0000' }, 'request-unknown'],
  ['whose envelope names no request', replace(/(<saml2p:Response [^>]*) InResponseTo="[^"]+"/, '$1'), 'in-response-to'],
  ['whose confirmation names no request', { confirmationInResponseTo: null }, 'in-response-to'],
  ['whose confirmation names another request', { confirmationInResponseTo: '_0000' }, 'in-response-to'],
];

const people: Case[] = [
  ['of someone whom Identity Center does not know', { nameId: 'nobody' }, 'user-unknown'],
  ['of someone whom Identity Center disabled', { nameId: 'gone' }, 'user-disabled'],
];

const markup: Case[] = [
  ['with a comment in the name', replace('Ana.Ruiz<', 'Ana<!-- -->.Ruiz<'), 'comment'],
  ['with CDATA in the name', replace('Ana.Ruiz<', '<![CDATA[Ana.Ruiz]]><'), 'comment'],
  ['with an instruction in the name', replace('Ana.Ruiz<', 'Ana<?x y?>.Ruiz<'), 'processing-instruction'],
  ['with two assertions', replace(/<saml2:Assertion .*<\/saml2:Assertion>/, '$&$&'), 'duplicate-id'],
  [
    'with an encrypted assertion beside the plain one',
    beforeEndOf('Response', '<saml2:EncryptedAssertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
    'encrypted',
  ],
  [
    'with an assertion in extensions',
    replace(
      '<saml2p:Status>',
      '<saml2p:Extensions><saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_x"/></saml2p:Extensions>$&',
    ),
    'structure',
  ],
  [
    'with another assertion in its advice',
    replace(
      /(<\/saml2:Subject>)(.*<\/saml2:Conditions>)/,
      '$1$2<saml2:Advice><saml2:Assertion ID="_x"/></saml2:Advice>',
    ),
    'structure',
  ],
  ['with an element of its own', beforeEndOf('Subject', '<x xmlns="urn:x"/>'), 'structure'],
  [
    'that uses an ID twice',
    replace('<saml2:Subject>', '<saml2:Subject id="_same"><saml2:Advice Id="_same"/>'),
    'duplicate-id',
  ],
];

describe.each([
  ['signature', signatures],
  ['profile', profile],
  ['request', requests],
  ['person', people],
  ['markup', markup],
])('%s: turned away is a response', (_group, cases) => {
  test.each(cases)('%s', async (_title, mutation, reason) => {
    const browser = new Browser(portal());
    const inResponseTo = await browser.begin();
    const respond = portal().idp.respond;
    await expectRejected(portal(), await browser.post(respond({ inResponseTo, ...mutation })), reason);

    // The same request with nothing wrong: it was the mutation that was refused, and it used nothing up.
    const accepted = await browser.post(respond({ inResponseTo }));
    expect(accepted.statusCode).toBe(303);
    expect(await countSessions(portal())).toBe(1);
    await portal().database.db.prisma.session.deleteMany();
  });
});

const ends = (seconds: number) => ({ notOnOrAfter: at(seconds), confirmationNotOnOrAfter: at(300) });
const confirmed = (seconds: number) => ({ confirmationNotOnOrAfter: at(seconds) });
const begins = (seconds: number) => ({ notBefore: at(seconds) });

test.each([
  ['an end 50 seconds ago', () => ends(-50), true],
  ['an end 61 seconds ago', () => ends(-61), false],
  ['a confirmation that ended 50 seconds ago', () => confirmed(-50), true],
  ['a confirmation that ended 61 seconds ago', () => confirmed(-61), false],
  ['a beginning 55 seconds ahead', () => begins(55), true],
  ['a beginning 70 seconds ahead', () => begins(70), false],
] as const)('clocks may differ by a minute: %s', async (_title, times, accepted) => {
  const browser = new Browser(portal());
  const inResponseTo = await browser.begin();
  const response = await browser.post(portal().idp.respond({ inResponseTo, ...times() }));
  expect(response.statusCode).toBe(accepted ? 303 : 403);
  expect(await countSessions(portal())).toBe(accepted ? 1 : 0);
  if (!accepted) expect(['expired', 'not-yet-valid']).toContain(await lastRejection(portal()));
  await portal().database.db.prisma.session.deleteMany();
});

test('attributes with the names of object properties change nothing', async () => {
  const browser = new Browser(portal());
  const inResponseTo = await browser.begin();
  const attributes = Object.fromEntries(
    ['__proto__', 'constructor', 'nameID', 'issuer', 'getAssertionXml'].map((name) => [name, 'sam']),
  );
  const response = await browser.post(portal().idp.respond({ inResponseTo, attributes, audience: ENTITY_ID }));
  expect(response.statusCode).toBe(303);
  expect((await browser.get('/')).json().userId).toBe('u-ana');
  await portal().database.db.prisma.session.deleteMany();
});
