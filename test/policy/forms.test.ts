import { describe, expect, test } from 'vitest';
import { ROLE } from './directory.ts';
import { type Fields, usePolicyPages } from './policy-pages.ts';

const ELIGIBILITY = '/admin/eligibility-policies';
const APPROVAL = '/admin/approval-policies';
const GUARDRAILS = '/admin/guardrails';
const DEVELOPERS = {
  principals: 'GROUP:devs',
  targets: 'OU:ou-work',
  permissionSets: ROLE,
  maxDurationMinutes: '120',
  approvalRequired: 'true',
};
const LEADS = { approvers: 'GROUP:leads', approvalsNeeded: '1', targets: 'OU:r-root', includeNestedOus: 'true' };

const { database, get, post } = usePolicyPages();

const prisma = () => database().db.prisma;

async function eligibility(name: string, more: Fields = {}) {
  const answer = await post(ELIGIBILITY, { ...DEVELOPERS, name, ...more });
  expect(answer.statusCode, answer.body).toBe(303);
  return prisma().eligibilityPolicy.findFirstOrThrow({ where: { name } });
}

/** The values that the form has for a field. */
function valuesOf(body: string, field: string): string[] {
  return [...body.matchAll(new RegExp(`name="${field}" value="([^"]*)"[^>]*checked`, 'g'))].map(
    ([, value]) => value ?? '',
  );
}

describe('exceptions', () => {
  test('are stored, said in the sentence and in the list, and come back into the form', async () => {
    const made = await eligibility('With exception', { targets: 'OU:r-root', exclusions: 'OU:ou-work' });
    expect(made.exclusions).toEqual(['OU:ou-work']);
    const { body } = await get(`${ELIGIBILITY}/${made.id}/edit`);
    expect(body).toContain('in the accounts directly in Root, except everything in and below Workloads');
    expect(valuesOf(body, 'exclusions')).toEqual(['OU:ou-work']);
    expect((await get(`${ELIGIBILITY}?q=With+exception`)).body).toContain('except Workloads');
  });

  test('that are chosen as places too are refused with both in a sentence', async () => {
    const answer = await post(ELIGIBILITY, { ...DEVELOPERS, name: 'Both', exclusions: 'OU:ou-work' });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('Workloads is chosen under Where and excepted as well.');
  });

  test('that take out everything are warned of and saved', async () => {
    const fields = { ...DEVELOPERS, name: 'Holds nowhere', exclusions: 'OU:r-root' };
    expect((await post(`${ELIGIBILITY}/preview`, fields)).body).toContain('The exceptions take out every account');
    expect((await post(ELIGIBILITY, fields)).statusCode).toBe(303);
  });
});

describe('when a policy holds', () => {
  test('what scripts always sent makes a policy that is in force', async () => {
    expect(await eligibility('Of a script')).toMatchObject({
      enabled: true,
      startsAt: null,
      endsAt: null,
      exclusions: [],
    });
  });

  test('switched off and dated policies are told apart in the list, in words, and can be filtered', async () => {
    await eligibility('Off', { enabled: 'false' });
    await eligibility('Later', { startsAt: '2999-01-01T00:00' });
    await eligibility('Past', { endsAt: '2001-01-01T00:00' });
    for (const [status, name] of [
      ['disabled', 'Off'],
      ['not-yet', 'Later'],
      ['over', 'Past'],
      ['in-force', 'Of a script'],
    ] as const) {
      const { body } = await get(`${ELIGIBILITY}?status=${status}`);
      const rows = [...body.matchAll(/data-row-link><bdi>([^<]*)/g)].map(([, row]) => row);
      expect(rows, status).toContain(name);
      if (status !== 'in-force') expect(rows, status).toHaveLength(1);
    }
    const { body } = await get(ELIGIBILITY);
    for (const words of ['>Disabled</span>', 'Not yet: ', 'Over: ', 'until ']) expect(body).toContain(words);
  });

  test.each([
    [{ startsAt: '2026-12-02T00:00', endsAt: '2026-12-01T00:00' }, 'endsAt', 'The end comes before the start'],
    [{ startsAt: 'tomorrow' }, 'startsAt', 'Give a day and a time'],
    [{ endsAt: '0000-01-01T00:00' }, 'endsAt', 'too far away'],
  ])('%j is refused with a sentence at %s', async (times, field, sentence) => {
    const answer = await post(ELIGIBILITY, { ...DEVELOPERS, name: 'Wrong times', ...times });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(`id="field-${field}-error"`);
    expect(answer.body).toContain(sentence);
  });
});

