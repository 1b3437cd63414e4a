import { describe, expect, test } from 'vitest';
import { ROLE } from './directory.ts';
import { type Fields, usePolicyPages } from './policy-pages.ts';
import { changeSetting } from './settings.ts';

const BASE = '/admin/eligibility-policies';
const DEVELOPERS = {
  principals: 'GROUP:devs',
  targets: 'OU:ou-work',
  permissionSets: ROLE,
  maxDurationMinutes: '120',
  approvalRequired: 'true',
};
const { database, get, post } = usePolicyPages();

const prisma = () => database().db.prisma;

async function create(name: string, more: Fields = {}) {
  const answer = await post(BASE, { ...DEVELOPERS, name, ...more });
  expect(answer.statusCode, answer.body).toBe(303);
  return prisma().eligibilityPolicy.findFirstOrThrow({ where: { name } });
}

describe('two admins who save the same policy', () => {
  test('the second sees what is stored beside what they typed, and may save over it on purpose', async () => {
    const { id } = await create('Contested', { note: 'as it was' });
    const first = {
      ...DEVELOPERS,
      name: 'Contested',
      principals: ['GROUP:devs', 'USER:ben'],
      note: 'theirs',
      version: '1',
    };
    await post(`${BASE}/${id}`, first);
    const mine = { ...DEVELOPERS, name: 'Contested', maxDurationMinutes: '60', note: 'mine', version: '1' };
    const refused = await post(`${BASE}/${id}`, mine);
    expect(refused.statusCode).toBe(409);
    const row = (label: string) => refused.body.match(new RegExp(`cell-main">${label}<.*`))?.[0] ?? '';
    expect(row('Who')).toMatch(/Ben Okafor, Developers<.*>Developers</);
    expect(row('Longest')).toMatch(/2 h<.*>1 h</);
    expect(row('Note')).toMatch(/theirs<.*>mine</);
    expect(row('Roles')).toBe('');
    expect(refused.body).toContain(`href="${BASE}/${id}/edit">Take theirs`);
    expect(refused.body).toContain('name="version" value="2"');
    expect(refused.body).toContain('>mine</textarea>');

    const over = await post(`${BASE}/${id}`, { ...mine, version: '2' });
    expect(over.statusCode).toBe(303);
    expect(await prisma().eligibilityPolicy.findUniqueOrThrow({ where: { id } })).toMatchObject({
      version: 3,
      note: 'mine',
      principals: ['GROUP:devs'],
    });
  });

  test('who changes a policy that was deleted meanwhile may keep what they typed as a new one', async () => {
    const { id } = await create('Deleted meanwhile');
    await post(`${BASE}/${id}/deletion`, { version: '1' });
    const answer = await post(`${BASE}/${id}`, { ...DEVELOPERS, name: 'Kept after all', version: '1' });
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain('Ada Admin deleted this policy');
    expect(answer.body).toContain(`method="post" action="${BASE}"`);
    expect(answer.body).toContain('value="Kept after all"');
  });
});

