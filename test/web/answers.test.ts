import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ConflictError, ForbiddenError, InvalidInputError, UnavailableError } from '../../src/platform/errors.ts';
import { ADA, createTinyPortal, type TinyOptions } from './tiny-portal.ts';

let app: FastifyInstance | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const open = { config: { access: 'anyone' } } as const;

async function portal(options: TinyOptions, routes: (app: FastifyInstance) => void = () => {}) {
  app = await createTinyPortal(options, routes);
  return app;
}

async function answerTo(error: unknown, headers: Record<string, string> = {}) {
  const { inject } = await portal({ person: ADA }, (app) => {
    app.get('/fails', open, async () => {
      throw error;
    });
  }).then((app) => ({ inject: app.inject.bind(app) }));
  return inject({ url: '/fails', headers });
}

test.each([
  [
    'a right that is missing',
    new ForbiddenError('x', 'Only approvers may do this.'),
    403,
    'Only approvers may do this.',
  ],
  ['a state that moved on', new ConflictError('x', 'Bo decided a minute ago.'), 409, 'Bo decided a minute ago.'],
  ['something that is away', new UnavailableError('x', 'AWS does not answer.'), 503, 'AWS does not answer.'],
  ['wrong input', new InvalidInputError({ a: 'Fill in A.', b: 'Fill in B.' }), 422, 'Fill in B.'],
  ['a query string that does not fit', z.string().safeParse(1).error, 400, 'could not be read'],
])('%s becomes a page with its status and sentence', async (_what, error, status, sentence) => {
  const answer = await answerTo(error);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.body).toContain(sentence);
  expect(answer.body).toContain('aria-label="Main"');
});

test('what went wrong inside is told to nobody; a reference leads to it in the log', async () => {
  const answer = await answerTo(new Error('password of the database is 1234'));
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('1234');
  expect(answer.body).toMatch(/Reference: <code>[0-9a-f]{12}<\/code>/);
});

test('an htmx request gets the sentence alone, for the message region', async () => {
  const answer = await answerTo(new ConflictError('x', 'Bo decided a minute ago.'), { 'hx-request': 'true' });
  expect(answer.statusCode).toBe(409);
  expect(answer.headers).toMatchObject({ 'hx-retarget': '#flash', 'hx-reswap': 'innerHTML' });
  expect(answer.body).toContain('role="alert"');
  expect(answer.body).not.toContain('<html');
});

test('with the database away a page says so without asking the database for anything', async () => {
  const away = async () => {
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  };
  const app = await portal({ person: ADA, layout: away, reader: away }, (app) => {
    app.get('/list', open, async (_request, reply) => reply.page('errors/error', {}));
  });
  const answer = await app.inject('/list');
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('10');
  expect(answer.body).toContain('This page recovers by itself.');
  expect(answer.body).toContain('data-recovers');
});

test('an error page that fails itself is replaced by one that cannot', async () => {
  const app = await portal({ person: ADA }, (app) => {
    app.get('/fails', open, async (_request, reply) => {
      reply.plainPage = async () => {
        throw new Error('no template');
      };
      reply.page = reply.plainPage;
      throw new Error('first');
    });
  });
  const answer = await app.inject('/fails');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).toContain('Something went wrong');
});

