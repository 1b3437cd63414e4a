import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo/people.ts';
import { launchBrowser } from '../support/browser.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';

const BASE = '/admin/eligibility-policies';
let portal: TestPortal;
let browser: Awaited<ReturnType<typeof launchBrowser>>;

beforeAll(async () => {
  portal = await createTestPortal({ listen: true });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

/** A browser in which the admin is signed in. */
async function adminBrowser(options: Parameters<typeof browser.newContext>[0] = {}): Promise<BrowserContext> {
  const client = await portal.signIn(DEMO_PEOPLE.admin);
  const context = await browser.newContext({ baseURL: portal.url, ...options });
  await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: portal.url })));
  return context;
}

/** Searches with the keyboard, waits until what does not match is gone, and ticks a result. */
async function chooseByKeyboard(page: Page, search: string, text: string, name: string, other: string) {
  await page.getByRole('searchbox', { name: search }).focus();
  await page.keyboard.type(text);
  const box = page.getByRole('checkbox', { name });
  await page.getByRole('checkbox', { name: other }).waitFor({ state: 'detached' });
  // Past the search button, into the results.
  const id = await box.getAttribute('id');
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press('Tab');
    if ((await page.locator(':focus').getAttribute('id')) === id) break;
  }
  await page.keyboard.press('Space');
  expect(await box.isChecked()).toBe(true);
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<axe.AxeResults>('axe.run()');
  return found.violations.map((each) => `${each.id}: ${each.nodes[0]?.html}`);
}

/** Where SCREENSHOTS names a folder, pages are kept there as pictures, to be looked at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name.replaceAll('/', '_')}.png`, fullPage: true });
}

test('an admin makes a policy with the keyboard alone, and its sentence keeps up', async () => {
  const context = await adminBrowser();
  const page = await context.newPage();
  await page.goto(`${BASE}/new`);
  await page.getByLabel('Name').focus();
  await page.keyboard.type('Support reads');
  await chooseByKeyboard(page, 'Search people and groups', 'Support', 'Support Desk', 'Finance');
  await chooseByKeyboard(
    page,
    'Search accounts and organizational units',
    'Production',
    'Root / Workloads / Production;',
    'Sandbox',
  );
  await chooseByKeyboard(page, 'Search roles', 'ReadOnly', 'ReadOnly', 'Billing');
  await page.getByText('Members of Support Desk may ask for ReadOnly in the accounts directly in Production').waitFor();
  await page.getByRole('button', { name: 'Save policy' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Support reads is saved.').waitFor();
  const saved = await portal.context.db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name: 'Support reads' } });
  expect(saved).toMatchObject({ name: 'Support reads', maxDurationMinutes: 60, approvalRequired: true });
  expect([saved.principals, saved.targets, saved.permissionSets].map((list) => list.length)).toEqual([1, 1, 1]);
  await context.close();
});

test('the tree of organizational units opens with the keyboard alone, and an account in it is left out', async () => {
  const context = await adminBrowser();
  const page = await context.newPage();
  await page.goto(`${BASE}/new`);
  const place = (field: string) => page.locator(`#field-${field}`);
  await page.locator('.policy-more > summary').focus();
  await page.keyboard.press('Enter');
  const unit = place('exclusions').locator('summary', { hasText: 'Inside Sandbox' });
  await unit.focus();
  await page.keyboard.press('Enter');
  const account = unit.locator('..').getByRole('checkbox').first();
  await account.waitFor();
  await page.keyboard.press('Tab');
  expect(await page.locator(':focus').getAttribute('id')).toBe(await account.getAttribute('id'));
  await page.keyboard.press('Space');
  await place('targets').getByRole('checkbox', { name: /^Root/ }).focus();
  await page.keyboard.press('Space');
  await page.getByText(/in the accounts directly in Root, except [\w-]+,/).waitFor();
  // Closing it and searching elsewhere loses nothing.
  await unit.focus();
  await page.keyboard.press('Enter');
  expect(await place('exclusions').locator('input:checked').count()).toBe(1);
  expect(await violations(page)).toEqual([]);
  await context.close();
});

test('steps are added and filled with the keyboard alone, and without scripts', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await adminBrowser({ javaScriptEnabled });
    const page = await context.newPage();
    await page.goto('/admin/approval-policies/new');
    await page.getByLabel('Name').fill('Two steps');
    await page.locator('input[name=approvers]').first().check();
    await page.getByRole('button', { name: 'Add a step' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Step 2 of 2' }).waitFor();
    await page.locator('input[name=approvers2]').nth(1).focus();
    await page.keyboard.press('Space');
    const chosen = await page.locator('input[name=approvers2]:checked').inputValue();
    await page.getByRole('button', { name: 'Move up step 2' }).focus();
    await page.keyboard.press('Enter');
    await page.locator(`input[name=approvers][value="${chosen}"]:checked`).waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Two steps');
    expect(await page.locator('input[name=approvers2]:checked').count()).toBe(1);
    await context.close();
  }
});

test('policies are for admins: everyone else is refused, and who is not signed in is sent to sign in', async () => {
  const approver = await portal.signIn(DEMO_PEOPLE.approver);
  const id = '00000000-0000-4000-8000-000000000001';
  for (const base of [BASE, '/admin/approval-policies', '/admin/guardrails']) {
    for (const path of [base, `${base}/new`, `${base}/${id}/edit`, `${base}/${id}/deletion`]) {
      expect((await approver.get(path)).statusCode, path).toBe(403);
      expect((await portal.anonymous().get(path)).headers.location, path).toContain('/login');
    }
    for (const path of [base, `${base}/draft`, `${base}/preview`, `${base}/${id}`, `${base}/${id}/deletion`]) {
      expect((await approver.post(path, { name: 'Mine' })).statusCode, path).toBe(403);
    }
  }
  for (const path of ['/pickers/principals', '/pickers/targets/units/r-root']) {
    expect((await approver.post(path, {})).statusCode, path).toBe(403);
  }
});

test('what was chosen stays chosen through another search, and without JavaScript the button searches', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await adminBrowser({ javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(`${BASE}/new`);
    await page.getByLabel('Name').fill('Half done');
    const search = page.getByRole('searchbox', { name: 'Search people and groups' });
    for (const name of ['Finance', 'Contractors']) {
      await search.fill(name);
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Search: Who' }).click();
      await page.getByRole('checkbox', { name, exact: false }).check();
    }
    await search.fill('nobody of that name');
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Search: Who' }).click();
    await page.getByText('Nothing matches.').waitFor();
    expect(await page.locator('input[name=principals]:checked').count()).toBe(2);
    expect(await page.getByLabel('Name').inputValue()).toBe('Half done');
    await context.close();
  }
});

test('what is chosen above and taken out again is not told as chosen among the results', async () => {
  const context = await adminBrowser();
  const page = await context.newPage();
  await page.goto(`${BASE}/new`);
  const search = page.getByRole('searchbox', { name: 'Search people and groups' });
  await search.fill('Finance');
  await page.getByRole('checkbox', { name: 'Contractors' }).waitFor({ state: 'detached' });
  await page.getByRole('checkbox', { name: 'Finance' }).check();
  await search.fill('Financ');
  const row = page.locator('#field-principals [data-taken]');
  await row.getByText('chosen above').waitFor();
  await page.getByRole('checkbox', { name: 'Finance' }).uncheck();
  await row.getByText('taken out above').waitFor();
  expect(await row.getByText('chosen above').isVisible()).toBe(false);
  await context.close();
});

test('what is ticked while a search is on its way stays ticked', async () => {
  const context = await adminBrowser();
  const page = await context.newPage();
  const answer = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await page.route('**/pickers/principals', async (route) => {
    asked.resolve();
    await answer.promise;
    await route.continue();
  });
  await page.goto(`${BASE}/new`);
  await page.getByRole('searchbox', { name: 'Search people and groups' }).fill('nobody of that name');
  await asked.promise;
  await page.getByRole('checkbox', { name: 'Finance' }).check();
  answer.resolve();
  await page.getByText('Nothing matches.').waitFor();
  expect(await page.getByRole('checkbox', { name: 'Finance' }).isChecked()).toBe(true);
  await context.close();
});

