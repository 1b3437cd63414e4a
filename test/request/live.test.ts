import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approveRequest, rejectRequest } from '../../src/request/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { launchBrowser } from '../support/browser.ts';
import { priya, useStage } from './stage.ts';

const shared = useStage({ listen: true });
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  browser = await launchBrowser();
  const portal = shared.stage;
  const client = await portal.signIn(DEMO_PEOPLE.secondApprover);
  context = await browser.newContext({ baseURL: portal.url });
  await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: portal.url })));
});
afterAll(() => browser?.close());

/** Tomás has typed a comment on the page of Lena's request and goes on typing. */
async function typing(id: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`/requests/${id}`);
  await page.getByLabel('Comment').fill('I wonder whether');
  return page;
}

it('an open page tells by whom a request was decided meanwhile, and keeps what is typed and where', async () => {
  const { id } = await shared.stage.submit();
  const page = await typing(id);
  await rejectRequest(shared.stage.context, { requestId: id, version: 1, comment: 'Not today.' }, priya);
  await page.locator('#decision-news').getByText(`${priya.name} rejected it`).waitFor();
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Reject', exact: true }).isDisabled()).toBe(true);
  await page.keyboard.type(' this is wise');
  expect(await page.getByLabel('Comment').inputValue()).toBe('I wonder whether this is wise');
  expect(await page.locator('#request-decisions').innerText()).toContain('Not today.');
  expect(await page.locator('#request-timeline').innerText()).toContain('Rejected');
  expect(await page.locator('#request-state .badge').getAttribute('data-status')).toBe('rejected');
});

it('the focus stays where it is on a button that can no longer be pressed', async () => {
  const { id } = await shared.stage.submit();
  const page = await typing(id);
  await page.getByRole('button', { name: 'Approve', exact: true }).focus();
  await rejectRequest(shared.stage.context, { requestId: id, version: 1, comment: 'Not today.' }, priya);
  await page.locator('#decision-news').getByText(`${priya.name} rejected it`).waitFor();
  expect(await page.locator(':focus').getAttribute('id')).toBe('decision-approve');
  await page.keyboard.press('Enter');
  expect(new URL(page.url()).pathname).toBe(`/requests/${id}`);
});

it('the approval of one of two leaves the other to decide, on what the request is now', async () => {
  await shared.stage.needApprovals(2);
  const { id } = await shared.stage.submit();
  const page = await typing(id);
  await approveRequest(shared.stage.context, { requestId: id, version: 1, comment: 'Fine.' }, priya);
  await page.locator('#request-decisions').getByText(`${priya.name} approved it`).waitFor();
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.locator('#flash').getByText('is approved').waitFor();
});

it('a page that its reader may no longer see says so in place of what it showed, and stops asking', async () => {
  const { id } = await shared.stage.submit();
  const page = await typing(id);
  const asked: string[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/state')) asked.push(`${response.status()}`);
  });
  // While it waits they are still named by its steps.
  await shared.stage.withoutApprovalPolicy();
  await rejectRequest(shared.stage.context, { requestId: id, version: 1, comment: 'Not today.' }, priya);
  await page.getByRole('alert').getByText('This request is no longer yours to see.').waitFor();
  expect(await page.locator('#main').innerText()).not.toContain('Status');
  expect(await page.locator('[hx-get]').count()).toBe(0);
  expect(asked.filter((status) => status === '404')).toHaveLength(1);
});