describe('what no longer exists', () => {
  /** A policy that names a group which is gone since, as the directory's copy noted. */
  async function createStale(name: string) {
    await prisma().group.create({ data: { id: 'brief', displayName: 'Brief Team', description: '' } });
    const policy = await create(name, { principals: ['GROUP:brief', 'GROUP:devs'] });
    await prisma().group.delete({ where: { id: 'brief' } });
    await database().db.pool.query('delete from directory_changes');
    await database().db.pool.query(
      "insert into directory_changes (kind, thing_id, name, what) values ('group', 'brief', 'Brief Team', 'vanished')",
    );
    return policy;
  }

  test('is told under the name that it had last, and the policies are found by that', async () => {
    const { id } = await createStale('Stale one');
    await create('Fresh one');
    const list = await get(`${BASE}?status=stale`);
    expect(list.body).toContain('The group Brief Team (brief) no longer exists.');
    expect(list.body).toMatch(new RegExp(`id="policy-${id}"[^>]* data-stale`));
    expect(list.body).not.toContain('Fresh one');
    expect((await get(`${BASE}/${id}/edit`)).body).toContain('Take out what no longer exists');
  });

  test('does not stop another change of the policy, but cannot be named anew', async () => {
    const { id } = await createStale('Stale two');
    const fields = { ...DEVELOPERS, principals: ['GROUP:brief', 'GROUP:devs'], name: 'Stale two', version: '1' };
    expect((await post(`${BASE}/${id}`, { ...fields, note: 'still works' })).statusCode).toBe(303);
    const anew = await post(BASE, { ...fields, name: 'Stale three' });
    expect(anew.statusCode).toBe(422);
    expect(anew.body).toContain('The group Brief Team (brief) does not exist in the directory.');
    const other = await post(`${BASE}/${id}`, { ...fields, principals: ['GROUP:brief', 'GROUP:never'], version: '2' });
    expect(other.body).toContain('The group never does not exist in the directory.');
  });

  test('is taken out by a button, which saves nothing yet', async () => {
    const { id } = await createStale('Stale four');
    const fields = {
      ...DEVELOPERS,
      principals: ['GROUP:brief', 'GROUP:devs'],
      name: 'Stale four',
      policyId: id,
      version: '1',
    };
    const { body } = await post(`${BASE}/draft`, { ...fields, takeOut: 'stale' });
    expect(body).not.toContain('value="GROUP:brief"');
    expect(body).toMatch(/value="GROUP:devs"[^>]* checked/);
    expect(body).toContain(`action="${BASE}/${id}"`);
    expect((await prisma().eligibilityPolicy.findUniqueOrThrow({ where: { id } })).principals).toContain('GROUP:brief');
  });
});

test('the last group of an approval policy is not taken out with what no longer exists', async () => {
  const base = '/admin/approval-policies';
  const group = { id: 'last', displayName: 'Last Team', description: '' };
  await prisma().group.create({ data: group });
  const fields = { name: 'Narrow', targets: 'OU:ou-work', approvers: 'USER:ben', approvalsNeeded: '1' };
  expect((await post(base, { ...fields, requesterGroups: 'last' })).statusCode).toBe(303);
  const { id } = await prisma().approvalPolicy.findFirstOrThrow({ where: { name: 'Narrow' } });
  await prisma().group.delete({ where: { id: 'last' } });
  const sent = { ...fields, requesterGroups: 'last', policyId: id, version: '1' };
  const pressed = await post(`${base}/draft`, { ...sent, takeOut: 'stale' });
  expect(pressed.statusCode).toBe(422);
  expect(pressed.body).toContain('that would mean requests by anyone');
  expect(pressed.body).toMatch(/name="requesterGroups"[^>]*value="(GROUP:)?last"[^>]* checked/);
  expect((await post(`${base}/${id}`, sent)).statusCode).toBe(303);
  expect(await prisma().approvalPolicy.findUniqueOrThrow({ where: { id } })).toMatchObject({
    requesterGroups: ['last'],
  });
});

describe('names', () => {
  test('that several groups, people, accounts or OUs bear are told apart wherever they stand', async () => {
    await prisma().group.createMany({
      data: ['g-1', 'g-2'].map((id) => ({ id, displayName: 'Twins', description: '' })),
    });
    const chosen = { principals: ['GROUP:g-1'], principalsQuery: 'twins' };
    const picker = await post('/pickers/principals', chosen);
    for (const name of ['Twins (g-1)', 'Twins (g-2)']) expect(picker.body).toContain(name);
    const { id } = await create('Of twins', { principals: 'GROUP:g-1' });
    expect((await get(`${BASE}/${id}/edit`)).body).toContain('Members of Twins (g-1) may ask');
    expect((await get(`${BASE}?q=Of+twins`)).body).toContain('Twins (g-1)');
  });

  test('written from right to left stand apart from the words around them', async () => {
    await prisma().group.create({ data: { id: 'rtl', displayName: 'مهندسون "أ" <b>', description: '' } });
    const { id } = await create(`${'ש'.repeat(99)}<`, { principals: 'GROUP:rtl' });
    const { body } = await get(`${BASE}/${id}/edit`);
    expect(body).toContain('Members of \u2068مهندسون &quot;أ&quot; &lt;b&gt;\u2069 may ask');
    expect(body).toMatch(/dir="auto"/);
    expect((await get(BASE)).body).toContain(`<bdi>${'ש'.repeat(99)}&lt;</bdi>`);
  });
});

