import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeUserCommand, IsMemberInGroupsCommand, ListUsersCommand } from '@aws-sdk/client-identitystore';
import { DescribeAccountCommand } from '@aws-sdk/client-organizations';
import {
  CreateAccountAssignmentCommand,
  DeleteAccountAssignmentCommand,
  DescribeAccountAssignmentCreationStatusCommand,
  DescribePermissionSetCommand,
  ListInstancesCommand,
} from '@aws-sdk/client-sso-admin';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerPortal } from '../../src/sandbox/demo.ts';
import { demoFaults, stuckAssignment } from '../../src/sandbox/demo-history/faults.ts';
import { DEMO_PEOPLE, DEMO_PERMISSION_SETS, demoGroupId, demoUserId } from '../../src/sandbox/demo-organization.ts';
import { noFaults } from '../../src/sandbox/faults.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { FAILURE_REASONS } from '../../src/sandbox/pages/faults/failures.ts';
import { axeFindings, overhang } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import { assignment, clientsOf, finalStatus, listed, sandboxForTest, writeInput } from './aws.ts';

/** What the form holds while nothing is wrong. */
const FINE = {
  outage: 'none',
  throttleShare: '0',
  conflictShare: '0',
  serverErrorShare: '0',
  slowMs: '0',
  listLagMs: '0',
  stuck: 'none',
  loseAnswer: 'none',
  forbidden: 'none',
  quotaExceeded: 'none',
  loseStatus: 'no',
  clockOffsetMs: '0',
  eventDelayMs: '0',
};

async function started() {
  const sandbox = await sandboxForTest();
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${sandbox.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });
  return {
    ...clientsOf(sandbox),
    sandbox,
    post,
    set: async (changes: Partial<typeof FINE>) =>
      expect((await post('/faults', { ...FINE, ...changes })).headers.get('location')).toBe('/faults'),
    page: async () => (await fetch(`${sandbox.url}/faults`)).text(),
    create: () => clientsOf(sandbox).ssoAdmin.send(new CreateAccountAssignmentCommand(writeInput(sandbox))),
    remove: () => clientsOf(sandbox).ssoAdmin.send(new DeleteAccountAssignmentCommand(writeInput(sandbox))),
  };
}

const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

test('an outage set on the page is felt by the next call, of all services or of one, and says so until it is ended', async () => {
  const { ssoAdmin, identityStore, sandbox, set, page, post } = await started();
  const people = () =>
    identityStore.send(new ListUsersCommand({ IdentityStoreId: sandbox.organization.identityStoreId }));
  expect(await page()).toContain('AWS works as it should');
  await set({ outage: 'all' });
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject(status(503));
  await expect(people()).rejects.toMatchObject(status(503));
  expect(await page()).toContain('An outage: every AWS call is answered with HTTP 503.');
  await set({ outage: 'identity-store' });
  await ssoAdmin.send(new ListInstancesCommand({}));
  await expect(people()).rejects.toMatchObject(status(503));
  await post('/faults/end', { fault: 'outageOf' });
  await people();
  expect(await page()).toContain('AWS works as it should');
});

test('shares are set in percent: calls are throttled or broken, writes conflict', async () => {
  const { ssoAdmin, set, create, page } = await started();
  await set({ throttleShare: '100' });
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject({ name: 'ThrottlingException' });
  await set({ serverErrorShare: '100' });
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject(status(500));
  await set({ conflictShare: '100' });
  await expect(create()).rejects.toMatchObject({ name: 'ConflictException' });
  await set({ conflictShare: '7' });
  expect(await page()).toContain('7 % of creates and deletes are answered with ConflictException.');
  expect(await page()).toContain('name="conflictShare" value="7"');
});

