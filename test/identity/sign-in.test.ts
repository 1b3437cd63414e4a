import { expect, test } from 'vitest';
import { Browser } from './browser.ts';
import { startPortal } from './portal.ts';

test('a person who signs in gets a session and the page that they wanted', async () => {
  const portal = await startPortal();
  const browser = new Browser(portal);
  const anonymous = await browser.get('/requests?status=pending');
  expect(anonymous.statusCode).toBe(302);
  expect(anonymous.headers.location).toBe('/login?returnTo=%2Frequests%3Fstatus%3Dpending');
  expect(anonymous.cookies).toEqual([]);

  const signedIn = await browser.signIn('Ana.Ruiz', '/requests?status=pending');
  expect(signedIn.body).toBe('');
  expect(signedIn.statusCode).toBe(303);
  expect(signedIn.headers.location).toBe('/requests?status=pending');
  const page = await browser.get('/requests');
  expect(page.json()).toEqual(['requester', 'admin']);
});
