import { beforeAll, expect, it } from 'vitest';
import { approveRequest } from '../../src/request/index.ts';
import { DEMO_PEOPLE, demoUserId } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { POWER, priya, useStage } from './stage.ts';

const shared = useStage();
const ADMIN = demoUserId(DEMO_PEOPLE.admin);
const CARD = /aria-labelledby="home-admin".*?<\/section>/s;
let admin: TestClient;
let lena: TestClient;

beforeAll(async () => {
  admin = await shared.stage.signIn(DEMO_PEOPLE.admin);
  lena = await shared.stage.signIn(DEMO_PEOPLE.requester);
});

const query = (sql: string, values: unknown[] = []) => shared.stage.context.db.pool.query(sql, values);
/** What the home page lists for administrators, as links and words. */
async function tasks(): Promise<string[]> {
  const card = CARD.exec((await admin.get('/')).body)?.[0] ?? '';
  return [...card.matchAll(/<a href="([^"]*)">([^<]*)</g)].map(([, address, says]) => `${address} ${says}`);
}

it('an admin for whom nothing waits sees no card for administrators', async () => {
  expect(await tasks()).toEqual([]);
});

it('an admin sees on the home page what waits for them, and not what they asked for themselves', async () => {
  const propose = (by: string, name: string) =>
    query(
      `insert into policy_changes (kind, base_version, name, document, ticket, proposed_by_id, proposed_by_name)
       values ('eligibility', 0, $2, '{}', '', $1, 'Somebody')`,
      [by, name],
    );
  const loosen = (by: string, setting: string) =>
    query(
      `insert into loosenings (setting, old_value, new_value, asked_at, asked_by_id, asked_by_name)
       values ($2, 'true', 'false', app_now(), $1, 'Somebody')`,
      [by, setting],
    );
  try {
    await propose(ADMIN, 'Own');
    await loosen(ADMIN, 'ticketRequired');
    expect(await tasks()).toEqual([]);
    expect((await admin.get('/')).body).not.toContain('class="count"');
    await propose('u-other', 'First');
    await propose('u-other', 'Second');
    await loosen('u-other', 'approvalEnabled');
    await query(`update eligibility_policies set principals = '{USER:gone}' where name = 'Payments engineers'`);
    expect(await tasks()).toEqual([
      '/admin/policy-changes 2 policy changes wait for your confirmation',
      '/admin/settings 1 settings change waits for your confirmation',
      '/admin/eligibility-policies?status=stale 1 eligibility policy names what no longer exists',
    ]);
    expect((await lena.get('/')).body).not.toMatch(CARD);
    const stale = (await admin.get('/admin/eligibility-policies?status=stale')).body;
    expect(stale).toContain('Payments engineers');
    expect(stale).not.toContain('Without approval');
    // The badge of the navigation counts the same.
    expect((await admin.get('/')).body).toContain('<span>Settings</span><span class="count">1<span');
  } finally {
    await query('delete from policy_changes');
    await query('delete from loosenings');
  }
});

it('an admin sees on the home page that a permission set is out of reach while people have access through it', async () => {
  const { stage } = shared;
  const { id } = await stage.submit();
  await approveRequest(stage.context, { requestId: id, version: 1, comment: 'Yes.' }, priya);
  await query('update permission_sets set in_management_account = true where arn = $1', [POWER]);
  await query('update directory_revision set revision = gen_random_uuid()');
  await query('update instance_binding set delegated = true');
  expect(await tasks()).toEqual([
    '/admin/directory PowerUser was provisioned to the management account: Latchkey cannot take back one open access through it',
  ]);
});
