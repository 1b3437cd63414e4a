import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  DEMO_ACCOUNTS,
  DEMO_PEOPLE,
  DEMO_PERMISSION_SETS,
  DEMO_UNITS,
  demoGroupId,
  demoUserId,
} from '../../src/sandbox/demo-organization.ts';
import { launchBrowser } from '../support/browser.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { approval, eligibility, guardrail, insertPolicies } from './who-stage.ts';

const LENA = demoUserId(DEMO_PEOPLE.requester);
const ACCOUNT = DEMO_ACCOUNTS['payments-prod']!;
const ROLE = DEMO_PERMISSION_SETS.PowerUser!;
const ENGINEERS = demoGroupId('Payments Engineers');

let portal: TestPortal;
let browser: Awaited<ReturnType<typeof launchBrowser>>;

beforeAll(async () => {
  portal = await createTestPortal({ listen: true });
  await insertPolicies(portal.database, {
    eligibility: [
      eligibility({
        name: 'Payments build',
        principals: [`GROUP:${ENGINEERS}`],
        targets: [`ACCOUNT:${ACCOUNT}`],
        permissionSets: [ROLE],
        maxDurationMinutes: 480,
      }),
      eligibility({
        name: 'On call',
        principals: [`GROUP:${demoGroupId('SRE On-call')}`],
        targets: [`OU:${DEMO_UNITS['']}`],
        includeNestedOus: true,
        permissionSets: [ROLE],
        approvalRequired: false,
      }),
      eligibility({
        name: 'Payments at night',
        principals: [`GROUP:${ENGINEERS}`],
        targets: [`ACCOUNT:${ACCOUNT}`],
        permissionSets: [ROLE],
        enabled: false,
      }),
    ],
    approval: [
      approval({
        name: 'Leads decide',
        targets: [`OU:${DEMO_UNITS['']}`],
        steps: [{ approvers: [`GROUP:${demoGroupId('Platform Leads')}`], approvalsNeeded: 1 }],
      }),
      approval({
        name: 'Payments decide',
        targets: [`ACCOUNT:${ACCOUNT}`],
        permissionSets: [ROLE],
        steps: [
          {
            approvers: [`GROUP:${demoGroupId('Payments Leads')}`, `GROUP:${demoGroupId('Vanished')}`],
            approvalsNeeded: 1,
          },
          { approvers: [`GROUP:${demoGroupId('Security Auditors')}`], approvalsNeeded: 2 },
        ],
      }),
    ],
    guardrails: [guardrail({ permissionSets: [ROLE], maxDurationMinutes: 240 })],
  });
  await portal.sync();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

async function signedIn(
  who: keyof typeof DEMO_PEOPLE,
  options: Parameters<typeof browser.newContext>[0] = {},
): Promise<BrowserContext> {
  const client = await portal.signIn(DEMO_PEOPLE[who]);
  const context = await browser.newContext({ baseURL: portal.url, ...options });
  await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: portal.url })));
  return context;
}

const to = (query: Record<string, string>) => `/admin/who?${new URLSearchParams(query)}`;
const WHOLE = { person: LENA, account: ACCOUNT, role: ROLE };

async function chooseByKeyboard(page: Page, label: string, text: string, name: string) {
  await page.getByRole('combobox', { name: label }).focus();
  await page.keyboard.type(text);
  await page.getByRole('option', { name }).first().waitFor();
  await page.keyboard.press('Enter');
}

test('an admin asks about a person, an account and a role with the keyboard alone, and the address can be shared', async () => {
  const context = await signedIn('admin');
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('link', { name: 'Who can get what' }).click();
  await chooseByKeyboard(page, 'Person', 'lena', 'Lena Fischer');
  await chooseByKeyboard(page, 'Account', 'payments-prod', 'payments-prod');
  await chooseByKeyboard(page, 'Role', 'poweru', 'PowerUser');
  await page.getByRole('button', { name: 'Show' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Allowed, with approval' }).waitFor();
  const asked = new URL(page.url()).searchParams;
  expect([asked.get('person'), asked.get('account'), asked.get('role')]).toEqual([LENA, ACCOUNT, ROLE]);

  const auditor = await signedIn('auditor');
  const shared = await auditor.newPage();
  await shared.goto(page.url());
  await shared.getByRole('heading', { name: 'Allowed, with approval' }).waitFor();
  await shared.getByText('Step 2').waitFor();
  // Auditors read; the policies are the admins' to edit.
  expect(await shared.getByRole('link', { name: 'Payments build' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Payments build' }).count()).toBe(1);
  await context.close();
  await auditor.close();
});

test('without JavaScript the search button finds, and Show answers', async () => {
  const context = await signedIn('admin', { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/admin/who');
  for (const [label, text, option] of [
    ['Person', 'lena', LENA],
    ['Account', 'payments-prod', ACCOUNT],
    ['Role', 'poweruser', ROLE],
  ] as const) {
    await page
      .getByRole('searchbox', { name: `Search ${{ Person: 'people', Account: 'accounts', Role: 'roles' }[label]}` })
      .fill(text);
    await page.getByRole('button', { name: `Search (${label})` }).click();
    await page.locator(`#field-${label.toLowerCase()}`).selectOption(option);
  }
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('heading', { name: 'Allowed, with approval' }).waitFor();
  await context.close();
});

test('a check against Identity Center judges by the memberships of this moment, and says how the copy differs', async () => {
  const context = await signedIn('admin');
  const page = await context.newPage();
  const members = portal.sandbox.organization.memberships.get(ENGINEERS);
  await page.goto(to(WHOLE));
  await page.getByRole('heading', { name: 'Allowed, with approval' }).waitFor();
  members?.delete(LENA);
  await page.getByRole('button', { name: 'Check against Identity Center now' }).click();
  await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
  await page.getByText('unlike in the copy, they are no longer in Payments Engineers').waitFor();
  members?.add(LENA);
  await page.getByRole('button', { name: 'Check against Identity Center now' }).click();
  await page.getByText('they are the same as in the copy').waitFor();
  await context.close();
});

test('who is neither administrator nor auditor is refused, and who is not signed in is sent to sign in', async () => {
  const paths = ['/admin/who', to(WHOLE), '/admin/who/pickers/person?q=lena'];
  for (const who of ['requester', 'approver'] as const) {
    const client = await portal.signIn(DEMO_PEOPLE[who]);
    for (const path of paths) expect((await client.get(path)).statusCode, path).toBe(403);
    expect((await client.post('/admin/who', WHOLE)).statusCode).toBe(403);
  }
  for (const path of paths) expect((await portal.anonymous().get(path)).headers.location, path).toContain('/login');
  const auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  expect((await auditor.post('/admin/who', WHOLE)).statusCode).toBe(200);
});

test('while Identity Center is away, the check says so and nothing else breaks', async () => {
  const admin = await portal.signIn(DEMO_PEOPLE.admin);
  portal.sandbox.faults.outage = true;
  try {
    const answer = await admin.post('/admin/who', WHOLE);
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('Identity Center cannot be reached');
    expect((await admin.get(to(WHOLE))).statusCode).toBe(200);
  } finally {
    portal.sandbox.faults.outage = false;
  }
});
