import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { axeFindings, overhang } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { ADA, promises, statuses } from './estate.ts';

let portal: TestPortal;
let browser: Browser;

beforeAll(async () => {
  portal = await createTestPortal({ listen: true });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

async function signedIn(options: { javaScriptEnabled?: boolean; width?: number; dark?: boolean } = {}): Promise<Page> {
  const context = await browser.newContext({
    baseURL: portal.url,
    javaScriptEnabled: options.javaScriptEnabled ?? true,
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark ? 'dark' : 'light',
  });
  const client = await portal.signIn(DEMO_PEOPLE.admin);
  await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: portal.url })));
  return await context.newPage();
}

/** Tab by tab, as somebody without a mouse. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

const stopped = async () => (await portal.context.db.prisma.accessState.findFirstOrThrow()).givingStoppedAt !== null;
const shot = async (page: Page, name: string) => {
  const folder = process.env.SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};

test('by keyboard alone: giving is stopped, everything of a person is chosen and ended, and its progress is followed', async () => {
  const { db } = portal.context;
  await promises(db, 3);
  const lena = await db.prisma.user.findFirstOrThrow({ where: { userName: DEMO_PEOPLE.requester } });
  await db.pool.query("update grants set user_name = 'someone'");
  const page = await signedIn();
  await page.goto('/admin/emergency');
  await shot(page, 'index');
  await tabTo(page, 'textarea[name=reason]');
  await page.keyboard.type('A laptop was stolen.');
  await tabTo(page, 'input[name=confirmation]');
  await page.keyboard.type('STOP');
  await page.keyboard.press('Enter');
  await page.getByText('New access is not given from now on.').waitFor();
  expect(await stopped()).toBe(true);
  await shot(page, 'stopped');

  await tabTo(page, 'input[role=combobox]');
  await page.keyboard.type('Lena Fisch');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `End all access of ${lena.displayName}` }).waitFor();
  await page.getByText('There is nothing to end').waitFor();

  await page.goto('/admin/emergency/end?scope=all');
  await shot(page, 'end');
  await tabTo(page, 'textarea[name=reason]');
  await page.keyboard.type('A laptop was stolen.');
  await tabTo(page, 'input[name=confirmation]');
  await page.keyboard.type('END ALL');
  await page.keyboard.press('Enter');
  await page.getByText('It is done: AWS confirmed that all 3 are gone.').waitFor({ timeout: 20_000 });
  await shot(page, 'done');
  expect(await statuses(db)).toEqual({ revoked: 3 });
  await page.context().close();
});

test('without JavaScript: somebody is searched for and chosen, and giving is allowed again', async () => {
  const { db } = portal.context;
  await db.pool.query(
    `update access_state set giving_stopped_at = app_now(), giving_stopped_by_id = $1,
    giving_stopped_by_name = $2, giving_stopped_reason = 'A laptop was stolen.'`,
    [ADA.id, ADA.name],
  );
  const page = await signedIn({ javaScriptEnabled: false });
  await page.goto('/admin/emergency');
  await page.getByRole('searchbox', { name: 'Search people' }).fill('lena');
  await page.getByRole('button', { name: 'Search (Person)' }).click();
  await page.locator('select[name=person]').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'End everything of this person…' }).click();
  await page.getByText('There is nothing to end').waitFor();
  await page.getByRole('link', { name: 'Back to Emergency' }).click();
  await page.getByLabel('Reason').fill('The laptop is found.');
  await page.getByLabel('Type ALLOW in capital letters to confirm').fill('ALLOW');
  await page.getByRole('button', { name: 'Allow giving access' }).click();
  await page.getByText('Access is given as usual.').waitFor();
  expect(await stopped()).toBe(false);
  await page.context().close();
});

test('an open page of an emergency shows by itself how far it is, and reads well dark and on a phone', async () => {
  const { db } = portal.context;
  await db.pool.query('update emergencies set swept_at = app_now()');
  await db.pool.query(
    "update assignments set next_at = null, lease_holder = 'somebody', lease_until = app_now() + interval '1 hour'",
  );
  const { rows } = await db.pool.query<{ id: string }>('select id from emergencies limit 1');
  const id = rows[0]?.id;
  await db.pool.query(
    `insert into grants (assignment_id, basis, user_id, account_id, permission_set_arn, user_display_name, user_name,
       account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, latest_end, status, end_due_at, end_cause, emergency_id, created_at)
     select assignment_id, basis, user_id, account_id, permission_set_arn, 'Lena Fischer', user_name, account_name, ou_path,
       permission_set_name, session_seconds, duration_minutes, opens_at, latest_end, 'ending', app_now() - interval '2 hours', 'admin', $1::uuid, created_at
     from grants limit 1`,
    [id],
  );
  await db.pool.query(
    `update assignments set last_error = 'AWS answered 503: it is not available at the moment.', next_at = app_now() + interval '3 minutes'`,
  );
  const page = await signedIn({ width: 360, dark: true });
  await page.goto(`/admin/emergency/${id}`);
  await page.getByText('3 of 4 are gone, confirmed by AWS.').waitFor();
  await shot(page, 'progress-dark-phone');
  expect(await axeFindings(page)).toEqual([]);
  expect(await overhang(page)).toBe(0);
  await db.pool.query("update grants set status = 'revoked', ended_at = app_now() where status = 'ending'");
  await page.getByText('It is done: AWS confirmed that all 4 are gone.').waitFor();
  for (const address of ['/admin/emergency', '/admin/emergency/end?scope=all']) {
    await page.goto(address);
    await shot(page, `phone-${address.replaceAll(/\W+/g, '-')}`);
    expect(await overhang(page), address).toBe(0);
  }
  await page.context().close();
});
