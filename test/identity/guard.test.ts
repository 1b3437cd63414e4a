import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { accessTable, registerIdentity } from '../../src/identity/index.ts';
import { Browser, csrfOf } from './browser.ts';
import { sharedPortal, startPortal, type TestPortal } from './portal.ts';

const portal = sharedPortal();
const FORM = 'application/x-www-form-urlencoded';

async function signedIn(name: string): Promise<Browser> {
  const browser = new Browser(portal());
  await browser.signIn(name);
  return browser;
}

test('a route that does not say who may call it cannot be added', async () => {
  const app = Fastify();
  await registerIdentity(app, portal().identity, { isApprover: async () => false });
  const handler = async () => 'open';
  expect(() => app.get('/open', handler)).toThrow('GET /open does not say who may call it');
  expect(() => app.post('/open', { config: {} }, handler)).toThrow('config.access');
  await app.register(async (scope) => {
    expect(() => scope.get('/inner', handler)).toThrow('config.access');
  });
});

test('the table of routes names every one with who may call it', () => {
  const table = accessTable(portal().app);
  expect(table.filter(({ access }) => access === 'anyone').map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /login',
    'POST /logout',
    'GET /signed-out',
    'HEAD /signed-out',
    'GET /saml/metadata',
    'HEAD /saml/metadata',
    'POST /saml/acs',
    'GET /saml/acs',
  ]);
  expect(table.filter(({ crossSite }) => crossSite)).toEqual([
    { method: 'POST', url: '/saml/acs', access: 'anyone', crossSite: true },
  ]);
  expect(table).toContainEqual({ method: 'POST', url: '/admin/settings', access: 'admin', crossSite: false });
});

describe('who may call what', () => {
  test.each([
    ['Ana.Ruiz', ['requester', 'admin'], { '/requests': 200, '/approvals': 200, '/audit': 403 }],
    ['sam', ['requester', 'approver'], { '/requests': 200, '/approvals': 200, '/audit': 403 }],
  ] as const)('%s is %j', async (name, personas, expected) => {
    const browser = await signedIn(name);
    expect((await browser.get('/requests')).json()).toEqual(personas);
    for (const [url, status] of Object.entries(expected)) expect((await browser.get(url)).statusCode, url).toBe(status);
  });

  test('a refusal says who can help', async () => {
    const browser = await signedIn('sam');
    const refused = await browser.get('/audit');
    expect(refused.body).toContain('ask an administrator of Latchkey');
    const headers = { 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrfOf(browser) };
    const settings = await browser.send({ method: 'POST', url: '/admin/settings', headers });
    expect(settings.statusCode).toBe(403);
    expect(settings.body).toContain('administrators of Latchkey');
  });

  test('personas follow the groups at once, without signing in again', async () => {
    const browser = await signedIn('Ana.Ruiz');
    const { prisma } = portal().database.db;
    const groupId = '11111111-1111-4111-8111-111111111111';
    await prisma.membership.delete({ where: { groupId_userId: { groupId, userId: 'u-ana' } } });
    expect((await browser.get('/requests')).json()).toEqual(['requester']);
    await prisma.membership.create({ data: { groupId, userId: 'u-ana' } });
    expect((await browser.get('/requests')).json()).toEqual(['requester', 'admin']);
  });

  test('whoever lost the administrators’ group a moment ago changes nothing, and is not offered it any more', async () => {
    const { directory, database } = portal();
    const browser = await signedIn('Ana.Ruiz');
    const headers = { 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrfOf(browser) };
    const save = () => browser.send({ method: 'POST', url: '/admin/settings', headers });
    expect((await save()).body).toBe('saved');

    directory.away = true;
    expect((await save()).statusCode).toBe(503);
    directory.away = false;

    const groups = directory.groups.get('u-ana') ?? [];
    directory.groups.set('u-ana', []);
    expect(await database.db.prisma.membership.count({ where: { userId: 'u-ana' } })).toBe(1);
    const refused = await save();
    expect(refused.statusCode).toBe(403);
    expect(refused.body).toContain('no administrator of Latchkey any more');
    expect((await browser.get('/requests')).json()).toEqual(['requester']);
    directory.groups.set('u-ana', groups);
  });

  test('what someone does is recorded with who, where and with what', async () => {
    const browser = await signedIn('sam');
    const headers = { 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrfOf(browser), 'user-agent': 'Test/1' };
    const actor = (await browser.send({ method: 'POST', url: '/requests', headers })).json();
    const address = '203.0.113.7';
    expect(actor).toEqual({ kind: 'user', id: 'u-sam', name: 'Sam Moe', via: 'web', address, userAgent: 'Test/1' });
  });
});

