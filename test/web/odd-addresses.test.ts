import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTable } from '../../src/identity/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';

/** What some page reads from its address. */
const NAMES = [
  ...['q', 'cursor', 'kind', 'status', 'from', 'to', 'version', 'setting', 'v'],
  ...['person', 'account', 'role', 'duration', 'ticket', 'personQuery', 'accountQuery', 'roleQuery'],
  ...['accountId', 'permissionSetArn', 'startsAt', 'durationMinutes', 'customMinutes', 'formKey', 'rolesOf'],
  ...['targetsQuery', 'targetsOpen', 'changes', 'denied', 'deciding', 'returnTo'],
];
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let portal: TestPortal;
const people: TestClient[] = [];

beforeAll(async () => {
  portal = await createTestPortal();
  for (const who of [DEMO_PEOPLE.admin, DEMO_PEOPLE.auditor]) people.push(await portal.signIn(who));
});
afterAll(() => portal?.[Symbol.asyncDispose]());

function pathsOf(method: string): string[] {
  const pages = accessTable(portal.app).filter((each) => each.method === method && !each.url.includes('*'));
  return [...new Set(pages.map(({ url }) => url))]
    .filter((url) => !['/saml/acs', '/logout'].includes(url))
    .map((url) => url.replace(':field', url.includes('/who/') ? 'person' : 'targets').replaceAll(/:\w+/g, UNKNOWN));
}

describe('what no database can look up', () => {
  test.each(NAMES)('as %s in the address of any page breaks none', async (name) => {
    const broken: string[] = [];
    for (const path of pathsOf('GET')) {
      for (const client of path.startsWith('/admin') ? people.slice(0, 1) : people) {
        const answer = await client.get(`${path}?${name}=%00`);
        if (answer.statusCode >= 500) broken.push(`${path} answers ${answer.statusCode}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test('and twice the same name, and all at once, break none either', async () => {
    const broken: string[] = [];
    const query = NAMES.map((name) => `${name}=a%00b&${name}=%00`).join('&');
    const single = NAMES.map((name) => `${name}=a%00b`).join('&');
    for (const path of pathsOf('GET')) {
      for (const client of people) {
        for (const asked of [query, single]) {
          const answer = await client.get(`${path}?${asked}`);
          if (answer.statusCode >= 500) broken.push(`${path} answers ${answer.statusCode}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  test('in the fields of any form is refused or left out', async () => {
    const fields = [...NAMES, 'name', 'note', 'principals', 'targets', 'exclusions', 'permissionSets', 'approvers'];
    const body = Object.fromEntries(
      [...fields, 'requesterGroups', 'policyId', 'timeZone', 'restoredFrom', 'comment', 'starred', 'muted'].map(
        (name) => [name, 'a\0'],
      ),
    );
    const broken: string[] = [];
    for (const path of pathsOf('POST')) {
      for (const client of people) {
        for (const each of [body, { ...body, principals: 'USER:\0', targets: 'OU:\0', person: '\0', version: '1' }]) {
          const answer = await client.post(path, each);
          if (answer.statusCode >= 500) broken.push(`${path} answers ${answer.statusCode}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });
});
