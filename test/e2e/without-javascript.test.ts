import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { browserOf, displayNameOf } from '../support/people.ts';
import { createTestPortal } from '../support/portal.ts';
import { ACCESS } from './estate.ts';

const PLAIN = { javaScript: false };

/** Searches with the picker's button and ticks what was found. */
async function pick(page: Page, legend: string, search: string): Promise<void> {
  const picker = () => page.getByRole('group', { name: legend });
  await picker().getByRole('searchbox').fill(search);
  await picker().getByRole('button', { name: 'Search' }).click();
  await picker().getByRole('checkbox', { name: search }).first().check();
}

test('without JavaScript: policies are made, access is asked for, approved, given and ended', async () => {
  await using portal = await createTestPortal({ listen: true, worker: true });
  const browser = await launchBrowser();
  try {
    await using admin = await browserOf(browser, portal.url, 'admin', '/admin/eligibility-policies/new', PLAIN);
    await admin.page.getByLabel('Name').fill('Payments in production');
    await pick(admin.page, 'Who', displayNameOf('requester'));
    await pick(admin.page, 'Where', 'payments-prod');
    await pick(admin.page, 'Roles', 'PowerUser');
    await admin.page.getByLabel('Longest duration').fill('120');
    await admin.page.getByRole('button', { name: 'Save policy' }).click();
    await admin.page.getByText('Payments in production is saved.').waitFor();
    await admin.page.goto(`${portal.url}/admin/approval-policies/new`);
    await admin.page.getByLabel('Name').fill('Payments leads decide');
    await pick(admin.page, 'Who approves', displayNameOf('approver'));
    await pick(admin.page, 'Where', 'payments-prod');
    await admin.page.getByRole('button', { name: 'Save policy' }).click();
    await admin.page.getByText('Payments leads decide is saved.').waitFor();

    // The form shows accounts, roles and verdict when it is asked to, and none of what it holds gets into an address.
    await using requester = await browserOf(browser, portal.url, 'requester', '/requests/new', PLAIN);
    const { page } = requester;
    await page.getByLabel('Justification').fill('Something for few eyes.');
    await page.getByRole('searchbox').first().fill('payments');
    await page.getByRole('button', { name: 'Search (Account)' }).click();
    await page.getByText('match', { exact: false }).first().waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.getByLabel('Justification').inputValue()).toBe('Something for few eyes.');
    await page.getByLabel('Account').selectOption(ACCESS.accountId);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByLabel('Role').selectOption(ACCESS.permissionSetArn);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Priya Raman', { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('');

    // What is missing is said at its field, and what was filled in stays.
    await page.getByLabel('Justification').fill('          ');
    await page.getByRole('button', { name: 'Submit request' }).click();
    await page.locator('#field-justification-error').waitFor();
    expect(await page.getByLabel('Role').inputValue()).toBe(ACCESS.permissionSetArn);
    await page.getByLabel('Justification').fill('The ledger job hangs and has to be restarted.');
    await page.getByRole('button', { name: 'Submit request' }).click();
    await page.locator('[data-status="pending"]').first().waitFor();
    const request = new URL(page.url()).pathname;

    await using approver = await browserOf(browser, portal.url, 'approver', request, PLAIN);
    await approver.page.getByLabel('Comment').first().fill('Go ahead.');
    await approver.page.getByRole('button', { name: 'Approve', exact: true }).click();
    await approver.page.getByText('is approved').first().waitFor();
    await portal.sandbox.assignments.waitFor(ACCESS, 'present');

    const seen = async (status: string) => {
      await page.reload();
      return page.locator(`[data-status="${status}"]`).count();
    };
    await expect.poll(() => seen('active'), { timeout: 20_000 }).toBeGreaterThan(0);
    await page.getByRole('link', { name: 'End access' }).click();
    await page.getByRole('button', { name: 'End access' }).click();
    await portal.sandbox.assignments.waitFor(ACCESS, 'absent');
    await portal.database.advance({ minutes: 2 });
    await expect.poll(() => seen('revoked'), { timeout: 20_000 }).toBeGreaterThan(0);
  } finally {
    await browser.close();
  }
}, 120_000);