test('writes are forbidden, over quota or stuck, creates and deletes apart', async () => {
  const { ssoAdmin, sandbox, set, create, remove, post } = await started();
  await set({ forbidden: 'delete' });
  sandbox.assignments.add(assignment());
  await expect(remove()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  sandbox.assignments.remove(assignment());
  await set({ quotaExceeded: 'create' });
  await expect(create()).rejects.toMatchObject({ name: 'ServiceQuotaExceededException' });
  await set({ stuck: 'create' });
  const { RequestId } = (await create()).AccountAssignmentCreationStatus!;
  await set({ stuck: 'delete' });
  expect((await finalStatus(sandbox, ssoAdmin, 'create', RequestId!)).Status).toBe('SUCCEEDED');
  const deletion = (await remove()).AccountAssignmentDeletionStatus!.RequestId!;
  await post('/faults/end', { fault: 'stuck' });
  expect((await finalStatus(sandbox, ssoAdmin, 'delete', deletion)).Status).toBe('SUCCEEDED');
  await set({ stuck: 'all', forbidden: 'all' });
  expect(sandbox.faults).toMatchObject({ stuck: true, forbidden: true, quotaExceeded: false });
});

test('an answer is lost though the write takes effect, and a status is lost', async () => {
  const { ssoAdmin, sandbox, set, create } = await started();
  await set({ loseAnswer: 'create' });
  await expect(create()).rejects.toBeTruthy();
  await sandbox.assignments.waitFor(assignment(), 'present');
  await set({ loseStatus: 'yes' });
  const { RequestId } = (await create()).AccountAssignmentCreationStatus!;
  const asked = new DescribeAccountAssignmentCreationStatusCommand({
    InstanceArn: sandbox.organization.instanceArn,
    AccountAssignmentCreationRequestId: RequestId,
  });
  await expect(ssoAdmin.send(asked)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the next writes fail with the published reason that was chosen, and those after them do not', async () => {
  const { ssoAdmin, sandbox, create, post } = await started();
  await post('/faults/failures', { count: '2', reason: '1' });
  const ended = async () => {
    const { RequestId } = (await create()).AccountAssignmentCreationStatus!;
    return await finalStatus(sandbox, ssoAdmin, 'create', RequestId!);
  };
  expect(await ended()).toMatchObject({ Status: 'FAILED', FailureReason: FAILURE_REASONS[1] });
  expect(await ended()).toMatchObject({ Status: 'FAILED', FailureReason: FAILURE_REASONS[1] });
  expect((await ended()).Status).toBe('SUCCEEDED');
});

test('calls are slow, lists lag, the clock is off and events come late by as much as is said', async () => {
  const { ssoAdmin, cloudTrail, sandbox, set, post, create, page } = await started();
  sandbox.assignments.add(assignment());
  await set({ listLagMs: '60000' });
  expect(await listed(sandbox, ssoAdmin)).toEqual([]);
  await post('/faults/end', { fault: 'listLagMs' });
  expect(await listed(sandbox, ssoAdmin)).toEqual([assignment().principalId]);

  await set({ clockOffsetMs: '-7200' });
  expect(await page()).toContain('AWS’s clock is 7200 s slow.');
  const { CreatedDate } = (await create()).AccountAssignmentCreationStatus!;
  expect(Math.abs(CreatedDate!.getTime() + 7_200_000 - Date.now())).toBeLessThan(60_000);

  await set({ eventDelayMs: '300' });
  sandbox.events.record({
    eventID: '1',
    eventName: 'ListBuckets',
    eventSource: 's3.amazonaws.com',
    eventTime: new Date(Date.now() - 1000).toISOString(),
    awsRegion: sandbox.organization.region,
    recipientAccountId: sandbox.organization.delegatedAdministratorAccountId!,
    userIdentity: { type: 'AssumedRole' },
  });
  expect((await cloudTrail.send(new LookupEventsCommand({}))).Events).toEqual([]);
  await post('/faults/end', { fault: 'eventDelayMs' });
  expect((await cloudTrail.send(new LookupEventsCommand({}))).Events).toHaveLength(1);

  await set({ slowMs: '400' });
  const gaveUp = ssoAdmin.send(new ListInstancesCommand({}), { abortSignal: AbortSignal.timeout(50) });
  await expect(gaveUp).rejects.toMatchObject({ name: 'AbortError' });
});

test('each preset is one button that adds to what is set, and one more ends every fault, the demo’s own too', async () => {
  const { sandbox, ssoAdmin, post, page } = await started();
  demoFaults(sandbox);
  await post('/faults/presets', { preset: 'outage' });
  await expect(ssoAdmin.send(new ListInstancesCommand({}))).rejects.toMatchObject(status(503));
  await post('/faults/presets', { preset: 'bad-day' });
  await post('/faults/presets', { preset: 'lag' });
  const demo = { kind: 'create', ...stuckAssignment() };
  expect(sandbox.faults).toEqual({
    ...noFaults(),
    outage: true,
    throttleShare: 0.3,
    conflictShare: 0.2,
    serverErrorShare: 0.05,
    listLagMs: 8_000,
    stuck: demo,
  });
  const disturbed = await page();
  expect(disturbed).toMatch(/Stuck: creates of \w+ in [\w-]+ for [\w ]+ stay in progress\./);
  expect(disturbed).toContain('ends every fault, also what');
  // The form leaves a fault that is aimed at one access as it is.
  await post('/faults', { ...FINE, stuck: 'as-it-is' });
  expect(sandbox.faults).toEqual({ ...noFaults(), stuck: demo });
  await post('/faults/presets', { preset: 'fine' });
  expect(sandbox.faults).toEqual(noFaults());
  await ssoAdmin.send(new ListInstancesCommand({}));
});

test('what AWS forbids by its own rules is lifted by no preset, as the page says, but where its cause goes', async () => {
  const { sandbox, ssoAdmin, post, page } = await started();
  const beyond = { permissionSetArn: DEMO_PERMISSION_SETS.OrganizationAdmin! };
  sandbox.assignments.add(assignment(beyond));
  const remove = () => ssoAdmin.send(new DeleteAccountAssignmentCommand(writeInput(sandbox, beyond)));
  await post('/faults/presets', { preset: 'fine' });
  await expect(remove()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(await page()).toContain('(now OrganizationAdmin)');
  const [cause] = sandbox.organization.standingAssignments.slice(-1);
  await post('/faults/organization/assignments', {
    user: cause!.principalId,
    account: cause!.accountId,
    permissionSet: cause!.permissionSetArn,
    change: 'removed',
  });
  await remove();
});

describe('the organization', () => {
  const user = assignment().principalId;
  const { accountId: account, permissionSetArn: permissionSet } = assignment();

  test('assignments are made and removed past the portal, and the page lists what it did', async () => {
    const { sandbox, ssoAdmin, post, page } = await started();
    const fields = { user, account, permissionSet };
    const made = await post('/faults/organization/assignments', { ...fields, change: 'made' });
    expect(made.headers.get('location')).toBe('/faults#organization');
    expect(await listed(sandbox, ssoAdmin)).toEqual([user]);
    expect(await page()).toContain('was assigned ReadOnly in payments-prod.');
    // Names do as well as IDs: a large organization has no lists to choose from.
    const names = { user: DEMO_PEOPLE.requester, account: 'payments-prod', permissionSet: 'ReadOnly' };
    await post('/faults/organization/assignments', { ...names, change: 'removed' });
    expect(await listed(sandbox, ssoAdmin)).toEqual([]);
    const again = await post('/faults/organization/assignments', { ...names, change: 'removed' });
    expect(again.status).toBe(422);
    expect(await again.text()).toContain('does not have ReadOnly in payments-prod: there is nothing to remove.');
  });

  test('people are disabled, enabled and deleted, and leave or join groups', async () => {
    const { sandbox, identityStore, post } = await started();
    const { identityStoreId: IdentityStoreId } = sandbox.organization;
    const group = demoGroupId('Finance');
    const member = async () => {
      const asked = { IdentityStoreId, MemberId: { UserId: user }, GroupIds: [group] };
      return (await identityStore.send(new IsMemberInGroupsCommand(asked))).Results![0]!.MembershipExists;
    };
    await post('/faults/organization/members', { user, group, change: 'added' });
    expect(await member()).toBe(true);
    expect((await post('/faults/organization/members', { user, group, change: 'added' })).status).toBe(422);
    await post('/faults/organization/members', { user, group, change: 'removed' });
    expect(await member()).toBe(false);

    const described = () => identityStore.send(new DescribeUserCommand({ IdentityStoreId, UserId: user }));
    await post('/faults/organization/users', { user, to: 'DISABLED' });
    expect((await described()).UserStatus).toBe('DISABLED');
    await post('/faults/organization/users', { user, to: 'ENABLED' });
    expect((await described()).UserStatus).toBe('ENABLED');
    await post('/faults/organization/users', { user, to: 'DELETED' });
    await expect(described()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('accounts are suspended, closed, active again and gone, and permission sets are deleted', async () => {
    const { sandbox, organizations, ssoAdmin, post } = await started();
    const described = async () =>
      (await organizations.send(new DescribeAccountCommand({ AccountId: account }))).Account;
    for (const to of ['SUSPENDED', 'CLOSED', 'PENDING_CLOSURE', 'ACTIVE']) {
      await post('/faults/organization/accounts', { account, to });
      expect((await described())!.State).toBe(to);
    }
    await post('/faults/organization/accounts', { account, to: 'LEFT' });
    await expect(described()).rejects.toMatchObject({ name: 'AccountNotFoundException' });
    await post('/faults/organization/permission-sets', { permissionSet });
    const { instanceArn: InstanceArn } = sandbox.organization;
    const asked = new DescribePermissionSetCommand({ InstanceArn, PermissionSetArn: permissionSet });
    await expect(ssoAdmin.send(asked)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

test('nonsense is refused with a sentence, keeps what was typed, and changes nothing', async () => {
  const { sandbox, post } = await started();
  const refusals: [string, Record<string, string>, string][] = [
    ['/faults', { ...FINE, throttleShare: '130' }, 'Give a number from 0 to 100 (% of calls); 0 switches it off.'],
    ['/faults', { ...FINE, slowMs: '<b>much</b>' }, 'value="&lt;b&gt;much&lt;/b&gt;"'],
    ['/faults', { ...FINE, outage: 'moon' }, 'Choose one of the options.'],
    ['/faults', { ...FINE, quotaExceeded: 'delete' }, 'Choose one of the options.'],
    ['/faults', {}, 'Nothing was changed.'],
    ['/faults/failures', { count: '1.5', reason: '0' }, 'Give a whole number from 1 to 1000.'],
    ['/faults/failures', { count: '1', reason: '9' }, 'Choose one of the reasons.'],
    ['/faults/presets', { preset: 'worse' }, 'There is no such preset.'],
    ['/faults/end', { fault: 'toString' }, 'There is no such fault.'],
    [
      '/faults/organization/users',
      { user: 'nobody', to: 'DISABLED' },
      'No person of the organization is called “nobody”',
    ],
    ['/faults/organization/accounts', { account: assignment().accountId, to: 'SOLD' }, 'Choose one of the options.'],
  ];
  for (const [path, fields, sentence] of refusals) {
    const answer = await post(path, fields);
    expect(answer.status, sentence).toBe(422);
    expect(await answer.text()).toContain(sentence);
  }
  expect((await post('/faults/organization/constructor', {})).status).toBe(404);
  expect(sandbox.faults).toEqual(noFaults());
});

test('a form that another site posts is refused', async () => {
  const { sandbox, post } = await started();
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
  ];
  for (const headers of foreign) {
    const answer = await post('/faults/presets', { preset: 'outage' }, headers);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('Change the sandbox on its own page');
  }
  expect(sandbox.faults.outage).toBe(false);
  expect((await post('/faults/presets', { preset: 'outage' }, { origin: sandbox.url })).status).toBe(303);
});

test('the page leads to the portal’s health and drift pages as soon as a portal is registered', async () => {
  const { sandbox, page } = await started();
  expect(await page()).toContain('No portal is registered here yet');
  registerPortal(sandbox, 'https://latchkey.test');
  expect(await page()).toContain('href="https://latchkey.test/admin/health"');
  expect(await page()).toContain('href="https://latchkey.test/admin/drift"');
  expect(await (await fetch(sandbox.url)).text()).toContain('href="/faults"');
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  test.each([
    { name: 'wide, light', width: 1280, colorScheme: 'light' as const },
    { name: '360 px, light', width: 360, colorScheme: 'light' as const },
    { name: '360 px, dark', width: 360, colorScheme: 'dark' as const },
  ])(
    '$name: without scripts somebody starts an outage and ends it, and axe finds nothing',
    async ({ name, ...look }) => {
      const sandbox: Sandbox = await sandboxForTest();
      registerPortal(sandbox, 'https://latchkey.test');
      const open = async (javaScriptEnabled: boolean) => {
        const context = await browser.newContext({
          javaScriptEnabled,
          viewport: { width: look.width, height: 800 },
          colorScheme: look.colorScheme,
        });
        return await context.newPage();
      };
      const page = await open(false);
      await page.goto(sandbox.url);
      await page.getByRole('navigation').getByRole('link', { name: 'Faults' }).click();
      await page.getByRole('button', { name: 'A bad day' }).click();
      await page.getByRole('button', { name: 'An outage' }).click();
      expect(sandbox.faults).toMatchObject({ outage: true, throttleShare: 0.3 });
      await page.getByRole('button', { name: 'End this: An outage' }).click();
      expect(sandbox.faults.outage).toBe(false);
      await page
        .getByLabel('Person')
        .nth(1)
        .selectOption({ value: demoUserId('nora.bakke') });
      await page.getByRole('button', { name: 'Change the person' }).click();
      await page.getByText('Nora Bakke was disabled.').waitFor();
      await page.getByRole('textbox', { name: 'Throttled' }).fill('a lot');
      await page.getByRole('button', { name: 'Set these faults' }).click();
      await page.getByRole('alert').waitFor();

      const seen = await open(true);
      await seen.goto(`${sandbox.url}/faults`);
      await seen.getByText('What people are assigned now').click();
      expect(await axeFindings(seen)).toEqual([]);
      expect(await overhang(seen)).toBe(0);
      if (process.env.SHOTS) {
        await seen.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true });
        await page.screenshot({ path: `${process.env.SHOTS}/${name} refused.png`, fullPage: true });
      }
      await seen.getByRole('button', { name: 'Everything is fine again' }).click();
      expect(sandbox.faults).toEqual(noFaults());
    },
  );
});