test.each(['light', 'dark'] as const)('axe finds nothing on the pages of policies (%s)', async (colorScheme) => {
  const context = await adminBrowser({ colorScheme });
  const page = await context.newPage();
  const { id } = await portal.context.db.prisma.eligibilityPolicy.create({
    data: {
      name: `Looked at in ${colorScheme}`,
      principals: ['GROUP:vanished'],
      targets: ['ACCOUNT:999999999999'],
      permissionSets: ['arn:aws:sso:::permissionSet/ssoins-0/ps-0'],
      maxDurationMinutes: 60,
      updatedById: 'x',
      updatedByName: 'Ada Admin',
    },
  });
  const approval = '/admin/approval-policies';
  for (const path of [
    BASE,
    `${BASE}/new`,
    `${BASE}/${id}/edit`,
    `${BASE}/${id}/deletion`,
    approval,
    `${approval}/new`,
    '/admin/guardrails',
    '/admin/guardrails/new',
  ]) {
    await page.goto(path);
    expect(await violations(page), path).toEqual([]);
    await picture(page, `${colorScheme}${path.replace(id, 'id')}`);
  }
  await page.goto(`${BASE}/new`);
  await page.getByRole('button', { name: 'Save policy' }).click();
  await page.getByText('things to mend').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, `${colorScheme}_errors`);
  await context.close();
});

test.each([360, 1280])('nothing scrolls sideways on a screen of %s pixels', async (width) => {
  const context = await adminBrowser({ viewport: { width, height: 740 } });
  const page = await context.newPage();
  for (const path of [BASE, `${BASE}/new`, '/admin/approval-policies/new', '/admin/guardrails/new']) {
    await page.goto(path);
    expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width);
    await picture(page, `${width}${path}`);
  }
  await context.close();
});