describe('the tree of organizational units', () => {
  test('gives what lies in one when it is opened, with what is chosen already marked', async () => {
    const { statusCode, body } = await post('/pickers/targets/units/ou-work', { targets: 'ACCOUNT:111111111111' });
    expect(statusCode).toBe(200);
    expect(body).toContain('payments');
    expect(body).toContain('chosen above');
    expect(body).not.toContain('audit');
    expect((await post('/pickers/exclusions/units/no-such', {})).body).not.toContain('<li>');
  });

  test('opens without scripts down to the unit whose button was pressed', async () => {
    const closed = await get(`${BASE}/new`);
    expect(closed.body).toMatch(/name="targetsOpen" value="ou-work" formaction="[^"]*\/draft#field-targets"/);
    expect(closed.body).not.toContain('value="ACCOUNT:111111111111"');
    const { body } = await post(`${BASE}/draft`, { name: 'Half', targetsOpen: 'ou-work' });
    expect(body).toContain('name="targets" value="ACCOUNT:111111111111"');
    expect(body).toContain('value="Half"');
    expect(body).toContain('<details class="policy-more">');
    const except = await post(`${BASE}/draft`, { name: 'Half', exclusionsOpen: 'ou-work' });
    expect(except.body).toContain('<details class="policy-more" open>');
    expect(except.body).toContain('name="exclusions" value="ACCOUNT:111111111111"');
  });

  test('gives way to a list once something is typed: units first, with their path, and as many as it says', async () => {
    const { body } = await post('/pickers/targets', { targetsQuery: 'work' });
    // Payments lies in Workloads, which its path says: it matches too, but comes after.
    expect([...body.matchAll(/value="((?:OU|ACCOUNT):[^"]*)"/g)].map(([, value]) => value)).toEqual([
      'OU:ou-work',
      'ACCOUNT:111111111111',
    ]);
    expect(body).toContain('2 matches.');
    expect(body).toContain('Root / Workloads; 1 account directly in it');
  });

  test('has accounts that cannot be given with the reason', async () => {
    await prisma().account.update({ where: { id: '222222222222' }, data: { state: 'SUSPENDED' } });
    const gone = await post('/pickers/targets', { targetsQuery: 'audit@example.com' });
    expect(gone.body).toContain('The account audit (222222222222) is suspended by AWS');
  });
});

test('form and list say of a policy that allows less than the shortest allowed duration that nobody can use it', async () => {
  const { id } = await create('Quarter of an hour', { maxDurationMinutes: '15' });
  const said = 'The shortest allowed duration is 30 min, so nobody can use this.';
  const pages = [`${BASE}/${id}/edit`, `${BASE}?q=Quarter`];
  for (const page of pages) expect((await get(page)).body).not.toContain(said);
  await changeSetting(database().db, { allowedDurationsMinutes: [30, 60] });
  for (const page of pages) expect((await get(page)).body).toContain(said);
  expect((await get(`${BASE}/new`)).body).not.toContain(said);
  await changeSetting(database().db, { allowedDurationsMinutes: [] });
});

test('the form of a new guardrail warns of nothing', async () => {
  expect((await get('/admin/guardrails/new')).body).not.toContain('Nobody could approve');
});

test('settings have the form ask for a ticket, and say that a second admin has to confirm', async () => {
  await changeSetting(database().db, {
    policyTicketRequired: true,
    secondAdminRequired: true,
    ticketPattern: 'CHG-[0-9]+',
  });
  expect((await get(`${BASE}/new`)).body).toMatch(/id="field-ticket"[^>]* required/);
  for (const ticket of ['', 'whatever']) {
    const answer = await post(BASE, { ...DEVELOPERS, name: 'With ticket', ticket });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('id="field-ticket-error"');
    expect(answer.body).toContain('Propose change');
  }
  const proposed = await post(BASE, { ...DEVELOPERS, name: 'With ticket', ticket: 'CHG-1' });
  expect(proposed.headers.location).toMatch(/^\/admin\/policy-changes\/[0-9a-f-]{36}$/);
  expect(await prisma().eligibilityPolicy.count({ where: { name: 'With ticket' } })).toBe(0);
});
