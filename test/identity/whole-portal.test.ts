import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTable, personaGroups } from '../../src/identity/index.ts';
import type { TestClient } from '../support/client.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';

let portal: TestPortal;
let admin: TestClient;

beforeAll(async () => {
  portal = await createTestPortal();
  admin = await portal.signIn(await someAdmin());
});
afterAll(() => portal[Symbol.asyncDispose]());

async function someAdmin(): Promise<string> {
  const { prisma } = portal.database.db;
  const { admin: groupIds } = await personaGroups(portal.context, prisma);
  const { userId } = await prisma.membership.findFirstOrThrow({ where: { groupId: { in: groupIds } } });
  return (await prisma.user.findUniqueOrThrow({ where: { id: userId } })).id;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';
const addressOf = (url: string) => url.replace(/:\w+/g, NOBODY).replace('*', 'nothing');
const routes = () => accessTable(portal.app).map((entry) => ({ ...entry, url: addressOf(entry.url) }));
const forms = () =>
  routes().filter(({ method, crossSite }) => !['GET', 'HEAD', 'OPTIONS'].includes(method) && !crossSite);

/** What a forged form could have changed. */
async function state(): Promise<string> {
  const { rows } = await portal.database.db.pool.query(`
    select (select count(*) from audit_events)::int as events, (select count(*) from requests)::int as requests,
      (select count(*) from sessions)::int as sessions, (select count(*) from outbox_messages)::int as mails,
      (select count(*) from grants)::int as grants`);
  return JSON.stringify(rows);
}

describe('every form of the portal', () => {
  const post = (url: string, headers: Record<string, string>, payload = '') =>
    portal.app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookiesOf(admin), ...headers },
    });

  test('is a post, and there are some', () => {
    expect(new Set(forms().map(({ method }) => method))).toEqual(new Set(['POST']));
    expect(forms().length).toBeGreaterThan(10);
  });

  test.each([
    ['without a token', { 'sec-fetch-site': 'same-origin' }, ''],
    ['with another token', { 'sec-fetch-site': 'same-origin' }, '_csrf=x'],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, 'token'],
    ['as plain text', { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' }, 'token'],
  ])('%s is refused and changes nothing', async (_title, headers, payload) => {
    const before = await state();
    const body = payload === 'token' ? `_csrf=${await admin.csrf()}` : payload;
    for (const { url } of forms()) {
      const response = await post(url, headers as Record<string, string>, body);
      const refused = 'content-type' in headers ? [403, 415] : [403];
      expect(refused, `POST ${url} ${response.statusCode}`).toContain(response.statusCode);
    }
    expect(await state()).toBe(before);
  });
});

test('no form of administrators changes anything for someone who is none any more, whatever the copy says', async () => {
  const { prisma } = portal.database.db;
  const { admin: groupIds } = await personaGroups(portal.context, prisma);
  const { userId, groupId } = await prisma.membership.findFirstOrThrow({ where: { groupId: { in: groupIds } } });
  const client = await portal.signIn(userId);
  const csrf = await client.csrf();
  const members = portal.sandbox.organization.memberships.get(groupId);
  members?.delete(userId);
  const before = await state();
  const adminForms = forms().filter(({ access }) => access === 'admin');
  expect(adminForms.length).toBeGreaterThan(5);
  const allowed: string[] = [];
  for (const { url } of adminForms) {
    // A refusal mends the copy; each form is asked as if it were the first.
    await prisma.membership.createMany({ data: [{ groupId, userId }], skipDuplicates: true });
    const { statusCode } = await client.post(url, { _csrf: csrf });
    if (statusCode !== 403) allowed.push(url);
  }
  // Those that only look.
  const lists = ['approval-policies', 'eligibility-policies', 'guardrails'];
  expect(allowed.sort()).toEqual([
    ...lists.flatMap((list) => ['draft', 'impact', 'preview'].map((what) => `/admin/${list}/${what}`)),
    '/admin/settings/ticket-trial',
    `/pickers/${NOBODY}`,
    `/pickers/${NOBODY}/units/${NOBODY}`,
  ]);
  expect(await state()).toBe(before);
  members?.add(userId);
});

test('every page that is not for anyone sends who is not signed in to the sign-in, with the security headers', async () => {
  const closed = routes().filter(({ method, access }) => method === 'GET' && access !== 'anyone');
  expect(closed.length).toBeGreaterThan(15);
  for (const { url } of closed) {
    const response = await portal.app.inject({ url });
    expect(response.statusCode, url).toBe(302);
    expect(response.headers.location, url).toMatch(/^\/login/);
    expect(response.headers['content-security-policy'], url).toContain("default-src 'none'");
    expect(response.headers['cache-control'], url).toBe('no-store');
  }
});

test('the only addresses open to anyone, besides assets, are those that have to be', () => {
  const open = routes().filter(({ method, access }) => access === 'anyone' && method !== 'HEAD');
  expect(
    open
      .map(({ method, url }) => `${method} ${url}`)
      .filter((each) => !each.startsWith('GET /assets/'))
      .sort(),
  ).toEqual([
    'GET /healthz',
    'GET /login',
    'GET /metrics',
    'GET /readyz',
    'GET /saml/acs',
    'GET /saml/metadata',
    'GET /signed-out',
    'POST /logout',
    'POST /saml/acs',
  ]);
});

test('a tile, a refusal and signing out each have a page with a way on', async () => {
  const stranger = portal.anonymous();
  const { identityProvider } = portal.sandbox;
  const [user] = portal.sandbox.organization.users;
  const unsolicited = Buffer.from(identityProvider.responseFor(user!, null)).toString('base64');
  const tile = await stranger.post('/saml/acs', { SAMLResponse: unsolicited }, { 'sec-fetch-site': 'cross-site' });
  expect(tile.body).toContain('<form method="get" action="/login">');
  expect(tile.body).toContain('>Continue to sign in</button>');

  const refusal = await stranger.post('/saml/acs', { SAMLResponse: 'x' }, { 'sec-fetch-site': 'cross-site' });
  expect(refusal.statusCode).toBe(400);
  expect(refusal.body).toContain('<h1>You are not signed in</h1>');
  expect(refusal.body).toContain('href="/login"');

  const person = await portal.signIn(user!.id);
  const signedOut = await person.post('/logout');
  expect(signedOut.headers.location).toBe('/signed-out');
  const page = await person.get('/signed-out');
  expect(page.body).toContain('You are signed out');
  expect((await person.get('/requests')).statusCode).toBe(302);
});

function cookiesOf(client: TestClient): string {
  return [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}