test('an address that leads nowhere, and a form that is too large, get a page of their own', async () => {
  const app = await portal({ person: ADA }, (app) => {
    app.post('/form', open, async () => 'taken');
  });
  const lost = await app.inject('/no/such/page');
  expect(lost.statusCode).toBe(404);
  expect(lost.body).toContain('There is nothing here');
  const garbled = await app.inject('/%zz');
  expect(garbled.statusCode).toBe(400);
  expect(garbled.headers['content-security-policy']).toContain("default-src 'none'");
  const payload = `a=${'x'.repeat(70_000)}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await app.inject({ method: 'POST', url: '/form', payload, headers })).statusCode).toBe(413);
  const json = { 'content-type': 'application/json+weird' };
  expect((await app.inject({ method: 'POST', url: '/form', payload: '{}', headers: json })).statusCode).toBe(415);
});

test.each(['/', '/no/such/page', '/fails', '/healthz', '/list.csv'])(
  'the answer to %s is strict about what a browser may do',
  async (url) => {
    const app = await portal(
      { baseUrl: 'https://latchkey.example.com', identityProviderOrigin: () => 'https://idp.example.com' },
      (app) => {
        app.get('/', open, async (_request, reply) =>
          reply.page('errors/_message', { problem: { status: 200, message: '' } }),
        );
        app.get('/fails', open, async () => {
          throw new Error('no');
        });
        app.get('/list.csv', open, async (_request, reply) => reply.type('text/csv').send('a'));
      },
    );
    const { headers } = await app.inject(url);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self' https://idp.example.com;frame-ancestors 'none';base-uri 'none';object-src 'none';upgrade-insecure-requests",
    );
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  },
);

test('pages name assets by their content, and those are kept for ever', async () => {
  const app = await portal({ person: ADA });
  const page = (await app.inject('/no/such/page')).body;
  const addresses = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? '');
  expect(addresses.length).toBeGreaterThanOrEqual(5);
  let bytes = 0;
  for (const url of new Set(addresses)) {
    const answer = await app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
    });
    bytes += answer.rawPayload.length;
  }
  expect(bytes).toBeLessThan(50_000);
});

test('pages are compressed for who can read that, and the two kinds are kept apart', async () => {
  const app = await portal({ person: ADA }, (app) => {
    app.get('/long', open, async (_request, reply) => {
      for (let count = 0; count < 5; count++) reply.flash('info', 'The same words over and over. '.repeat(20));
      return reply.page('shared/confirm', { title: 'T', question: 'Q', action: '/x', button: 'B', back: '/' });
    });
  });
  const answer = await app.inject({ url: '/long', headers: { 'accept-encoding': 'gzip, br' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-encoding']).toBe('br');
  expect(String(answer.headers.vary).toLowerCase()).toMatch(/hx-request.*accept-encoding/);
  expect(answer.rawPayload.length).toBeLessThan(3_000);
});

test('people’s words are escaped wherever the frame shows them', async () => {
  const app = await portal({
    person: { ...ADA, displayName: '<script>x</script>' },
    layout: async () => ({ counts: {}, banners: [{ kind: 'info', text: '<img src=x>' }], supportContact: '"><b>' }),
  });
  const { body } = await app.inject('/no/such/page');
  expect(body).toContain('&lt;script&gt;x&lt;/script&gt;');
  expect(body).not.toMatch(/<script>x|<img src=x>|"><b>/);
});

test('a message outlives the redirect once, and cannot be made up by a browser', async () => {
  const app = await portal({ person: ADA }, (app) => {
    app.post('/change', open, async (_request, reply) => reply.flash('success', 'Done & dusted').seeOther('/lost'));
  });
  const changed = await app.inject({ method: 'POST', url: '/change' });
  expect(changed.statusCode).toBe(303);
  expect(changed.headers.location).toBe('/lost');
  const [cookie] = changed.cookies;
  if (!cookie) throw new Error('no cookie');
  const next = await app.inject({ url: '/lost', cookies: { [cookie.name]: cookie.value } });
  expect(next.body).toContain('Done &amp; dusted');
  expect(next.cookies[0]?.value).toBe('');
  const forged = `${Buffer.from('[{"kind":"error","text":"Call 555"}]').toString('base64url')}.AAAA`;
  const tricked = await app.inject({ url: '/lost', cookies: { [cookie.name]: forged } });
  expect(tricked.body).not.toContain('Call 555');
});

test('after a change htmx is sent on by header, and nobody is sent to another site', async () => {
  const app = await portal({ person: ADA }, (app) => {
    app.post<{ Querystring: { to: string } }>('/change', open, async (request, reply) =>
      reply.seeOther(request.query.to),
    );
  });
  const answer = await app.inject({ method: 'POST', url: '/change?to=/requests/7', headers: { 'hx-request': 'true' } });
  expect(answer.statusCode).toBe(204);
  expect(answer.headers['hx-redirect']).toBe('/requests/7');
  for (const to of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
    const refused = await app.inject({ method: 'POST', url: `/change?to=${encodeURIComponent(to)}` });
    expect(refused.statusCode).toBe(500);
    expect(refused.headers.location).toBeUndefined();
  }
});
