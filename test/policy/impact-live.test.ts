import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo/people.ts';
import { demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { launchBrowser } from '../support/browser.ts';
import type { TestClient } from '../support/client.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';

const BASE = '/admin/eligibility-policies';
let portal: TestPortal;
let admin: TestClient;

beforeAll(async () => {
  portal = await createTestPortal({ listen: true });
  admin = await portal.signIn(DEMO_PEOPLE.admin);
});
afterAll(() => portal[Symbol.asyncDispose]());

async function draftFor(group: string) {
  const { prisma } = portal.database.db;
  const role = await prisma.permissionSet.findFirstOrThrow({ where: { name: 'ReadOnly' } });
  const account = await prisma.account.findFirstOrThrow({ where: { name: 'payments-prod' } });
  return {
    principals: `GROUP:${demoGroupId(group)}`,
    targets: `ACCOUNT:${account.id}`,
    permissionSets: role.arn,
    maxDurationMinutes: '60',
  };
}

async function impactOf(group: string): Promise<string> {
  const headers = { 'hx-request': 'true', 'hx-request-type': 'partial' };
  const answer = await admin.post(`${BASE}/impact`, await draftFor(group), headers);
  expect(answer.statusCode).toBe(200);
  return answer.body;
}

test('the members of a group that no policy names yet are read from Identity Center', async () => {
  expect(await portal.database.db.prisma.membership.count({ where: { groupId: demoGroupId('Platform Leads') } })).toBe(
    0,
  );
  const body = await impactOf('Platform Leads');
  expect(body).toContain('3 people gain ReadOnly in payments-prod. For up to 1 h, without approval.');
  expect(body).not.toContain('not known yet');
});

test('where Identity Center is away, it says whose members are not counted', async () => {
  portal.sandbox.faults.outage = true;
  try {
    const body = await impactOf('Data Engineers');
    expect(body).toContain('The members of Data Engineers are not known yet');
    expect(body).toContain('Nothing changes for anybody else');
  } finally {
    portal.sandbox.faults.outage = false;
  }
});

test('the form shows it by itself once it is filled in, and again when it changes', async () => {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ baseURL: portal.url });
    await context.addCookies([...admin.cookies].map(([name, value]) => ({ name, value, url: portal.url })));
    const page = await context.newPage();
    await page.goto(`${BASE}/new`);
    const impact = page.locator('#policy-impact');
    await impact.getByText('once the form is complete').waitFor();
    const choose = async (search: string, text: string, name: RegExp) => {
      await page.getByRole('searchbox', { name: search }).fill(text);
      await page.getByRole('checkbox', { name }).first().check();
    };
    await choose('Search people and groups', 'platform leads', /Platform Leads/);
    await choose('Search accounts and organizational units', 'payments-prod', /payments-prod/);
    await choose('Search roles', 'readonly', /ReadOnly/);
    await impact.getByText('3 people gain ReadOnly in payments-prod. For up to 1 h, with approval.').waitFor();
    await page.getByLabel('Longest duration, in minutes').fill('30');
    await impact.getByText('For up to 30 min, with approval.').waitFor();
    await expect.poll(() => impact.getAttribute('aria-busy')).toBeNull();

    // From the first change until the answer to the last one, what stands there is marked as old.
    const held: (() => void)[] = [];
    await page.route('**/impact', async (route) => {
      await new Promise<void>((go) => held.push(go));
      await route.continue();
    });
    const isOld = async () => [
      await impact.getAttribute('aria-busy'),
      await page.getByText('Working it out…').isVisible(),
    ];
    await page.getByLabel('Longest duration, in minutes').fill('20');
    expect(await isOld()).toEqual(['true', true]);
    await expect.poll(() => held.length).toBe(1);
    await page.getByLabel('Longest duration, in minutes').fill('10');
    held[0]?.();
    await expect.poll(() => held.length).toBe(2);
    expect(await isOld()).toEqual(['true', true]);
    held[1]?.();
    await impact.getByText('For up to 10 min, with approval.').waitFor();
    await expect.poll(isOld).toEqual([null, false]);
  } finally {
    await browser.close();
  }
});
