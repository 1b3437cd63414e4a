import { expect, test, vi } from 'vitest';
import { countOpenGrants } from '../../src/access/index.ts';
import { syncDirectory } from '../../src/directory/index.ts';
import { raiseManagementAlarm } from '../../src/directory/management-alarm.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { giveGrant } from './grants.ts';

const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');

const page = async (portal: TestPortal, address = '/admin/directory') => {
  const answer = await (await portal.signIn(DEMO_PEOPLE.admin)).get(address);
  expect(answer.statusCode).toBe(200);
  return answer.body;
};

/** Copies as the worker does. */
const copy = (portal: TestPortal) =>
  syncDirectory(portal.context, {
    groups: async () => [],
    kinds: ['permission_sets', 'organization'],
    onReachedManagementAccount: (tx, reached) =>
      raiseManagementAlarm(tx, reached, {
        openGrants: countOpenGrants,
        admins: async () => [
          { id: 'u-1', userName: 'ada', displayName: 'Ada', email: 'ada@example.com', enabled: true },
          { id: 'u-2', userName: 'old', displayName: 'Old', email: 'old@example.com', enabled: false },
        ],
      }),
  });

test('the page says how old each copy is and what of the organization nobody can be given, and why', async () => {
  await using portal = await createTestPortal();
  const management = portal.sandbox.organization.accounts.find(
    ({ id }) => id === portal.sandbox.organization.managementAccountId,
  )!;
  await portal.database.advance({ minutes: 3 });
  const text = textOf(await page(portal));
  expect(text).toContain('Accounts and organizational units Copied 3 minutes ago');
  expect(text).toContain(`Management account: 1 ${management.name}`);
  expect(text).toContain('Run Latchkey in the management account to give access to it');
  expect(text).toContain('Nothing has changed since the first copy');
});

test('what changed is listed, the newest first, by kind and page by page, with nothing in it taken for markup', async () => {
  await using portal = await createTestPortal();
  const { accounts, groups } = portal.sandbox.organization;
  for (const account of accounts) account.name += ' <b>';
  groups[0]!.displayName = 'Renamed group';
  for (let n = 0; n < 60; n++) {
    groups.push({
      id: `11111111-0000-4000-8000-${String(n).padStart(12, '0')}`,
      displayName: `G${n}`,
      description: '',
    });
  }
  await portal.sync();
  const all = await page(portal);
  expect(all).toContain('rel="next"');
  const onlyAccounts = await page(portal, '/admin/directory?kind=account');
  expect(onlyAccounts).not.toContain('Renamed group');
  expect(onlyAccounts).not.toContain(' <b></bdi>');
  expect(textOf(onlyAccounts)).toContain(`${accounts.length} changes of this kind`);
  const seen = new Set<string>();
  let address: string | undefined = '/admin/directory?kind=group';
  while (address !== undefined) {
    const body = await page(portal, address);
    for (const [, id] of body.matchAll(/<code class="wrap">([^<]+)</g)) seen.add(id!);
    address = /<a class="button button-small" rel="next" href="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  expect(seen.size).toBe(61);
  for (const odd of ['?kind=nothing', '?cursor=%00', '?cursor=IjkxMTExMTExMTExMTExMTExMTExIg'])
    await page(portal, `/admin/directory${odd}`);
});

test('while a copy runs the page shows how far it is, and an open page hears of it without a reload', async () => {
  await using portal = await createTestPortal();
  const { sandbox } = portal;
  const client = await portal.signIn(DEMO_PEOPLE.admin);
  const state = async () => {
    const answer = await client.get('/admin/directory/state?v=old');
    return textOf(answer.body);
  };
  const version = /state\?v=([\w-]+)/.exec((await client.get('/admin/directory')).body)?.[1];
  expect((await client.get(`/admin/directory/state?v=${version}`)).statusCode).toBe(204);

  sandbox.faults.slowMs = 150;
  const syncing = portal.sync();
  await vi.waitFor(async () => expect(await state()).toMatch(/\d+ of \d+ read/), { timeout: 10_000, interval: 100 });
  expect(await state()).toContain('Being copied');
  sandbox.faults.slowMs = 0;
  await syncing;
  expect(await state()).not.toContain('Being copied');
}, 30_000);

test('a copy that failed says why, what is in use meanwhile, and what to do', async () => {
  await using portal = await createTestPortal();
  portal.sandbox.faults.breakAfter = { operation: 'ListGroups', calls: 0 };
  await syncDirectory(portal.context, { groups: async () => [], kinds: ['groups'], attempts: 1 });
  const text = textOf(await page(portal));
  expect(text).toContain('Groups Failed The last copy failed: AWS did not answer identitystore:ListGroups');
  expect(text).toContain('The copy of before stays in use. Latchkey tries again every ten minutes');
});

test('only administrators see the directory', async () => {
  await using portal = await createTestPortal();
  for (const address of ['/admin/directory', '/admin/directory/state']) {
    expect((await (await portal.signIn(DEMO_PEOPLE.requester)).get(address)).statusCode).toBe(403);
  }
});

test('a permission set that reaches the management account while people hold it elsewhere alarms administrators once, until it is over', async () => {
  await using portal = await createTestPortal();
  const { sandbox, database } = portal;
  const { prisma } = database.db;
  const [held, free] = sandbox.organization.permissionSets.filter(
    ({ arn }) => !sandbox.assignments.accountsWith(arn).includes(sandbox.organization.managementAccountId),
  );
  const grantId = await giveGrant(portal, held!.arn);
  const reach = (arn: string) => ({
    accountId: sandbox.organization.managementAccountId,
    permissionSetArn: arn,
    principalType: 'USER' as const,
    principalId: sandbox.organization.users[0]!.id,
  });
  const alarms = async () => ({
    events: await prisma.auditEvent.findMany({
      where: { kind: 'directory.permission-set-reached-management-account' },
    }),
    mails: await prisma.outboxMessage.findMany({ where: { kind: 'alarm' } }),
  });
  expect(await page(portal)).not.toContain('was provisioned to the management account while access');

  sandbox.assignments.add(reach(held!.arn));
  sandbox.assignments.add(reach(free!.arn));
  await copy(portal);
  await copy(portal);
  const { events, mails } = await alarms();
  expect(events).toMatchObject([{ subjectId: held!.arn, after: { name: held!.name, openGrants: 1 } }]);
  expect(mails.map(({ toAddress }) => toAddress)).toEqual(['ada@example.com']);
  expect(textOf(await page(portal))).toContain(`${held!.name} was provisioned to the management account while access`);

  await prisma.$executeRaw`delete from grants where id = ${grantId}::uuid`;
  expect(await page(portal)).not.toContain('was provisioned to the management account while access');
  expect((await alarms()).mails).toHaveLength(1);
});
