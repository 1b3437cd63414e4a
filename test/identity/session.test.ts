import { expect, test } from 'vitest';
import { endSessionsOf, purgeSignIns } from '../../src/identity/index.ts';
import { Browser, csrfOf } from './browser.ts';
import { countSessions, startPortal } from './portal.ts';

const setCookies = (headers: { 'set-cookie'?: string | string[] | number }) =>
  [headers['set-cookie'] ?? []].flat().map(String);

test('the session’s cookie is the host’s alone, and not to be read or sent by other sites', async () => {
  const portal = await startPortal();
  const [cookie, ...others] = setCookies((await new Browser(portal).signIn()).headers);
  expect(others).toEqual([]);
  expect(cookie).toMatch(/^__Host-latchkey=[^;]{60,}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

test('the sign-in’s cookie comes along when another site posts, for ten minutes', async () => {
  const portal = await startPortal();
  const [cookie, ...others] = setCookies((await new Browser(portal).get('/login')).headers);
  expect(others).toEqual([]);
  expect(cookie).toMatch(/^__Host-saml-pre=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=None$/);
});

test('over plain http on loopback the cookies do without what needs https', async () => {
  const portal = await startPortal({ baseUrl: 'http://localhost:3000' });
  const browser = new Browser(portal);
  const started = await browser.get('/login');
  expect(setCookies(started.headers)[0]).toMatch(/^saml-pre=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
  const destination = 'http://localhost:3000/saml/acs';
  const signedIn = await browser.post(portal.idp.respond({ inResponseTo: await browser.begin(), destination }));
  expect(setCookies(signedIn.headers)[0]).toMatch(/^latchkey=[^;]{60,}; Path=\/; HttpOnly; SameSite=Lax$/);
  expect((await browser.get('/')).json().userId).toBe('u-ana');
});

test('someone who only looks gets no cookie', async () => {
  const portal = await startPortal();
  for (const url of ['/', '/requests', '/signed-out', '/nowhere', '/saml/metadata']) {
    const { headers } = await portal.app.inject({ url, headers: { 'x-forwarded-proto': 'https' } });
    expect(setCookies(headers), url).toEqual([]);
  }
  expect(await countSessions(portal)).toBe(0);
});

test('only the hash of the identifier is stored', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  const [session] = await portal.database.db.prisma.session.findMany();
  const [id = ''] = decodeURIComponent(browser.cookies['__Host-latchkey'] ?? '').split('.');
  expect(id).toHaveLength(43);
  expect(JSON.stringify(session)).not.toContain(id);
  expect(session).toMatchObject({ userId: 'u-ana' });
});

test('an identifier that was planted before the sign-in is worth nothing after it', async () => {
  const portal = await startPortal();
  const { signer } = portal.identity.cookies;
  const browser = new Browser(portal);
  const planted = signer.sign('A'.repeat(43));
  browser.cookies['__Host-latchkey'] = planted;
  await browser.signIn();
  expect(browser.cookies['__Host-latchkey']).not.toBe(planted);
  const attacker = new Browser(portal);
  attacker.cookies['__Host-latchkey'] = planted;
  expect((await attacker.get('/requests')).statusCode).toBe(302);
});

test('signing in again in the same browser makes a new session and ends the old one', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.begin();
  const [first, second] = [await browser.begin(), await browser.begin()];
  await browser.post(portal.idp.respond({ inResponseTo: first }));
  const old = browser.cookies['__Host-latchkey'];
  await browser.post(portal.idp.respond({ inResponseTo: second, nameId: 'sam' }));
  expect(browser.cookies['__Host-latchkey']).not.toBe(old);
  expect(await countSessions(portal)).toBe(1);
  expect((await browser.get('/')).json().userId).toBe('u-sam');
  const thief = new Browser(portal);
  thief.cookies['__Host-latchkey'] = String(old);
  expect((await thief.get('/requests')).statusCode).toBe(302);
  const kinds = (await portal.database.db.prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })).map(
    ({ kind }) => kind,
  );
  expect(kinds).toEqual(['session.started', 'session.ended', 'session.started']);
});

test('who is signed in goes on without Identity Center', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  const response = await browser.get('/login?returnTo=/approvals');
  expect(response.statusCode).toBe(303);
  expect(response.headers.location).toBe('/approvals');
  expect(await portal.database.db.prisma.signInRequest.count()).toBe(0);
});

test('a cookie that was tampered with is nobody’s', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  const cookie = String(browser.cookies['__Host-latchkey']);
  for (const forged of [cookie.slice(0, -2), `A${cookie.slice(1)}`, cookie.split('.')[0], 'x'.repeat(4000)]) {
    browser.cookies['__Host-latchkey'] = String(forged);
    expect((await browser.get('/requests')).statusCode).toBe(302);
  }
});

test('a session ends after 30 minutes in which nobody did anything', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  await portal.database.advance({ minutes: 29 });
  expect((await browser.get('/requests')).statusCode).toBe(200);
  await portal.database.advance({ minutes: 29 });
  expect((await browser.get('/requests')).statusCode).toBe(200);
  await portal.database.advance({ minutes: 31 });
  expect((await browser.get('/requests')).statusCode).toBe(302);
});

