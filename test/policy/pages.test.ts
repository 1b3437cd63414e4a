import { describe, expect, test } from 'vitest';
import { policyRoutes } from '../../src/policy/routes.ts';
import { createTestDatabase } from '../support/db.ts';
import { ADA, createTinyPortal } from '../web/tiny-portal.ts';
import { policyPlatform, ROLE } from './directory.ts';
import { type Fields, usePolicyPages } from './policy-pages.ts';

const ELIGIBILITY = '/admin/eligibility-policies';
const APPROVAL = '/admin/approval-policies';
const DEVELOPERS = {
  name: 'Developers',
  principals: 'GROUP:devs',
  targets: 'OU:ou-work',
  permissionSets: ROLE,
  maxDurationMinutes: '120',
  approvalRequired: 'true',
};
const LEADS = {
  name: 'Leads decide',
  approvers: 'GROUP:leads',
  approvalsNeeded: '1',
  targets: 'OU:r-root',
  includeNestedOus: 'true',
};

const { database, get, post } = usePolicyPages();

/** A policy of its own for a test, as its stored row. */
async function create(name: string, more: Fields = {}) {
  const answer = await post(ELIGIBILITY, { ...DEVELOPERS, name, ...more });
  expect(answer.statusCode).toBe(303);
  return database().db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name } });
}

describe('the list', () => {
  test('tells an admin without policies the three steps to the first one, with an example', async () => {
    for (const base of [ELIGIBILITY, APPROVAL]) {
      await using empty = await createTestDatabase();
      const portal = await createTinyPortal({ person: ADA, db: empty.db }, (tiny) => {
        tiny.register(policyRoutes, policyPlatform(empty));
      });
      const page = await portal.inject({ method: 'GET', url: base });
      await portal.close();
      expect(page.statusCode).toBe(200);
      expect(page.body.match(/<li><strong>/g)).toHaveLength(3);
      expect(page.body).toContain('It then reads:');
      expect(page.body).toContain(`href="${base}/new"`);
    }
  });

  test('shows who may do what where, by name, and who changed it', async () => {
    await create('Shown in the list', { principals: ['GROUP:devs', 'USER:ana'], includeNestedOus: 'true' });
    const { body } = await get(`${ELIGIBILITY}?q=Shown+in+the+list`);
    for (const text of [
      'Ana Ruiz, Developers',
      'Workloads, with nested OUs',
      'PowerUser',
      '2 h',
      'Needed',
      'never',
      'by Ada Admin',
    ]) {
      expect(body).toContain(text);
    }
  });

  test('counts the requests of the last 90 days that rest on a policy', async () => {
    const { id } = await create('Much used');
    await database().db.pool.query(
      `insert into requests (status, form_key, requester_id, requester_name, requester_user_name, account_id, account_name,
         ou_path, permission_set_arn, permission_set_name, session_seconds, duration_minutes, justification,
         approval_needed, steps, policies, submitted_at, expires_at)
       select 'pending', gen_random_uuid(), 'ana', 'Ana', 'ana', '111111111111', 'payments', '', $1, 'PowerUser', 3600, 60,
         'because it is needed', true, '[]', jsonb_build_array(jsonb_build_object('id', $2::text)),
         app_now() - make_interval(days => day), app_now() from unnest(array[1, 89, 91]) as day`,
      [ROLE, id],
    );
    const { body } = await get(`${ELIGIBILITY}?q=Much+used`);
    expect(body).toContain('2 requests');
  });

  test('finds a policy by a person in its group and by an account in its OU, and says when nothing matches', async () => {
    await create('Found by people and accounts');
    for (const q of ['ana@example.com', '111111111111', 'PowerUser', 'FOUND BY']) {
      const { body } = await get(`${ELIGIBILITY}?q=${encodeURIComponent(q)}`);
      expect(body, q).toContain('Found by people and accounts');
    }
    // In the root, which the policy on Workloads does not take.
    expect((await get(`${ELIGIBILITY}?q=222222222222`)).body).not.toContain('Found by people and accounts');
    const nothing = await get(`${ELIGIBILITY}?q=zzz`);
    expect(nothing.body).toContain('Nothing matches');
    expect(nothing.body).toContain('Clear filters');
  });

  test('marks what no longer exists, says what to do, and puts it first', async () => {
    await create('A fine policy');
    await database().db.prisma.group.create({ data: { id: 'brief', displayName: 'Brief', description: '' } });
    await create('Zz stale policy', { principals: 'GROUP:brief' });
    await database().db.prisma.group.delete({ where: { id: 'brief' } });
    const { body } = await get(ELIGIBILITY);
    expect(body).toContain('The group brief no longer exists. Edit the policy and take it out.');
    expect(body.indexOf('Zz stale policy')).toBeLessThan(body.indexOf('A fine policy'));
  });
});

