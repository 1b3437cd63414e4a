import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTable } from '../../src/identity/index.ts';
import { seedDemo } from '../../src/sandbox/demo-history/index.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { axeFindings, overhang } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { NOT_PAGES, PAGE_CASES, type PageCase, type Stage } from './page-cases.ts';

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

let portal: TestPortal;
let browser: Browser;
let stage: Stage;
const pages = new Map<string, Promise<Page>>();
const complaints: string[] = [];
const requesters = new Map<string, string>();

beforeAll(async () => {
  portal = await createTestPortal({ listen: true });
  await seedDemo({ databaseUrl: portal.database.url, sandbox: portal.sandbox });
  await portal.sync();
  // What is looked at holds still.
  await portal.context.converger.stop();
  browser = await launchBrowser();
  stage = await readStage();
});
afterAll(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

async function readStage(): Promise<Stage> {
  const { rows } = await portal.database.db.pool.query<{ id: string; requester: string; status: string }>(`
    select distinct on (status) * from (
      select id, requester_id as requester, submitted_at,
        (select count(*) from activity_matches join grants on grants.id = grant_id where request_id = requests.id) as events,
        case when status <> 'approved' then status
        else (select status from grants where request_id = requests.id order by created_at desc limit 1) end as status
      from requests) as seen order by status, events desc, submitted_at desc`);
  for (const { id, requester } of rows) requesters.set(id, requester);
  const { prisma } = portal.database.db;
  const newest = { orderBy: { createdAt: 'desc' } } as const;
  const policies = {
    eligibility: (await prisma.eligibilityPolicy.findFirstOrThrow(newest)).id,
    approval: (await prisma.approvalPolicy.findFirstOrThrow(newest)).id,
    guardrail: (await prisma.guardrail.findFirstOrThrow(newest)).id,
  };
  return {
    portal,
    requestIn(status) {
      const found = rows.find((row) => row.status === status);
      if (!found) throw new Error(`no request is ${status}`);
      return found.id;
    },
    policy: (kind) => policies[kind],
  };
}

/** The one page of each person's browser. */
function pageOf({ who, requestStatus = '' }: PageCase): Promise<Page> {
  const user =
    who === 'its requester' ? (requesters.get(stage.requestIn(requestStatus)) ?? '') : who && DEMO_PEOPLE[who];
  const known = pages.get(user ?? '') ?? openPage(user);
  pages.set(user ?? '', known);
  return known;
}

async function openPage(user: string | null): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ baseURL: portal.url, viewport: WIDE });
  if (user !== null) {
    const client = await portal.signIn(user);
    await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: portal.url })));
  }
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/i.test(message.text()))
      complaints.push(message.text());
  });
  return page;
}

/** Where SCREENSHOTS names a folder, pages are kept there as pictures, to be looked at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name.replace(/[^\w]+/g, '-')}.png`, fullPage: true });
}

describe('every page', () => {
  test('has a case here', () => {
    const table = accessTable(portal.app).filter(({ method, url }) => method === 'GET' && !url.startsWith('/assets/'));
    const routes = [...new Set(table.map(({ method, url }) => `${method} ${url}`))].sort();
    const covered = [...PAGE_CASES.map(({ route }) => route), ...Object.keys(NOT_PAGES)];
    expect(routes.filter((route) => !covered.includes(route))).toEqual([]);
    const stale = covered.filter((route) => route.startsWith('GET') && route !== 'GET /*' && !routes.includes(route));
    expect(stale).toEqual([]);
  });

  test.each(PAGE_CASES)('$title: axe finds nothing, light or dark, wide or narrow', async (each) => {
    const page = await pageOf(each);
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: 'light' });
    let status = 0;
    page.on('response', onResponse);
    function onResponse(response: { request(): { isNavigationRequest(): boolean }; status(): number }) {
      if (response.request().isNavigationRequest()) status = response.status();
    }
    await each.open(page, stage);
    page.off('response', onResponse);
    expect(status).toBe(each.status);

    const findings: Record<string, string[] | number> = {};
    if (!each.brief) findings.wideLight = await axeFindings(page);
    await picture(page, `${each.title}-light`);
    await page.emulateMedia({ colorScheme: 'dark' });
    if (!each.brief) findings.wideDark = await axeFindings(page, 'colours');
    await page.setViewportSize(PHONE);
    findings.phoneDark = await axeFindings(page);
    findings.beyondTheEdge = await overhang(page);
    await picture(page, `${each.title}-phone`);
    await page.emulateMedia({ colorScheme: 'light' });
    findings.phoneLight = await axeFindings(page, 'colours');
    expect(Object.entries(findings).filter(([, found]) => found !== 0 && `${found}` !== '')).toEqual([]);
  });

  test('gives the browser nothing to complain of', () => expect(complaints).toEqual([]));
});

describe('the keyboard alone', () => {
  const focused = (page: Page) =>
    page.evaluate<string>('document.activeElement.name || document.activeElement.getAttribute("href") || ""');

  test('reaches the search of a list, its rows, what a row leads to, and the list of keys', async () => {
    const page = await pageOf({ ...PAGE_CASES[0]!, who: 'auditor' });
    await page.setViewportSize(WIDE);
    await page.goto('/audit/approvals');
    await page.keyboard.press('/');
    expect(await focused(page)).toBe('q');
    await page.keyboard.type('jk?/');
    expect(await page.inputValue('[name=q]')).toBe('jk?/');
    await page.locator(':focus').blur();

    const links = await page
      .locator('[data-row]')
      .evaluateAll((rows) => rows.map((row: unknown) => (row as Row).querySelector('a[href]')?.getAttribute('href')));
    expect(links.length).toBeGreaterThan(3);
    for (const [key, row] of [
      ['j', 0],
      ['j', 1],
      ['j', 2],
      ['k', 1],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused(page)).toBe(links[row]);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${links[1]}`);
  });

  test('asks for access', async () => {
    const page = await pageOf({ ...PAGE_CASES[0]!, who: 'requester' });
    await page.setViewportSize(WIDE);
    await page.goto('/requests/new');
    const choose = async (label: string, text: string) => {
      await tabTo(page, label);
      await page.keyboard.type(text);
    };
    await choose('Account', 'payments-dev');
    await page.getByRole('option', { name: 'payments-dev' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('#field-permissionSetArn option', { hasText: 'PowerUser' }).waitFor({ state: 'attached' });
    await choose('Role', 'PowerUser');
    await choose('Ticket', 'PAY-1');
    await choose('Justification', 'Look at the queue of the ledger in development.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('needs no approval: your access is on its way').waitFor();
  });

  interface Row {
    querySelector(selector: string): { getAttribute(name: string): string | null } | null;
  }

  /** Presses Tab until the field of this label has the focus. */
  async function tabTo(page: Page, label: string): Promise<void> {
    const id = await page.getByLabel(label).first().getAttribute('id');
    for (let presses = 0; presses < 60; presses++) {
      if ((await page.evaluate('document.activeElement.id')) === id) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${label}`);
  }
});