test('a page that asks by itself keeps no session alive', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  for (const minutes of [10, 10, 9]) {
    await portal.database.advance({ minutes });
    expect((await browser.get('/requests/state?v=7', { 'hx-request': 'true' })).statusCode).toBe(200);
  }
  await portal.database.advance({ minutes: 2 });
  const over = await browser.get('/requests/state?v=7', {
    'hx-request': 'true',
    'hx-current-url': 'https://latchkey.test/requests?q=x',
  });
  expect(over.statusCode).toBe(401);
  expect(over.headers['hx-redirect']).toBe('/login?returnTo=%2Frequests%3Fq%3Dx');
});

test('no other page passes for one that asks by itself', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  for (const minutes of [20, 20]) {
    await portal.database.advance({ minutes });
    expect((await browser.get('/requests?v=7', { 'hx-request': 'true' })).statusCode).toBe(200);
  }
});

test('a session ends after 12 hours, whatever is done in it', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  for (let at = 0; at < 12 * 60 - 20; at += 20) {
    expect((await browser.get('/requests')).statusCode).toBe(200);
    await portal.database.advance({ minutes: 20 });
  }
  expect((await browser.get('/requests')).statusCode).toBe(200);
  await portal.database.advance({ minutes: 21 });
  expect((await browser.get('/requests')).statusCode).toBe(302);
});

test('its use is noted at most once a minute', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  const seen = async () => (await portal.database.db.prisma.session.findFirstOrThrow()).lastSeenAt.getTime();
  const first = await seen();
  await browser.get('/requests');
  expect(await seen()).toBe(first);
  await portal.database.advance({ seconds: 61 });
  await browser.get('/requests');
  expect(await seen()).toBeGreaterThan(first + 60_000);
});

test('signing out ends the session on the server, and clears what the browser kept', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  await browser.signIn();
  const cookie = String(browser.cookies['__Host-latchkey']);
  const payload = `_csrf=${csrfOf(browser)}`;
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' };
  const response = await browser.send({ method: 'POST', url: '/logout', payload, headers });
  expect(response.statusCode).toBe(303);
  expect(response.headers.location).toBe('/signed-out');
  expect(response.headers['clear-site-data']).toBe('"cache", "storage"');
  expect(browser.cookies['__Host-latchkey']).toBeUndefined();
  expect(await countSessions(portal)).toBe(0);
  browser.cookies['__Host-latchkey'] = cookie;
  expect((await browser.get('/requests')).statusCode).toBe(302);
  const event = await portal.database.db.prisma.auditEvent.findFirstOrThrow({ where: { kind: 'session.ended' } });
  expect(event).toMatchObject({ actorId: 'u-ana', actorName: 'Ana Ruiz', after: { cause: 'signed-out', sessions: 1 } });
});

test('signing out when the session is over already leads to the same page', async () => {
  const portal = await startPortal();
  const headers = { 'sec-fetch-site': 'same-origin' };
  const response = await new Browser(portal).send({ method: 'POST', url: '/logout', headers });
  expect(response.headers.location).toBe('/signed-out');
});

test.each([
  ['disabled', { enabled: false }],
  ['deleted', null],
])('who was %s in Identity Center is out with the next click, in every browser', async (_title, change) => {
  const portal = await startPortal();
  const { prisma } = portal.database.db;
  const [one, two] = [new Browser(portal), new Browser(portal)];
  await one.signIn();
  await two.signIn();
  expect(await countSessions(portal)).toBe(2);
  if (change) await prisma.user.update({ where: { id: 'u-ana' }, data: change });
  else await prisma.user.delete({ where: { id: 'u-ana' } });
  expect((await one.get('/requests')).statusCode).toBe(302);
  expect(await countSessions(portal)).toBe(0);
  expect((await two.get('/requests')).statusCode).toBe(302);
  expect(await prisma.auditEvent.count({ where: { kind: 'session.ended' } })).toBe(1);
});

test('all sessions of a user can be ended, and nobody else’s', async () => {
  const portal = await startPortal();
  const [ana, sam] = [new Browser(portal), new Browser(portal)];
  await ana.signIn();
  await sam.signIn('sam');
  expect(await portal.database.db.tx((tx) => endSessionsOf(tx, 'u-ana', 'ended-by-admin'))).toBe(1);
  expect((await ana.get('/requests')).statusCode).toBe(302);
  expect((await sam.get('/requests')).statusCode).toBe(200);
});

test('what is over is removed from the tables, and nothing else', async () => {
  const portal = await startPortal();
  const { prisma } = portal.database.db;
  const browser = new Browser(portal);
  await browser.signIn();
  await new Browser(portal).begin();
  await purgeSignIns(portal.identity.platform);
  const counts = () => Promise.all([countSessions(portal), prisma.signInRequest.count(), prisma.usedAssertion.count()]);
  expect(await counts()).toEqual([1, 1, 1]);
  await portal.database.advance({ hours: 2 });
  await purgeSignIns(portal.identity.platform);
  expect(await counts()).toEqual([0, 0, 0]);
});