describe('the form', () => {
  test('creates a policy and goes back to the list', async () => {
    const answer = await post(ELIGIBILITY, { ...DEVELOPERS, name: 'Made by form', ticketRequired: 'on' });
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe(ELIGIBILITY);
    const row = await database().db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name: 'Made by form' } });
    expect(row).toMatchObject({
      principals: ['GROUP:devs'],
      targets: ['OU:ou-work'],
      includeNestedOus: false,
      permissionSets: [ROLE],
      maxDurationMinutes: 120,
      approvalRequired: true,
      ticketRequired: true,
    });
  });

  test('creates an approval policy for all roles and everyone where none are chosen', async () => {
    expect((await post(APPROVAL, LEADS)).statusCode).toBe(303);
    const row = await database().db.prisma.approvalPolicy.findFirstOrThrow();
    expect(row).toMatchObject({
      permissionSets: [],
      requesterGroups: [],
      broaderMayDecide: false,
      steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
    });
    const { body } = await get(APPROVAL);
    for (const text of ['Platform Leads', 'Root, with nested OUs', 'Anyone']) expect(body).toContain(text);
  });

  test.each(['0', '-1', '1e309', '1.5', 'abc', '', '541', '99999999999999999999'])(
    'with the duration %j comes again with a sentence at the field and everything that was filled in',
    async (maxDurationMinutes) => {
      const answer = await post(ELIGIBILITY, { ...DEVELOPERS, name: 'Not <b>stored</b>', maxDurationMinutes });
      expect(answer.statusCode).toBe(422);
      expect(answer.body).toContain('id="field-maxDurationMinutes-error"');
      expect(answer.body).toContain('value="Not &lt;b&gt;stored&lt;/b&gt;"');
      expect(answer.body).toMatch(/value="GROUP:devs"[^>]* checked/);
      expect(await database().db.prisma.eligibilityPolicy.count({ where: { name: { contains: 'stored' } } })).toBe(0);
    },
  );

  test('without anything has a sentence at each field', async () => {
    const answer = await post(ELIGIBILITY, { maxDurationMinutes: '60', name: 'Empty' });
    expect(answer.statusCode).toBe(422);
    for (const field of ['principals', 'targets', 'permissionSets'])
      expect(answer.body).toContain(`id="field-${field}-error"`);
    expect(answer.body).toContain('3 things to mend');
  });

  test.each<[string, Fields]>([
    ['foreign kinds of principals', { principals: 'ROLE:x' }],
    ['targets that are no references', { targets: "x'; drop table users" }],
    ['roles that are no permission sets', { permissionSets: 'AdministratorAccess' }],
    ['a name of 101 characters', { name: 'x'.repeat(101) }],
    ['a note of 2,001 characters', { note: 'x'.repeat(2001) }],
    ['501 principals', { principals: Array.from({ length: 501 }, (_, index) => `USER:${index}`) }],
    ['a name with a zero byte', { name: 'a\0b' }],
  ])('with %s is refused and nothing is stored', async (_, wrong) => {
    const before = await database().db.prisma.eligibilityPolicy.count();
    const answer = await post(ELIGIBILITY, { ...DEVELOPERS, name: 'Wrong', ...wrong });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('-error"');
    expect(await database().db.prisma.eligibilityPolicy.count()).toBe(before);
  });

  test('keeps a name with quotes, markup and right-to-left text as it was typed', async () => {
    const name = `"O'Brien" <script>alert(1)</script> & مرحبا`;
    const { id } = await create(name);
    const { body } = await get(`${ELIGIBILITY}/${id}/edit`);
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).not.toContain('<script>alert');
  });

  test('shows a policy as it is and changes it', async () => {
    const { id } = await create('To be changed');
    const form = await get(`${ELIGIBILITY}/${id}/edit`);
    expect(form.body).toContain('name="version" value="1"');
    expect(form.body).toMatch(/value="OU:ou-work"[^>]* checked/);
    expect(form.body).toContain(
      'Members of Developers may ask for PowerUser in the accounts directly in Workloads, for up to 2 h, after approval.',
    );
    const changed = { ...DEVELOPERS, name: 'Was changed', version: '1' };
    expect((await post(`${ELIGIBILITY}/${id}`, changed)).statusCode).toBe(303);
    const row = await database().db.prisma.eligibilityPolicy.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ name: 'Was changed', version: 2 });
  });

  test('that another admin overtook comes again with who did, and nothing that was typed is lost', async () => {
    const { id } = await create('Overtaken');
    await post(`${ELIGIBILITY}/${id}`, { ...DEVELOPERS, name: 'Overtaken', note: 'first', version: '1' });
    const second = await post(`${ELIGIBILITY}/${id}`, {
      ...DEVELOPERS,
      name: 'Overtaken',
      note: 'second',
      version: '1',
    });
    expect(second.statusCode).toBe(409);
    expect(second.body).toContain('Ada Admin changed this policy');
    expect(second.body).toContain('>second</textarea>');
    const row = await database().db.prisma.eligibilityPolicy.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ note: 'first', version: 2 });
  });

  test('of a policy that does not exist is not found', async () => {
    for (const id of ['00000000-0000-4000-8000-00000000dead', 'nonsense']) {
      for (const page of ['edit', 'deletion']) expect((await get(`${ELIGIBILITY}/${id}/${page}`)).statusCode).toBe(404);
      expect((await post(`${ELIGIBILITY}/${id}`, { ...DEVELOPERS, version: '1' })).statusCode).toBe(404);
    }
  });
});

