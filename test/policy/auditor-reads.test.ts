import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { wordsOf } from './two-admins.ts';

let portal: TestPortal;
let auditor: TestClient;
let requester: TestClient;
beforeAll(async () => {
  portal = await createTestPortal();
  auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  requester = await portal.signIn(DEMO_PEOPLE.requester);
});
afterAll(() => portal[Symbol.asyncDispose]());

/** A new policy that waits for a second admin, or was rejected. */
async function change(status: 'waiting' | 'rejected'): Promise<string> {
  const document = {
    ...{ name: status, principals: ['GROUP:gone'], targets: ['OU:gone'], includeNestedOus: false, permissionSets: [] },
    ...{ maxDurationMinutes: 60, approvalRequired: true, ticketRequired: false },
  };
  const decided = { decidedAt: new Date(), decidedById: 'u-bob', decidedByName: 'Bob Admin', comment: 'No.' };
  const row = await portal.database.db.prisma.policyChange.create({
    data: {
      ...{ kind: 'eligibility', baseVersion: 0, name: status, document, ticket: '', status },
      ...{ proposedById: 'u-ada', proposedByName: 'Ada Admin' },
      ...(status === 'rejected' ? decided : {}),
    },
  });
  return `/admin/policy-changes/${row.id}`;
}

/** Forms and links of the page that are for administrators only. */
async function forAdmins(client: TestClient, address: string): Promise<string[]> {
  const { body, statusCode } = await client.get(address);
  expect(statusCode, address).toBe(200);
  const main = body.slice(body.indexOf('<main'), body.indexOf('</main>'));
  const posts = [...main.matchAll(/<form[^>]*method="post"[^>]*>/g)].map(String);
  const links = [...main.matchAll(/href="(\/admin\/[^"]*)"/g)].map(([, link]) => String(link));
  const refused: string[] = [];
  for (const link of links)
    if ((await client.get(link.replaceAll('&amp;', '&'))).statusCode === 403) refused.push(link);
  return [...posts, ...refused];
}

test('auditors read every change of a policy and of the settings, and are offered nothing that they may not do', async () => {
  const [waiting, rejected] = [await change('waiting'), await change('rejected')];
  const pages = ['/admin/policy-changes', '/admin/policy-changes?status=declined', '/admin/settings/history'];
  for (const address of [...pages, waiting, rejected]) expect(await forAdmins(auditor, address), address).toEqual([]);
  expect(wordsOf((await auditor.get(waiting)).body)).toContain(
    'This change waits for an administrator who did not propose it',
  );
  expect(wordsOf((await auditor.get(rejected)).body)).toContain('Bob Admin');
  for (const address of [...pages, waiting]) expect((await requester.get(address)).statusCode).toBe(403);
});

test('auditors decide on no change, whatever they post', async () => {
  const waiting = await change('waiting');
  for (const what of ['confirmation', 'rejection', 'withdrawal']) {
    expect((await auditor.post(`${waiting}/${what}`, { comment: 'x' })).statusCode).toBe(403);
  }
});

test('auditors find both histories in the Audit section of the navigation', async () => {
  const { body } = await auditor.get('/audit/log');
  expect(body).toContain('href="/admin/policy-changes"');
  expect(body).toContain('href="/admin/settings/history"');
  expect(body).not.toContain('href="/admin/settings"');
});