describe('steps', () => {
  const two = { ...LEADS, approvers2: 'USER:cleo', approvalsNeeded2: '1', stepCount: '2' };

  test('are stored in their order and all of them come back into the form', async () => {
    expect((await post(APPROVAL, { ...two, name: 'In two steps' })).statusCode).toBe(303);
    const policy = await prisma().approvalPolicy.findFirstOrThrow({ where: { name: 'In two steps' } });
    expect(policy.steps).toEqual([
      { approvers: ['GROUP:leads'], approvalsNeeded: 1 },
      { approvers: ['USER:cleo'], approvalsNeeded: 1 },
    ]);
    const { body } = await get(`${APPROVAL}/${policy.id}/edit`);
    expect(body).toContain('Step 2 of 2');
    expect([valuesOf(body, 'approvers'), valuesOf(body, 'approvers2')]).toEqual([['GROUP:leads'], ['USER:cleo']]);
  });

  test('are added, moved and removed by buttons that save nothing and lose nothing', async () => {
    const before = await prisma().approvalPolicy.count();
    const draft = async (stepAction: string) =>
      (await post(`${APPROVAL}/draft`, { ...two, name: 'Typed', note: 'Half a thought', stepAction })).body;
    const added = await draft('add');
    expect(added).toContain('Step 3 of 3');
    expect(added).toContain('id="field-approvers3-search"');
    const moved = await draft('up:2');
    expect([valuesOf(moved, 'approvers'), valuesOf(moved, 'approvers2')]).toEqual([['USER:cleo'], ['GROUP:leads']]);
    const removed = await draft('remove:1');
    expect(valuesOf(removed, 'approvers')).toEqual(['USER:cleo']);
    expect(removed).not.toContain('name="approvers2');
    for (const body of [added, moved, removed]) {
      expect(body).toContain('value="Typed"');
      expect(body).toContain('>Half a thought</textarea>');
    }
    expect(await prisma().approvalPolicy.count()).toBe(before);
  });

  test('are not lost to a script that knows one only', async () => {
    await post(APPROVAL, { ...two, name: 'Scripted' });
    const { id } = await prisma().approvalPolicy.findFirstOrThrow({ where: { name: 'Scripted' } });
    const refused = await post(`${APPROVAL}/${id}`, { ...LEADS, name: 'Scripted', version: '1' });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('This policy has 2 steps, and only 1 came with this form.');
    const meant = await post(`${APPROVAL}/${id}`, { ...LEADS, name: 'Scripted', version: '1', stepCount: '1' });
    expect(meant.statusCode).toBe(303);
    expect((await prisma().approvalPolicy.findUniqueOrThrow({ where: { id } })).steps).toHaveLength(1);
  });

  test('that nobody can fulfil for some requester are warned of by name, and saved', async () => {
    await prisma().approvalPolicy.deleteMany();
    await prisma().eligibilityPolicy.deleteMany();
    await eligibility('Cleo asks in the root', { principals: 'USER:cleo', targets: 'OU:r-root' });
    const fields = {
      ...LEADS,
      approvers: 'USER:cleo',
      name: 'Only Cleo',
      targets: 'ACCOUNT:222222222222',
      permissionSets: ROLE,
    };
    const { body } = await post(`${APPROVAL}/preview`, fields);
    expect(body).toContain('Nobody could approve when Cleo Lind asks, say for PowerUser in audit');
    expect((await post(APPROVAL, fields)).statusCode).toBe(303);
  });
});

describe('guardrails', () => {
  const NEVER = {
    name: 'PowerUser never alone',
    permissionSets: ROLE,
    neverSelfServed: 'true',
    maxDurationMinutes: '60',
  };

  test('are made, listed, changed and deleted as policies are', async () => {
    expect((await get(GUARDRAILS)).body).toContain('Nothing limits the policies yet');
    expect((await post(GUARDRAILS, NEVER)).statusCode).toBe(303);
    const made = await prisma().guardrail.findFirstOrThrow();
    expect(made).toMatchObject({ permissionSets: [ROLE], targets: [], neverSelfServed: true, maxDurationMinutes: 60 });
    const list = await get(GUARDRAILS);
    for (const text of ['PowerUser never alone', 'Everywhere', 'Always needed', '1 h'])
      expect(list.body).toContain(text);
    const form = await get(`${GUARDRAILS}/${made.id}/edit`);
    expect(form.body).toContain(
      'Whatever any policy says, PowerUser anywhere is never given without approval and is given for 1 h at most.',
    );
    const changed = { ...NEVER, maxDurationMinutes: '', version: '1' };
    expect((await post(`${GUARDRAILS}/${made.id}`, changed)).statusCode).toBe(303);
    expect(await prisma().guardrail.findFirstOrThrow()).toMatchObject({ maxDurationMinutes: null, version: 2 });
    expect((await post(`${GUARDRAILS}/${made.id}/deletion`, { version: '2' })).statusCode).toBe(303);
    expect(await prisma().guardrail.count()).toBe(0);
  });

  test.each([
    [{ permissionSets: [] }, 'permissionSets', 'belongs into the settings'],
    [{ neverSelfServed: '', maxDurationMinutes: '' }, 'neverSelfServed', 'A guardrail limits something'],
    [{ maxDurationMinutes: '1.5' }, 'maxDurationMinutes', 'whole number of minutes'],
  ])('with %j are refused with a sentence at %s', async (wrong, field, sentence) => {
    const answer = await post(GUARDRAILS, { ...NEVER, ...wrong });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(`id="field-${field}-error"`);
    expect(answer.body).toContain(sentence);
  });

  test('lead back to the form where the address of a form shown again is entered', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    for (const base of [ELIGIBILITY, APPROVAL, GUARDRAILS]) {
      for (const part of ['draft', 'preview', 'impact']) {
        const { statusCode, headers } = await get(`${base}/${part}`);
        expect([statusCode, headers.location], `${base}/${part}`).toEqual([303, `${base}/new`]);
      }
      expect((await get(`${base}/draft?policy=${id}`)).headers.location).toBe(`${base}/${id}/edit`);
    }
  });

  test('are told on the form and in the list of a policy that says more', async () => {
    await post(GUARDRAILS, { ...NEVER, name: 'Told' });
    const { id } = await eligibility('Says more', { approvalRequired: '' });
    for (const url of [`${ELIGIBILITY}/${id}/edit`, `${ELIGIBILITY}?q=Says+more`]) {
      expect((await get(url)).body, url).toContain(
        'Guardrail “Told” makes approval needed and limits the duration to 1 h for PowerUser.',
      );
    }
    await prisma().guardrail.deleteMany();
  });
});