describe('who is not signed in', () => {
  const ask = (url: string, headers: Record<string, string> = {}) => new Browser(portal()).get(url, headers);

  test('is sent to sign in and comes back to the page', async () => {
    const { statusCode, headers } = await ask('/approvals?q=a%26b');
    expect(statusCode).toBe(302);
    expect(headers.location).toBe(`/login?returnTo=${encodeURIComponent('/approvals?q=a%26b')}`);
  });

  test('is sent there by htmx as a whole page, and comes back to the page and not to the piece of it', async () => {
    const piece = await ask('/requests/verdict?x=1', { 'hx-request': 'true' });
    expect(piece.statusCode).toBe(404);
    const known = await ask('/requests?x=1', {
      'hx-request': 'true',
      'hx-current-url': 'https://latchkey.test/requests/new',
    });
    expect(known.statusCode).toBe(401);
    expect(known.headers['hx-redirect']).toBe('/login?returnTo=%2Frequests%2Fnew');
    expect(known.headers.location).toBeUndefined();
  });

  test('is never sent to another site', async () => {
    for (const address of ['https://evil.test/x', 'https://latchkey.test//evil.test', 'nonsense']) {
      const response = await ask('/requests', { 'hx-request': 'true', 'hx-current-url': address });
      expect(response.headers['hx-redirect']).toBe('/login');
    }
  });

  test('learns nothing of what exists behind the guard', async () => {
    expect((await ask('/audit')).statusCode).toBe(302);
    const headers = { 'sec-fetch-site': 'same-origin' };
    const post = await new Browser(portal()).send({ method: 'POST', url: '/admin/settings', headers });
    expect(post.statusCode).toBe(302);
  });
});

describe('every form', () => {
  const forms = () =>
    accessTable(portal().app).filter(({ method, crossSite }) => !['GET', 'HEAD'].includes(method) && !crossSite);
  const same = { 'sec-fetch-site': 'same-origin' };

  test.each([
    ['without a token', () => ({ headers: same })],
    ['with the token of someone else', (_own: string, other: string) => ({ headers: same, payload: `_csrf=${other}` })],
    ['with the token cut short', (own: string) => ({ headers: same, payload: `_csrf=${own.slice(1)}` })],
    ['with an empty token', () => ({ headers: same, payload: '_csrf=' })],
    ['with the token twice', (own: string) => ({ headers: same, payload: `_csrf=${own}&_csrf=${own}` })],
    ['from another site', (own: string) => ({ headers: { 'sec-fetch-site': 'cross-site' }, payload: `_csrf=${own}` })],
    [
      'from a sibling domain',
      (own: string) => ({ headers: { 'sec-fetch-site': 'same-site' }, payload: `_csrf=${own}` }),
    ],
    ['from another origin', (own: string) => ({ headers: { origin: 'https://evil.test' }, payload: `_csrf=${own}` })],
    ['from an origin that is hidden', (own: string) => ({ headers: { origin: 'null' }, payload: `_csrf=${own}` })],
    ['that does not say where from', (own: string) => ({ headers: {}, payload: `_csrf=${own}` })],
    [
      'as plain text',
      (own: string) => ({ headers: { ...same, 'content-type': 'text/plain' }, payload: `_csrf=${own}` }),
    ],
  ] as [string, (own: string, other: string) => { headers: Record<string, string>; payload?: string }][])(
    '%s is refused, and changes nothing',
    async (_title, make) => {
      const [ana, sam] = [await signedIn('Ana.Ruiz'), await signedIn('sam')];
      expect(forms().map(({ method, url }) => `${method} ${url}`)).toEqual([
        'POST /logout',
        'POST /requests',
        'DELETE /requests',
        'POST /admin/settings',
      ]);
      for (const { method, url } of forms()) {
        const { headers, payload = '' } = make(csrfOf(ana), csrfOf(sam));
        const response = await ana.send({
          method: method as 'POST',
          url,
          payload,
          headers: { 'content-type': FORM, ...headers },
        });
        expect(response.statusCode, `${method} ${url}`).toBe(403);
        expect(response.body).toMatch(/out of date|another site/);
      }
      expect((await ana.get('/requests')).statusCode).toBe(200);
    },
  );

  test.each([
    ['in the form', (token: string) => ({ headers: same, payload: `_csrf=${token}` })],
    ['in a header', (token: string) => ({ headers: { ...same, 'x-csrf-token': token } })],
    [
      'typed into the address bar',
      (token: string) => ({ headers: { 'sec-fetch-site': 'none', 'x-csrf-token': token } }),
    ],
    ['by origin', (token: string) => ({ headers: { origin: 'https://latchkey.test', 'x-csrf-token': token } })],
  ] as [string, (token: string) => { headers: Record<string, string>; payload?: string }][])(
    'with the token of its session %s is taken',
    async (_title, make) => {
      const browser = await signedIn('Ana.Ruiz');
      const { headers, payload = '' } = make(csrfOf(browser));
      const all = { 'content-type': FORM, ...headers };
      const response = await browser.send({ method: 'POST', url: '/admin/settings', payload, headers: all });
      expect(response.body).toBe('saved');
    },
  );
});

test('while the database is away, closed pages say so and open ones work', async () => {
  const lost: TestPortal = await startPortal();
  const browser = new Browser(lost);
  await browser.signIn();
  await withoutSessions(lost, async () => {
    expect((await browser.get('/requests')).statusCode).toBe(503);
    expect((await browser.get('/saml/metadata')).statusCode).toBe(200);
    expect(browser.cookies['__Host-latchkey']).toBeDefined();
  });
  expect((await browser.get('/requests')).statusCode).toBe(200);
});

/** The store's queries fail as they do when the database refuses connections. */
async function withoutSessions({ database }: TestPortal, work: () => Promise<void>): Promise<void> {
  const { prisma } = database.db;
  const query = prisma.$queryRaw;
  prisma.$queryRaw = (() => Promise.reject(new Error('ECONNREFUSED'))) as unknown as typeof query;
  try {
    await work();
  } finally {
    prisma.$queryRaw = query;
  }
}
