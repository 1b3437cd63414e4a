import { expect, test } from 'vitest';
import type { CloudTrailRecord } from '../../src/sandbox/cloudtrail-store.ts';
import type { SandboxAssignment } from '../../src/sandbox/organization.ts';
import { registerStartPage } from '../../src/sandbox/pages/index.ts';
import { consoleActs, openAccounts, registerAccessPortal } from '../../src/sandbox/portal/index.ts';
import { form, startParts } from './parts.ts';

const assigned = (principal: `${'USER' | 'GROUP'} ${string}`, set: 1 | 2, accountId = '111111111111') => {
  const [principalType, principalId] = principal.split(' ') as ['USER' | 'GROUP', string];
  return { accountId, permissionSetArn: `arn:aws:sso:::permissionSet/a/ps-${set}`, principalType, principalId };
};

const cookies = { 'latchkey-sandbox-person': 'u-1' };

async function start(...assignments: SandboxAssignment[]) {
  const parts = await startParts((app, services) => {
    registerStartPage(app, services);
    return registerAccessPortal(app, services, {
      featured: [{ userName: 'Ana.Ruiz', about: 'asks for access' }],
      hasApplication: () => true,
    });
  });
  for (const assignment of assignments) parts.services.assignments.add(assignment);
  return parts;
}

type Started = Awaited<ReturnType<typeof start>>;

async function openConsole({ app }: Started, account_id = '111111111111', role_name = 'ReadOnly') {
  const answer = await app.inject({
    method: 'POST',
    url: '/start/console',
    cookies,
    ...form({ account_id, role_name }),
  });
  const address = String(answer.headers.location);
  const act = (id: string) => app.inject({ method: 'POST', url: `${address}/acts`, cookies, ...form({ act: id }) });
  return { answer, address, act };
}

test('a person is asked who they are, and then sees their own portal', async () => {
  const { app } = await start();
  const asked = await app.inject('/start');
  expect(asked.body).toContain('asks for access');
  expect(asked.body).not.toContain('Gone Person');
  const chosen = await app.inject({ method: 'POST', url: '/start/person', ...form({ userId: 'u-1' }) });
  expect(chosen.statusCode).toBe(303);
  expect(chosen.cookies[0]).toMatchObject({ value: 'u-1', httpOnly: true, sameSite: 'Lax' });
  const portal = await app.inject({ url: '/start', cookies });
  expect(portal.body).toContain('Signed in as <b>Ana Ruiz</b>');
  expect(portal.body).toContain('no access to any account');
  const disabled = await app.inject({ method: 'POST', url: '/start/person', ...form({ userId: 'u-3' }) });
  expect(disabled.statusCode).toBe(403);
});

test('the portal shows exactly what is assigned to the person and to their groups, as it stands now', async () => {
  const { app, services } = await start(
    assigned('USER u-1', 1),
    assigned('GROUP g-1', 2),
    assigned('GROUP g-1', 1, '222222222222'),
    assigned('USER u-2', 2, '222222222222'),
    assigned('USER u-1', 1, '999999999999'),
  );
  const shown = async () => {
    const { body } = await app.inject({ url: '/start', cookies });
    return [...body.matchAll(/name="account_id" value="(\d+)"><input type="hidden" name="role_name" value="(\w+)"/g)]
      .map(([, accountId, role]) => `${accountId} ${role}`)
      .sort();
  };
  expect(await shown()).toEqual(['111111111111 Admin', '111111111111 ReadOnly', '222222222222 ReadOnly']);
  services.assignments.remove(assigned('USER u-1', 1));
  services.organization.memberships.get('g-1')?.delete('u-1');
  expect(await shown()).toEqual([]);
  expect(openAccounts(services, services.organization.users[1]!)).toMatchObject([
    { account: { id: '222222222222' }, permissionSets: [{ name: 'Admin' }] },
  ]);
});

