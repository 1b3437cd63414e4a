import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings, overhang } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import { attacking, freeRoles, hostile, largePortal, requester, suspended, wanted } from './large.ts';

let portal: Awaited<ReturnType<typeof largePortal>>;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
const [role] = freeRoles as [(typeof freeRoles)[number]];

beforeAll(async () => {
  portal = await largePortal({ listen: true });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

async function open(path: string, options: Parameters<typeof browser.newContext>[0] = {}) {
  const client = await portal.signIn(requester.userName);
  const context = await browser.newContext({ baseURL: portal.url, ...options });
  await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: portal.url })));
  const page = await context.newPage();
  await page.goto(path);
  return { context, page, [Symbol.asyncDispose]: () => context.close() } satisfies {
    context: BrowserContext;
    page: Page;
  } & AsyncDisposable;
}

/** Where SCREENSHOTS names a folder, pages are kept there as pictures, to be looked at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}

async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await page.evaluate('document.activeElement.id')) === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${id}`);
}

const combobox = (page: Page, name: string) => page.getByRole('combobox', { name });
/** The option that a screen reader says is marked in the field that has the focus. */
const marked = (page: Page) =>
  page.evaluate<string | null>(
    `document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.dataset.name ?? null`,
  );

test('with the keyboard alone somebody finds account and role and asks', async () => {
  await using tab = await open('/requests/new');
  const { page } = tab;
  await tabTo(page, 'field-accountId');
  await page.keyboard.type(wanted.id);
  await page.getByRole('option', { name: wanted.name }).waitFor();
  await expect.poll(() => marked(page)).toBe(wanted.name);
  await page.keyboard.press('Enter');
  expect(await combobox(page, 'Account').inputValue()).toBe(wanted.name);
  expect(await combobox(page, 'Account').getAttribute('aria-expanded')).toBe('false');

  // Before an account is chosen the role is an empty list.
  await page.locator('input#field-permissionSetArn').waitFor();
  await tabTo(page, 'field-permissionSetArn');
  await page.keyboard.type(role.name);
  await expect.poll(() => marked(page)).toBe(role.name);
  await page.keyboard.press('Tab');
  await page.getByText('2 hours without approval').waitFor();
  await tabTo(page, 'field-justification');
  await page.keyboard.type('Look at the queue of the ledger.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('needs no approval: your access is on its way').waitFor();
});

test('the list is walked by its keys while the focus stays in the field, and Escape changes nothing', async () => {
  await using tab = await open('/requests/new');
  const { page } = tab;
  await combobox(page, 'Account').focus();
  await page.keyboard.press('ArrowDown');
  await page
    .getByRole('status')
    .filter({ hasText: /^50 of 11\d accounts: type to narrow\.$/ })
    .waitFor({ state: 'attached' });
  const names = await page.evaluate<string[]>(
    `[...document.querySelectorAll('[role=option]')].map((option) => option.dataset.name)`,
  );
  expect(names).toHaveLength(50);
  expect(await marked(page)).toBe(names[0]);
  for (const [key, position] of [
    ['ArrowDown', 1],
    ['End', 49],
    ['ArrowDown', 0],
    ['ArrowUp', 49],
    ['PageUp', 39],
    ['Home', 0],
  ] as const) {
    await page.keyboard.press(key);
    expect(await marked(page), key).toBe(names[position]);
    expect(await page.evaluate('document.activeElement.id')).toBe('field-accountId');
  }
  await page.keyboard.press('Escape');
  expect(await page.getByRole('listbox').count()).toBe(0);
  expect(await combobox(page, 'Account').inputValue()).toBe('');
  // Half a name is no choice.
  await page.keyboard.type('zzzz');
  await page.getByText('No accounts match “zzzz”.').first().waitFor();
  await page.keyboard.press('Tab');
  await expect.poll(() => combobox(page, 'Account').inputValue()).toBe('');
});

test('whoever leaves the field before the answer is there has chosen the only match', async () => {
  await using tab = await open('/requests/new');
  const { page } = tab;
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route('**/requests/new/accounts*', async (route) => {
    await asked;
    await route.continue();
  });
  await combobox(page, 'Account').focus();
  await page.keyboard.type(wanted.id);
  await page.keyboard.press('Tab');
  answer();
  await expect.poll(() => combobox(page, 'Account').inputValue()).toBe(wanted.name);
});

test('what cannot be given is in the list with its reason and cannot be chosen, and what is suspended is not there', async () => {
  await portal.context.db.pool.query('update instance_binding set delegated = true');
  await using tab = await open('/requests/new');
  const { page } = tab;
  await combobox(page, 'Account').fill('the management account');
  const option = page.getByRole('option', { name: 'the management account' });
  await option.waitFor();
  expect(await option.getAttribute('aria-disabled')).toBe('true');
  expect(await option.textContent()).toContain('is the management account of the organization');
  await page.keyboard.press('Enter');
  await option.click({ force: true });
  expect(await page.locator('input[name=accountId]').inputValue()).toBe('');
  await combobox(page, 'Account').fill(suspended.id);
  await page.getByText(`No accounts match “${suspended.id}”.`).first().waitFor();
});

test('a star puts an account first, and what was typed stays', async () => {
  await using tab = await open(`/requests/new?accountId=${wanted.id}`);
  const { page } = tab;
  await page.getByLabel('Justification').fill('Typed before the star.');
  await page.getByRole('button', { name: `Add ${wanted.name} to favourites` }).click();
  await page.getByRole('button', { name: 'In your favourites' }).waitFor();
  expect(await page.getByLabel('Justification').inputValue()).toBe('Typed before the star.');
  await combobox(page, 'Account').click();
  const first = page.getByRole('group', { name: 'Favourites' }).getByRole('option').first();
  expect(await first.getAttribute('data-value')).toBe(wanted.id);
  await picture(page, 'favourites');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'In your favourites' }).click();
  await page.getByRole('button', { name: `Add ${wanted.name} to favourites` }).waitFor();
});

test('names that are markup are text', async () => {
  await using tab = await open('/requests/new');
  const { page } = tab;
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await combobox(page, 'Account').fill(attacking.id);
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(() => combobox(page, 'Account').inputValue()).toBe(hostile);
  await page.getByRole('button', { name: `Add ${hostile} to favourites` }).waitFor();
  expect(await page.locator('main img').count()).toBe(0);
  expect(dialogs).toEqual([]);
});

test.each([
  ['light', 1280],
  ['dark', 360],
] as const)('an open list is accessible and fits, %s at %i pixels', async (colorScheme, width) => {
  await using tab = await open(`/requests/new?accountId=${wanted.id}&permissionSetArn=${role.arn}`, {
    colorScheme,
    viewport: { width, height: 800 },
  });
  const { page } = tab;
  await picture(page, `chosen-${colorScheme}-${width}`);
  for (const field of ['Account', 'Role']) {
    await combobox(page, field).click();
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    await picture(page, `open-${field}-${colorScheme}-${width}`);
    await page.keyboard.press('Escape');
  }
});
