import { expect, test } from 'vitest';
import { localPath, localPathOfUrl } from '../../src/identity/return-path.ts';

const BASE = new URL('https://latchkey.test');

test.each([
  ['/', '/'],
  ['/requests', '/requests'],
  ['/requests/7?tab=a&x=%2F%2Fb', '/requests/7?tab=a&x=%2F%2Fb'],
  ['/requests#end', '/requests'],
  ['/loginhelp', '/loginhelp'],
])('%s is a page of ours', (text, path) => {
  expect(localPath(text, BASE)).toBe(path);
});

test.each([
  undefined,
  ['/requests'],
  '',
  'requests',
  '//evil.test',
  '///evil.test',
  '/\\evil.test',
  '\\\\evil.test',
  '/..//evil.test',
  '/.//evil.test',
  '/%2e//evil.test',
  '/x/../..//evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  '/requests\r\nLocation: https://evil.test',
  'https://evil.test',
  'https:evil.test',
  'https:/evil.test',
  'javascript:alert(1)',
  ' /requests',
  '/a\\b',
  `/${'a'.repeat(10_000)}`,
  '/login',
  '/login?returnTo=/login',
  '/logout',
  '/saml/acs',
  '/signed-out',
])('%j is not, and leads to the start page', (text) => {
  expect(localPath(text, BASE)).toBe('/');
});

test('an address is a page of ours only with our origin', () => {
  expect(localPathOfUrl('https://latchkey.test/requests?q=1', BASE)).toBe('/requests?q=1');
  expect(localPathOfUrl('https://latchkey.test:8443/requests', BASE)).toBe('/');
  expect(localPathOfUrl('http://latchkey.test/requests', BASE)).toBe('/');
  expect(localPathOfUrl('https://latchkey.test//evil.test', BASE)).toBe('/');
  expect(localPathOfUrl('nonsense', BASE)).toBe('/');
});