test('names that come from AWS are escaped', async () => {
  const { app } = await start(assigned('USER u-1', 1, '222222222222'));
  const { body, headers } = await app.inject({ url: '/start', cookies });
  expect(body).toContain('Sandbox &lt;b&gt;lab&lt;/b&gt;');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

test('a deep link opens the account, asks who it is first, and says so when there is no access', async () => {
  const { app, services } = await start(assigned('USER u-1', 1));
  const link = '/start/console?account_id=111111111111&role_name=ReadOnly';
  const stranger = await app.inject(link);
  expect(stranger.body).toContain('name="next" value="/start/console?account_id=111111111111&amp;role_name=ReadOnly"');
  const chosen = await app.inject({ method: 'POST', url: '/start/person', ...form({ userId: 'u-1', next: link }) });
  expect(chosen.headers.location).toBe(link);
  const elsewhere = form({ userId: 'u-1', next: '//evil.test/start/' });
  expect((await app.inject({ method: 'POST', url: '/start/person', ...elsewhere })).statusCode).toBe(400);

  expect((await app.inject({ url: link, cookies })).body).toContain('Open console');
  services.assignments.remove(assigned('USER u-1', 1));
  const gone = await app.inject({ url: link, cookies });
  expect(gone.statusCode).toBe(403);
  expect(gone.body).toContain('cannot open account <b>111111111111</b> with <b>ReadOnly</b> right now');
  expect((await openConsole({ app } as Started)).answer.statusCode).toBe(403);
});

test('the part of a deep link that never reaches the server is forwarded by a script', async () => {
  const { app } = await start();
  expect((await app.inject('/start/')).headers.location).toBe('/start');
  expect((await app.inject('/start')).body).toContain('/sandbox/assets/portal.js');
  const script = await app.inject('/sandbox/assets/portal.js');
  expect(script.headers['content-type']).toContain('text/javascript');
  expect(script.body).toContain('/start/console?');
  expect((await app.inject('/sandbox/assets/other.js')).statusCode).toBe(404);
});

test('what is done on the console is recorded as CloudTrail records a permission-set session', async () => {
  const started = await start(assigned('USER u-1', 1));
  const { services, app } = started;
  const { act, address } = await openConsole(started);
  for (const { id } of consoleActs) expect((await act(id)).statusCode).toBe(303);

  const role = services.assignments.role('111111111111', 'arn:aws:sso:::permissionSet/a/ps-1', 'ReadOnly');
  const events = services.events.list();
  expect(events).toHaveLength(consoleActs.length);
  const [session] = events.map(({ userIdentity }) => userIdentity) as [CloudTrailRecord['userIdentity']];
  expect(role.name).toMatch(/^AWSReservedSSO_ReadOnly_[0-9a-f]{16}$/);
  expect(role.id).toMatch(/^AROA[0-9A-Z]{17}$/);
  expect(session).toMatchObject({
    type: 'AssumedRole',
    principalId: `${role.id}:Ana.Ruiz`,
    arn: `arn:aws:sts::111111111111:assumed-role/${role.name}/Ana.Ruiz`,
    accountId: '111111111111',
    accessKeyId: expect.stringMatching(/^ASIA/),
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: role.id,
        arn: `arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/${role.name}`,
        accountId: '111111111111',
        userName: role.name,
      },
      attributes: {
        creationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        mfaAuthenticated: 'false',
      },
    },
  });
  for (const event of events) {
    expect(event.userIdentity).toEqual(session);
    expect(event).toMatchObject({ recipientAccountId: '111111111111', eventCategory: 'Management' });
  }
  const named = (name: string) => events.find(({ eventName }) => eventName === name);
  expect(named('ListBuckets')).toMatchObject({ readOnly: true, awsRegion: 'eu-west-1' });
  expect(named('StopInstances')).toMatchObject({ readOnly: false });
  expect(named('ListRoles')).toMatchObject({ awsRegion: 'us-east-1' });
  expect(named('ScheduleKeyDeletion')).toMatchObject({ errorCode: 'AccessDenied' });
  expect(named('ListBuckets')).not.toHaveProperty('errorCode');

  const page = await app.inject({ url: address, cookies });
  expect(page.body).toContain('StopInstances');
  expect(page.body).toContain('<span class="bad">AccessDenied</span>');
  expect((await act('format-everything')).statusCode).toBe(400);
});

test('a session outlives the assignment, but not the permission set’s session duration', async () => {
  const started = await start(assigned('USER u-1', 2));
  const { services, app } = started;
  const { act, address } = await openConsole(started, '111111111111', 'Admin');
  services.assignments.remove(assigned('USER u-1', 2));
  services.faults.clockOffsetMs = 89 * 60_000;
  expect((await act('list-buckets')).statusCode).toBe(303);
  services.faults.clockOffsetMs = 91 * 60_000;
  expect((await act('list-buckets')).statusCode).toBe(403);
  expect((await app.inject({ url: address, cookies })).body).toContain('This session has expired');
  expect(services.events.list()).toHaveLength(1);
});

test('nobody acts in a session of somebody else', async () => {
  const started = await start(assigned('USER u-1', 1));
  const { address } = await openConsole(started);
  const other = { 'latchkey-sandbox-person': 'u-2' };
  const answer = await started.app.inject({
    method: 'POST',
    url: `${address}/acts`,
    cookies: other,
    ...form({ act: 'list-buckets' }),
  });
  expect(answer.statusCode).toBe(404);
  expect(started.services.events.list()).toEqual([]);
});

test('a permission set that was taken away entirely comes back as another role', async () => {
  const started = await start(assigned('USER u-1', 1));
  await (await openConsole(started)).act('list-buckets');
  started.services.assignments.remove(assigned('USER u-1', 1));
  started.services.assignments.add(assigned('USER u-1', 1));
  await (await openConsole(started)).act('list-buckets');
  const [before, after] = started.services.events.list().map(({ userIdentity }) => userIdentity.arn);
  expect(before).not.toBe(after);
});

test('the start page leads to the portal, the mailbox, the faults and the state, and names faults that are on', async () => {
  const { app, services } = await start();
  const { body } = await app.inject('/');
  for (const link of ['/start', '/mail', '/faults', '/sandbox/state']) expect(body).toContain(`href="${link}"`);
  expect(body).toContain('<dt><a href="/faults">Faults</a></dt><dd>none</dd>');
  services.faults.throttleShare = 0.5;
  expect((await app.inject('/')).body).toContain('50 % of AWS calls are throttled.');
  expect((await app.inject('/sandbox/assets/sandbox.css')).headers['content-type']).toContain('text/css');
});

test('a role for looking only is denied every change', async () => {
  const started = await start(assigned('USER u-1', 1));
  const { act } = await openConsole(started);
  await act('list-buckets');
  await act('stop-instance');
  const outcomes = started.services.events.list().map(({ eventName, errorCode }) => [eventName, errorCode]);
  expect(outcomes).toEqual([
    ['ListBuckets', undefined],
    ['StopInstances', 'AccessDenied'],
  ]);
});
