import { expect, test } from 'vitest';
import { DEMO_ACCOUNTS, DEMO_PEOPLE, DEMO_PERMISSION_SETS, demoUserId } from '../../src/sandbox/demo-organization.ts';
import { launchBrowser } from '../support/browser.ts';
import { type BrowserPerson, browserOf, displayNameOf } from '../support/people.ts';
import { createTestPortal } from '../support/portal.ts';

const ACCESS = {
  accountId: DEMO_ACCOUNTS['payments-prod']!,
  permissionSetArn: DEMO_PERMISSION_SETS.PowerUser!,
  principalType: 'USER' as const,
  principalId: demoUserId(DEMO_PEOPLE.requester),
};

/** Chooses in one of a policy form's pickers, by searching. */
async function pick({ page }: BrowserPerson, legend: string, search: string, option: RegExp) {
  const picker = page.getByRole('group', { name: legend });
  await picker.getByRole('searchbox').fill(search);
  await picker.getByRole('checkbox', { name: option }).first().check();
}

test('four people do the whole job: policies, a request, a decision, access that comes, is used and goes', async () => {
  await using portal = await createTestPortal({ listen: true, worker: true });
  const browser = await launchBrowser();
  try {
    // The admin lets Lena ask for PowerUser in production, and Priya decide.
    await using admin = await browserOf(browser, portal.url, 'admin', '/admin/eligibility-policies/new');
    await admin.page.getByLabel('Name').fill('Payments in production');
    await pick(admin, 'Who', displayNameOf('requester'), /Lena Fischer/);
    await pick(admin, 'Where', 'payments-prod', /payments-prod/);
    await pick(admin, 'Roles', 'PowerUser', /PowerUser/);
    await admin.page.getByLabel('Longest duration').fill('120');
    await admin.page.getByRole('button', { name: 'Save policy' }).click();
    await admin.page.waitForURL('**/admin/eligibility-policies');

    await admin.page.goto(`${portal.url}/admin/approval-policies/new`);
    await admin.page.getByLabel('Name').fill('Payments leads decide');
    await pick(admin, 'Where', 'payments-prod', /payments-prod/);
    await pick(admin, 'Who approves', displayNameOf('approver'), /Priya Raman/);
    await admin.page.getByRole('button', { name: 'Save policy' }).click();
    await admin.page.waitForURL('**/admin/approval-policies');
    await expect.poll(() => admin.page.getByText('Payments leads decide').count()).toBeGreaterThan(0);

    // Lena asks.
    await using requester = await browserOf(browser, portal.url, 'requester', '/requests/new');
    await requester.page.getByLabel('Account').fill(ACCESS.accountId);
    await requester.page.getByRole('option', { name: 'payments-prod' }).click();
    await requester.page.getByLabel('Role').selectOption(ACCESS.permissionSetArn);
    await requester.page.getByText('Priya Raman', { exact: true }).waitFor();
    await requester.page.getByLabel('Justification').fill('The ledger job hangs and has to be restarted.');
    await requester.page.getByRole('button', { name: 'Submit request' }).click();
    await requester.page.locator('[data-status="pending"]').first().waitFor();
    const requestUrl = requester.page.url();

    // Priya gets a mail, follows its link through the sign-in, and approves.
    const mail = await portal.sandbox.mailbox.waitForMail((each) => /asks for PowerUser/.test(each.subject));
    expect(mail.text).toContain(requestUrl);
    await using approver = await browserOf(browser, portal.url, 'approver', new URL(requestUrl).pathname);
    expect(approver.page.url()).toBe(requestUrl);
    await approver.page.getByLabel('Comment').first().fill('Go ahead.');
    await approver.page.getByRole('button', { name: 'Approve', exact: true }).click();

    // AWS has the assignment, and the requester's open page shows it without being reloaded.
    await portal.sandbox.assignments.waitFor(ACCESS, 'present');
    await requester.page.locator('[data-status="active"]').first().waitFor();
    await requester.page.getByRole('link', { name: 'Open console' }).first().waitFor();
    await portal.sandbox.mailbox.waitForMail((each) => /Active: PowerUser/.test(each.subject));

    // She uses it in the access portal, where it leaves events, one of them denied.
    await requester.page.getByRole('link', { name: 'Open console' }).first().click();
    await requester.page.getByRole('button', { name: 'Open console as PowerUser' }).click();
    await requester.page.getByRole('button', { name: 'List buckets' }).click();
    await requester.page.getByRole('button', { name: 'Stop an instance' }).click();
    await requester.page.goto(requestUrl);
    await portal.database.advance({ minutes: 2 });
    await portal.context.db.tx((tx) => portal.context.queue.send(tx, 'activity.poll', {}));
    await expect
      .poll(
        async () => {
          await requester.page.reload();
          return requester.page.locator('#activity').innerText();
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toContain('StopInstances');

    // Priya sees it in her scope.
    await approver.page.goto(`${portal.url}/access/active`);
    await approver.page
      .getByRole('link', { name: /R-1001/ })
      .first()
      .waitFor();

    // Lena is done early: AWS has nothing any more.
    await requester.page.getByRole('link', { name: 'End access' }).first().click();
    await requester.page.getByRole('button', { name: 'End access' }).click();
    await portal.sandbox.assignments.waitFor(ACCESS, 'absent');
    await requester.page.locator('[data-status="revoked"]').first().waitFor();

    // Grace finds it, and takes it along as a file.
    await using auditor = await browserOf(browser, portal.url, 'auditor', '/audit/access');
    await auditor.page
      .getByRole('link', { name: /R-1001/ })
      .first()
      .waitFor();
    const download = auditor.page.waitForEvent('download');
    await auditor.page
      .getByRole('link', { name: /CSV|Export/ })
      .first()
      .click();
    expect((await download).suggestedFilename()).toMatch(/\.csv$/);
    await auditor.page.goto(requestUrl);
    await auditor.page.getByText('The ledger job hangs').first().waitFor();

    // Nobody's browser had anything to complain of.
    const complaints = [admin, requester, approver, auditor].flatMap((person) => person.complaints);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}, 240_000);
