import { expect, test } from 'vitest';
import { seedDemo } from '../../src/sandbox/demo-history/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { createTestPortal } from '../support/portal.ts';

const FIRST_PAGE_BYTES = 80_000;
const LATER_PAGE_BYTES = 20_000;

test('the first page with everything it loads, and each page after it, is light', async () => {
  await using portal = await createTestPortal();
  await seedDemo({ databaseUrl: portal.database.url, sandbox: portal.sandbox });

  async function weigh(client: { cookies: Map<string, string> }, url: string) {
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { host: 'localhost:3000', cookie, 'accept-encoding': 'br, gzip' };
    const response = await portal.app.inject({ method: 'GET', url, headers });
    expect(response.statusCode, url).toBe(200);
    return { bytes: response.rawPayload.length, response };
  }

  const requester = await portal.signIn(DEMO_PEOPLE.requester);
  const home = await weigh(requester, '/');
  const page = await requester.get('/');
  const assets = [...page.body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!);
  expect(assets.length).toBeGreaterThan(2);
  const weights = await Promise.all([...new Set(assets)].map(async (asset) => (await weigh(requester, asset)).bytes));
  expect(weights.reduce((sum, bytes) => sum + bytes, home.bytes)).toBeLessThan(FIRST_PAGE_BYTES);

  const newest = /href="(\/requests\/[0-9a-f-]{36})"/.exec(page.body)?.[1] ?? '';
  const admin = await portal.signIn(DEMO_PEOPLE.admin);
  const auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  const approver = await portal.signIn(DEMO_PEOPLE.approver);
  for (const [client, url] of [
    [requester, '/requests'],
    [requester, '/requests/new'],
    [requester, newest],
    [approver, '/approvals'],
    [approver, '/access/active'],
    [auditor, '/audit/access'],
    [admin, '/admin/eligibility-policies'],
    [admin, '/admin/eligibility-policies/new'],
    [admin, '/admin/settings'],
  ] as const) {
    expect((await weigh(client, url)).bytes, url).toBeLessThan(LATER_PAGE_BYTES);
  }
});