describe('choosing', () => {
  test('searches as one types, and what is chosen stays although it does not match', async () => {
    const typed = { principals: 'GROUP:devs', principalsQuery: 'cleo' };
    const { statusCode, body } = await post('/pickers/principals', typed, { 'hx-request': 'true' });
    expect(statusCode).toBe(200);
    expect(body).not.toContain('<html');
    expect(body).toMatch(/value="GROUP:devs"[^>]* checked/);
    expect(body).toMatch(/value="USER:cleo"[^>]*id="principals-USER:cleo">/);
    expect(body).toContain('One match.');
  });

  test('offers neither disabled people nor what is chosen already', async () => {
    const disabled = await post('/pickers/approvers', { approversQuery: 'Gus' });
    expect(disabled.body).toContain('Nothing matches');
    const chosen = await post('/pickers/principals', { principals: 'USER:cleo', principalsQuery: 'cleo' });
    expect(chosen.body.match(/value="USER:cleo"/g)).toHaveLength(1);
    expect(chosen.body).toContain('chosen above');
  });

  test('shows the organizational units as a tree with their accounts, and finds accounts by ID', async () => {
    const tree = await post('/pickers/targets', {});
    expect(tree.body).toMatch(/value="OU:r-root".*1 account directly in it, 2 with nested OUs/);
    expect(tree.body).toMatch(/value="OU:ou-work".*1 account directly in it</);
    const found = await post('/pickers/targets', { targetsQuery: '2222' });
    expect(found.body).toContain('value="ACCOUNT:222222222222"');
    expect(found.body).not.toContain('value="ACCOUNT:111111111111"');
  });

  test('finds roles and requester groups', async () => {
    expect((await post('/pickers/permissionSets', { permissionSetsQuery: 'power' })).body).toContain(`value="${ROLE}"`);
    expect((await post('/pickers/requesterGroups', { requesterGroupsQuery: 'lead' })).body).toContain('value="leads"');
  });

  test('marks what is chosen and no longer exists', async () => {
    const { body } = await post('/pickers/principals', { principals: 'GROUP:vanished' });
    expect(body).toContain('group that no longer exists: take it out');
  });

  test('works without JavaScript: the search button shows the form again with all that was filled in', async () => {
    const { id } = await create('Searched in');
    const form = {
      ...DEVELOPERS,
      name: 'Renamed',
      policyId: id,
      version: '1',
      principalsQuery: 'ben',
      targetsQuery: 'audit',
    };
    const { statusCode, body } = await post(`${ELIGIBILITY}/draft`, form);
    expect(statusCode).toBe(200);
    expect(body).toContain(`action="${ELIGIBILITY}/${id}"`);
    expect(body).toContain('value="Renamed"');
    expect(body).toContain('value="USER:ben"');
    expect(body).toContain('value="ACCOUNT:222222222222"');
    expect(body).toMatch(/value="GROUP:devs"[^>]* checked/);
    const row = await database().db.prisma.eligibilityPolicy.findUniqueOrThrow({ where: { id } });
    expect(row.name).toBe('Searched in');
  });

  test('restates the rule in words while it is made', async () => {
    const eligibility = await post(
      `${ELIGIBILITY}/preview`,
      { principals: 'USER:ana', maxDurationMinutes: '90' },
      { 'hx-request': 'true' },
    );
    expect(eligibility.body).toContain(
      'Ana Ruiz may ask for no role yet in no account yet, for up to 1 h 30 min, without approval.',
    );
    const approval = await post(`${APPROVAL}/preview`, { ...LEADS, approvalsNeeded: '2', permissionSets: ROLE });
    expect(approval.body).toContain(
      'When anyone asks for PowerUser in every account in and below Root, 2 approvals by members of Platform Leads are needed. Approvers of broader policies may not decide these requests.',
    );
  });

  test('of an unknown field is refused', async () => {
    expect((await post('/pickers/passwords', {})).statusCode).toBe(400);
  });
});

