import { expect, test } from 'vitest';
import { authnRequestOf, Browser } from './browser.ts';
import { ACS_URL, ENTITY_ID } from './idp.ts';
import { countSessions, expectRejected, lastRejection, startPortal } from './portal.ts';

test('the request asks for an answer at the fixed address and prescribes neither a name format nor a kind of sign-in', async () => {
  const portal = await startPortal();
  const response = await portal.app.inject({
    url: '/login',
    headers: { host: 'evil.test', 'x-forwarded-proto': 'https' },
  });
  const address = new URL(String(response.headers.location));
  expect(address.origin).toBe(portal.identity.signInOrigin());
  expect([...address.searchParams.keys()]).toEqual(['SAMLRequest']);
  const request = authnRequestOf(address);
  expect(request).toContain(`AssertionConsumerServiceURL="${ACS_URL}"`);
  expect(request).toContain(`>${ENTITY_ID}</saml:Issuer>`);
  expect(request).not.toMatch(/NameIDPolicy|RequestedAuthnContext|evil/);
});

test('a response that another browser asked for signs nobody in there', async () => {
  const portal = await startPortal();
  const [ana, victim, stranger] = [new Browser(portal), new Browser(portal), new Browser(portal)];
  const inResponseTo = await ana.begin();
  await victim.begin();
  const xml = portal.idp.respond({ inResponseTo });
  await expectRejected(portal, await victim.post(xml), 'browser-binding');
  await expectRejected(portal, await stranger.post(xml), 'browser-binding');
  stranger.cookies['__Host-saml-pre'] = 'A'.repeat(43);
  await expectRejected(portal, await stranger.post(xml), 'browser-binding');
  expect((await ana.post(xml)).statusCode).toBe(303);
});

test('a browser may have several sign-ins under way', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const [first, second] = [await browser.begin('/requests?tab=1'), await browser.begin('/requests?tab=2')];
  const one = await browser.post(portal.idp.respond({ inResponseTo: first }));
  const two = await browser.post(portal.idp.respond({ inResponseTo: second }));
  expect([one.headers.location, two.headers.location]).toEqual(['/requests?tab=1', '/requests?tab=2']);
  expect(await countSessions(portal)).toBe(1);
});

test('a sign-in takes ten minutes at the longest', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const [late, inTime] = [await browser.begin(), await browser.begin()];
  await portal.database.advance({ minutes: 9, seconds: 58 });
  const now = () => new Date(Date.now() + 598_000);
  expect((await browser.post(portal.idp.respond({ inResponseTo: inTime, issueInstant: now() }))).statusCode).toBe(303);
  await portal.database.db.prisma.session.deleteMany();
  await portal.database.advance({ seconds: 5 });
  await expectRejected(
    portal,
    await browser.post(portal.idp.respond({ inResponseTo: late, issueInstant: now() })),
    'request-expired',
  );
});

test('the time is the database’s, whatever clock the process has', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await portal.database.advance({ hours: 30 });
  const inResponseTo = await browser.begin();
  await expectRejected(portal, await browser.post(portal.idp.respond({ inResponseTo })), 'expired');
  const issueInstant = new Date(Date.now() + 30 * 3_600_000);
  expect((await browser.post(portal.idp.respond({ inResponseTo, issueInstant }))).statusCode).toBe(303);
});

test('the same response signs in once', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const xml = portal.idp.respond({ inResponseTo: await browser.begin() });
  expect((await browser.post(xml)).statusCode).toBe(303);
  await portal.database.db.prisma.session.deleteMany();
  await expectRejected(portal, await browser.post(xml), 'replayed');
});

test('the same assertion signs in once, even with a request that is still open', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const [first, second] = [await browser.begin(), await browser.begin()];
  expect((await browser.post(portal.idp.respond({ inResponseTo: first, assertionId: '_same' }))).statusCode).toBe(303);
  await portal.database.db.prisma.session.deleteMany();
  const again = portal.idp.respond({ inResponseTo: second, assertionId: '_same' });
  await expectRejected(portal, await browser.post(again), 'replayed');
});

test('the same request signs in once, even with another assertion', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const inResponseTo = await browser.begin();
  expect((await browser.post(portal.idp.respond({ inResponseTo }))).statusCode).toBe(303);
  await portal.database.db.prisma.session.deleteMany();
  await expectRejected(portal, await browser.post(portal.idp.respond({ inResponseTo })), 'request-unknown');
});

test('of fifty posts of the same response at once, at two replicas, one gets a session', async () => {
  const portal = await startPortal();
  const replica = await startPortal({ database: portal.database, idp: portal.idp });
  const browser = new Browser(portal);
  const xml = portal.idp.respond({ inResponseTo: await browser.begin() });
  const other = new Browser(replica);
  Object.assign(other.cookies, browser.cookies);
  const posts = Array.from({ length: 50 }, (_, index) => (index % 2 ? browser : other).post(xml));
  const statuses = (await Promise.all(posts)).map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 303)).toHaveLength(1);
  // A busy machine may also answer that it is too busy.
  expect(statuses.filter((status) => status === 403 || status === 503)).toHaveLength(49);
  expect(await countSessions(portal)).toBe(1);
  expect(await portal.database.db.prisma.auditEvent.count({ where: { kind: 'session.started' } })).toBe(1);
});

test('of fifty answers to the same request at once, one gets a session', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const inResponseTo = await browser.begin();
  const posts = Array.from({ length: 50 }, () => browser.post(portal.idp.respond({ inResponseTo })));
  const statuses = (await Promise.all(posts)).map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 303)).toHaveLength(1);
  expect(await countSessions(portal)).toBe(1);
});

test('a tile that answers no request leads to a page with one button, and signs nobody in', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const unsolicited = portal.idp.respond({ inResponseTo: null, nameId: 'sam' });
  const page = await browser.post(unsolicited);
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('identity/continue');
  expect(page.cookies).toEqual([]);
  expect(await countSessions(portal)).toBe(0);
  expect(await lastRejection(portal)).toBe('unsolicited');

  const signedIn = await browser.signIn('Ana.Ruiz', '/');
  expect(signedIn.statusCode).toBe(303);
  expect((await browser.get('/')).json().userId).toBe('u-ana');
});

test('a tile’s response that is not right does not even get the button', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await expectRejected(
    portal,
    await browser.post(portal.idp.respond({ inResponseTo: null, audience: 'x' })),
    'audience',
  );
  await expectRejected(
    portal,
    await browser.post(portal.idp.respond({ inResponseTo: null, signAssertion: false })),
    'signature',
  );
});

test('while Identity Center is away the sign-in says so, and the same post works when it is back', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const xml = portal.idp.respond({ inResponseTo: await browser.begin() });
  portal.directory.away = true;
  const away = await browser.post(xml);
  expect(away.statusCode).toBe(503);
  expect(away.body).toContain('cannot be reached');
  expect(await countSessions(portal)).toBe(0);
  portal.directory.away = false;
  expect((await browser.post(xml)).statusCode).toBe(303);
});

test('someone new, whom the copy does not have yet, is served at once', async () => {
  const portal = await startPortal();
  portal.directory.users.push({ id: 'u-new', userName: 'Neu', displayName: 'Neu', email: null, enabled: true });
  portal.directory.groups.set('u-new', ['11111111-1111-4111-8111-111111111111']);
  const browser = new Browser(portal);
  await browser.signIn('neu');
  expect((await browser.get('/requests')).json()).toEqual(['requester', 'admin']);
});