describe('deleting', () => {
  test('asks on a page that says what the policy gives, and then deletes it', async () => {
    const { id } = await create('To be deleted');
    const question = await get(`${ELIGIBILITY}/${id}/deletion`);
    expect(question.body).toContain('Delete “To be deleted”?');
    expect(question.body).toContain('Members of Developers may ask');
    expect(await database().db.prisma.eligibilityPolicy.count({ where: { id } })).toBe(1);
    const answer = await post(`${ELIGIBILITY}/${id}/deletion`, { version: '1' });
    expect(answer.statusCode).toBe(303);
    expect(await database().db.prisma.eligibilityPolicy.count({ where: { id } })).toBe(0);
    expect((await post(`${ELIGIBILITY}/${id}/deletion`, { version: '1' })).statusCode).toBe(404);
  });

  test('a policy that was changed since the question is refused', async () => {
    const { id } = await create('Changed before deletion');
    await post(`${ELIGIBILITY}/${id}`, { ...DEVELOPERS, name: 'Changed before deletion', note: 'x', version: '1' });
    expect((await post(`${ELIGIBILITY}/${id}/deletion`, { version: '1' })).statusCode).toBe(409);
    expect(await database().db.prisma.eligibilityPolicy.count({ where: { id } })).toBe(1);
  });
});
