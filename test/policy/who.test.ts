import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Persona } from '../../src/identity/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { registerWhoPages } from '../../src/policy/who/routes.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { ADA, createTinyPortal } from '../web/tiny-portal.ts';
import { fillDirectory, policyPlatform, ROLE } from './directory.ts';
import { approval, eligibility, guardrail, insertPolicies, READ } from './who-stage.ts';

let database: TestDatabase;
let app: FastifyInstance;
let persona: Persona = 'admin';

beforeAll(async () => {
  database = await createTestDatabase();
  const { prisma } = database.db;
  await fillDirectory(database.db);
  await prisma.permissionSet.create({
    data: { arn: READ, name: 'ReadOnly', description: 'Looks', sessionSeconds: 3600, inManagementAccount: false },
  });
  await prisma.account.create({
    data: {
      id: '333333333333',
      name: 'closed-one',
      email: 'c@example.com',
      state: 'SUSPENDED',
      parentId: 'ou-work',
      ouPath: 'Root / Workloads',
      ancestorIds: ['r-root', 'ou-work'],
      isManagement: false,
    },
  });
  app = await createTinyPortal({ person: { ...ADA, personas: new Set(['admin']) }, db: database.db }, (tiny) => {
    tiny.addHook('preHandler', async (request) => {
      request.person = { ...ADA, personas: new Set([persona]) };
    });
    tiny.decorateRequest('signedIn', function (this: { person: typeof ADA | null }) {
      if (!this.person) throw new Error('nobody');
      return this.person;
    });
    const config = { baseUrl: new URL('https://latchkey.example.com') };
    registerWhoPages(tiny, { ...policyPlatform(database).platform, config } as unknown as Platform);
  });
});
afterAll(async () => {
  await app.close();
  await database[Symbol.asyncDispose]();
});

beforeEach(async () => {
  persona = 'admin';
  await insertPolicies(database, { eligibility: [], approval: [], guardrails: [] });
});

/** The page's words without its markup, as a reader sees them; links stay in `html`. */
async function look(query: Record<string, string>) {
  const answer = await app.inject({ method: 'GET', url: `/admin/who?${new URLSearchParams(query)}` });
  expect(answer.statusCode).toBe(200);
  const text = answer.body
    .replace(/<svg.*?<\/svg>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:;])/g, '$1');
  return { html: answer.body, text };
}

const ANA_IN_PAYMENTS = { person: 'ana', account: '111111111111', role: ROLE };

describe('a person, an account and a role', () => {
  test('it says that it is allowed, by which policy, who would decide, and how long at most', async () => {
    await insertPolicies(database, { eligibility: [eligibility()], approval: [approval()] });
    const { text, html } = await look(ANA_IN_PAYMENTS);
    for (const said of [
      'Allowed, with approval',
      'Ana Ruiz asks for PowerUser in payments',
      'for 1 h, without a ticket',
      '“You may use PowerUser here for up to 2 hours if someone of Platform Leads approves.”',
      'Developers build version 1: up to 2 h after approval, through Developers.',
      'One approval by Platform Leads. Could act today: Ben Okafor',
      'Left out: Gus Onn (disabled)',
      'Leads decide version 1: applies.',
    ]) {
      expect(text).toContain(said);
    }
    const { id } = await database.db.prisma.eligibilityPolicy.findFirstOrThrow();
    expect(html).toContain(`href="/admin/eligibility-policies/${id}/edit"`);
  });

  test('a policy that gives without approval is told as such, with who decides on longer', async () => {
    await insertPolicies(database, {
      eligibility: [eligibility({ approvalRequired: false }), eligibility({ name: 'Longer', maxDurationMinutes: 480 })],
      approval: [approval()],
    });
    const { text } = await look(ANA_IN_PAYMENTS);
    expect(text).toContain('Allowed without approval');
    expect(text).toContain('up to 2 hours without approval, up to 8 hours if someone of Platform Leads approves.');
    expect(text).toContain('Not needed for this request. Where it is needed: One approval by Platform Leads');
    expect((await look({ ...ANA_IN_PAYMENTS, duration: '300' })).text).toContain('Allowed, with approval');
  });

  test.each<[string, Parameters<typeof eligibility>[0]]>([
    ['Ana Ruiz is not in Platform Leads', { principals: ['GROUP:leads'] }],
    ['names Ben Okafor, not Ana Ruiz', { principals: ['USER:ben'] }],
    ['is switched off', { enabled: false }],
    ['holds from 2999-12-01 01:00 (UTC)', { startsAt: new Date('2999-12-01T01:00:00Z') }],
    ['held until 2020-12-01 01:00 (UTC)', { endsAt: new Date('2020-12-01T01:00:00Z') }],
    ['excludes this account, because it excludes Workloads', { exclusions: ['OU:ou-work'] }],
    ['does not take this account', { targets: ['ACCOUNT:222222222222'] }],
    ['takes only the accounts directly in Root, and this one lies in an OU below', { targets: ['OU:r-root'] }],
    ['does not give PowerUser', { permissionSets: [READ] }],
    ['allows 30 min at most', { maxDurationMinutes: 30 }],
    ['needs a ticket', { ticketRequired: true }],
  ])('what a policy lacks is said: %s', async (sentence, given) => {
    await insertPolicies(database, {
      eligibility: [eligibility({ name: 'The one', ...given })],
      approval: [approval()],
    });
    const { text } = await look(ANA_IN_PAYMENTS);
    expect(text).toContain('Not allowed');
    expect(text).toContain(`Policies that nearly do The one version 1 ${sentence}`);
  });

  test('a ticket counts as given, whatever it is', async () => {
    await insertPolicies(database, { eligibility: [eligibility({ ticketRequired: true })], approval: [approval()] });
    expect((await look(ANA_IN_PAYMENTS)).text).toContain('Not allowed');
    expect((await look({ ...ANA_IN_PAYMENTS, ticket: 'CHG-1' })).text).toContain('Allowed, with approval');
  });

  test('a guardrail is named with what it does', async () => {
    await insertPolicies(database, {
      eligibility: [eligibility({ approvalRequired: false })],
      approval: [approval()],
      guardrails: [guardrail({ name: 'Admin never alone' })],
    });
    const { text } = await look(ANA_IN_PAYMENTS);
    expect(text).toContain('Allowed, with approval');
    expect(text).toContain('Admin never alone version 1: makes approval necessary, whatever a policy says.');
  });

  test('approvers that vanished are named, and nobody left to act is a refusal', async () => {
    await insertPolicies(database, {
      eligibility: [eligibility()],
      approval: [approval({ steps: [{ approvers: ['GROUP:went-away', 'USER:ana'], approvalsNeeded: 1 }] })],
    });
    const { text } = await look(ANA_IN_PAYMENTS);
    for (const said of [
      'Not allowed',
      'Nobody could act in it today.',
      'Left out: Ana Ruiz (asks)',
      'No longer there: went-away',
      'Named as approvers, but no longer there: went-away.',
      'They let the person ask, but something else stands in the way: see above.',
    ]) {
      expect(text).toContain(said);
    }
  });

  test('a replaced approval policy says by which, and one for others says for whom', async () => {
    await insertPolicies(database, {
      eligibility: [eligibility()],
      approval: [
        approval(),
        approval({
          name: 'Power only',
          permissionSets: [ROLE],
          steps: [{ approvers: ['USER:cleo'], approvalsNeeded: 1 }],
        }),
        approval({ name: 'Of leads', requesterGroups: ['leads'] }),
      ],
    });
    const { text } = await look(ANA_IN_PAYMENTS);
    expect(text).toContain('One approval by Cleo Lind. Could act today: Cleo Lind');
    expect(text).toContain(
      'Leads decide version 1: its approvers do not decide here, because “Power only” is narrower',
    );
    expect(text).toContain('Of leads version 1: does not apply: it is only for requests by members of Platform Leads.');
  });

  test('an account that cannot be given, and a person who is disabled, stand in the way whatever the policies say', async () => {
    await insertPolicies(database, {
      eligibility: [eligibility({ principals: ['GROUP:devs', 'USER:gone'] })],
      approval: [approval()],
    });
    const closed = await look({ ...ANA_IN_PAYMENTS, account: '333333333333' });
    expect(closed.text).toContain('Not allowed');
    expect(closed.text).toContain('closed-one (333333333333) is suspended by AWS');
    const disabled = await look({ ...ANA_IN_PAYMENTS, person: 'gone' });
    expect(disabled.text).toContain('Not allowed');
    expect(disabled.text).toContain('Gus Onn is disabled in Identity Center and cannot sign in.');
  });

  test('what the copy does not have is said, without an answer', async () => {
    for (const [query, sentence] of [
      [{ ...ANA_IN_PAYMENTS, person: 'nobody' }, 'has no such person'],
      [{ ...ANA_IN_PAYMENTS, account: '999999999999' }, 'has no such account'],
      [{ ...ANA_IN_PAYMENTS, role: 'arn:aws:sso:::permissionSet/x/y' }, 'has no such role'],
    ] as const) {
      const { text } = await look(query);
      expect(text).toContain(sentence);
      expect(text).not.toContain('allowed');
    }
  });

  test('the address to share holds what was chosen, and no search', async () => {
    const { html } = await look({ ...ANA_IN_PAYMENTS, duration: '120', personQuery: 'ana', cursor: 'x' });
    const shared = new URLSearchParams({ ...ANA_IN_PAYMENTS, duration: '120' }).toString().replaceAll('&', '&amp;');
    expect(html).toContain(`https://latchkey.example.com/admin/who?${shared}<`);
  });
});

describe('a person', () => {
  test('all that they may ask for is there, with the groups through which', async () => {
    await insertPolicies(database, {
      eligibility: [
        eligibility({ targets: ['OU:r-root'], includeNestedOus: true }),
        eligibility({ name: 'Ana looks', principals: ['USER:ana'], permissionSets: [READ], approvalRequired: false }),
        eligibility({ name: 'Off', permissionSets: [READ], enabled: false, maxDurationMinutes: 480 }),
      ],
      approval: [approval()],
    });
    const { text } = await look({ person: 'ana' });
    expect(text).toContain('audit 222222222222 Root 1 role');
    expect(text).toContain('payments 111111111111 Root / Workloads 2 roles');
    expect(text).toContain('PowerUser 2 h never not needed Developers Developers build');
    expect(text).toContain('ReadOnly 2 h 2 h not needed named themselves Ana looks');
    expect(text).toContain('1 account more would be offered');
    expect((await look({ person: 'ana', role: READ })).text).not.toContain('audit 222222222222');
    expect((await look({ person: 'ana', account: '222222222222' })).text).toContain('PowerUser 2 h never');
    expect((await look({ person: 'cleo' })).text).toContain('No policy that holds now names this person');
  });

  test('many accounts come in pages with their total', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => String(700000000000 + index));
    await database.db.prisma.account.createMany({
      data: ids.map((id) => ({
        id,
        name: `many-${id}`,
        email: 'm@example.com',
        state: 'ACTIVE',
        parentId: 'r-root',
        ouPath: 'Root',
        ancestorIds: ['r-root'],
        isManagement: false,
      })),
    });
    await insertPolicies(database, { eligibility: [eligibility({ targets: ids.map((id) => `ACCOUNT:${id}`) })] });
    const first = await look({ person: 'ana' });
    expect(first.text).toContain('30 accounts');
    expect(first.html.match(/<details>/g)).toHaveLength(25);
    const cursor = /cursor=([\w-]+)/.exec(first.html)?.[1] ?? '';
    const second = await look({ person: 'ana', cursor });
    expect(second.html.match(/<details>/g)).toHaveLength(5);
    expect(second.html).not.toContain('<span class="account-name" dir="auto">many-700000000000<');
    expect(first.html).toContain('<span class="account-name" dir="auto">many-700000000000<');
    await database.db.prisma.account.deleteMany({ where: { id: { in: ids } } });
  });
});

describe('an account or a role', () => {
  test('who may ask is there, by policy and by name, and who decides for whom', async () => {
    await insertPolicies(database, {
      eligibility: [eligibility({ principals: ['GROUP:devs', 'GROUP:leads', 'USER:cleo', 'GROUP:went-away'] })],
      approval: [
        approval(),
        approval({
          name: 'For leads',
          requesterGroups: ['leads'],
          steps: [{ approvers: ['USER:cleo'], approvalsNeeded: 1 }],
        }),
      ],
    });
    const { text, html } = await look({ account: '111111111111', role: ROLE });
    for (const said of [
      'Who may ask for PowerUser in payments',
      'Developers 1 member',
      'Platform Leads 1 member',
      'Cleo Lind person',
      'went-away group that no longer exists',
      'For members of Platform Leads One approval by Cleo Lind',
      'For everyone else One approval by Platform Leads',
      'The 3 people',
      'Ana Ruiz ana Developers',
      'Cleo Lind cleo named themselves',
    ]) {
      expect(text).toContain(said);
    }
    // Gus Onn is in Platform Leads, but disabled.
    expect(text).not.toContain('Gus Onn gone');
    expect(html).toContain(`person=ana`);
  });

  test('of an account alone each policy says its roles, of a role alone its places', async () => {
    await insertPolicies(database, { eligibility: [eligibility({ permissionSets: [ROLE, READ] })], approval: [] });
    const account = await look({ account: '111111111111' });
    expect(account.text).toContain('Who may ask for anything in payments');
    expect(account.text).toContain('PowerUser, ReadOnly');
    expect(account.text).toContain(
      'For everyone No approval policy covers it: requests that need approval are refused.',
    );
    const role = await look({ role: ROLE });
    expect(role.text).toContain('Developers build version 1 Developers 1 member Workloads 2 h needed');
    expect(role.text).toContain('That depends on the account. Choose one too.');
    expect((await look({ account: '222222222222' })).text).toContain('Nobody');
  });

  test('guardrails are counted in, and named: neither their roles nor their places are told longer than they are', async () => {
    await insertPolicies(database, {
      eligibility: [
        eligibility({
          permissionSets: [ROLE, READ],
          targets: ['OU:r-root'],
          includeNestedOus: true,
          exclusions: ['ACCOUNT:333333333333'],
          maxDurationMinutes: 360,
          approvalRequired: false,
        }),
      ],
      approval: [approval()],
      guardrails: [guardrail({ targets: ['OU:ou-work'], maxDurationMinutes: 120 })],
    });
    const both = await look({ account: '111111111111', role: ROLE });
    expect(both.text).toContain('Developers 1 member 2 h needed');
    expect(both.text).toContain('Guardrails above them Never alone version 1: makes approval necessary');
    const account = await look({ account: '111111111111' });
    expect(account.text).toContain(
      'up to 6 h; only 2 h for some roles, by guardrails needed for some roles, by guardrails',
    );
    const role = await look({ role: ROLE });
    expect(role.text).toContain('Root, with nested OUs, except closed-one up to 6 h; only 2 h in some accounts');
    const free = await look({ account: '222222222222', role: ROLE });
    expect(free.text).toContain('Developers 1 member 6 h not needed');
    expect(free.text).not.toContain('Guardrails above them');
  });

  test('policies and people whom nobody could approve for are marked', async () => {
    const nobody = { eligibility: [eligibility({ principals: ['GROUP:devs', 'GROUP:leads'] })] };
    await insertPolicies(database, { ...nobody, approval: [approval()] });
    const own = await look({ account: '111111111111', role: ROLE });
    // Ben is the only one who leads.
    expect(own.text).toContain('needed Nobody could give it for 1 person');
    expect(own.text).toContain('Ben Okafor ben Where approval is needed, nobody could give it. Platform Leads');
    expect(own.text).toContain('Ana Ruiz ana Developers');
    await insertPolicies(database, { ...nobody, approval: [] });
    expect((await look({ role: ROLE })).text).toContain(
      'Ana Ruiz ana Where approval is needed, nobody could give it, say in payments. Developers',
    );
  });

  test('an account that cannot be given says so first', async () => {
    expect((await look({ account: '333333333333' })).text).toContain('is suspended by AWS');
  });
});

test('names of people and policies are words on the page, never markup', async () => {
  const hostile = '<img src=x onerror=alert(1)>"\'&\u202e';
  const { prisma } = database.db;
  await prisma.user.create({
    data: { id: 'evil', userName: hostile, displayName: hostile, email: null, enabled: true },
  });
  await prisma.group.create({ data: { id: 'evil', displayName: hostile, description: hostile } });
  await prisma.membership.create({ data: { groupId: 'evil', userId: 'evil' } });
  await insertPolicies(database, {
    eligibility: [
      eligibility({ name: hostile, principals: ['GROUP:evil'] }),
      eligibility({ name: `${hostile}2`, principals: ['GROUP:devs', 'GROUP:evil'], enabled: false }),
    ],
    approval: [approval({ name: hostile, steps: [{ approvers: ['GROUP:evil', 'USER:ana'], approvalsNeeded: 1 }] })],
    guardrails: [guardrail({ name: hostile })],
  });
  const queries: Record<string, string>[] = [
    { ...ANA_IN_PAYMENTS, person: 'evil' },
    ANA_IN_PAYMENTS,
    { person: 'evil' },
    { account: '111111111111' },
    { role: ROLE },
    { ...ANA_IN_PAYMENTS, ticket: hostile, personQuery: hostile, duration: hostile },
  ];
  for (const query of queries) {
    const { html } = await look(query);
    expect(html).not.toContain('<img src=x');
    expect(html).toContain('&lt;img');
  }
  const options = await app.inject({ method: 'GET', url: '/admin/who/pickers/person?q=img' });
  expect(options.body).toContain('&lt;img');
  expect(options.body).not.toContain('<img src=x');
});

test('the fields search people, accounts and roles as one types', async () => {
  const pick = async (field: string, q: string) =>
    (await app.inject({ method: 'GET', url: `/admin/who/pickers/${field}?q=${encodeURIComponent(q)}` })).body;
  expect(await pick('person', 'okafor')).toContain('data-value="ben"');
  expect(await pick('account', '1111')).toContain('data-value="111111111111"');
  expect(await pick('account', 'closed')).toContain('data-value="333333333333"');
  expect(await pick('role', 'power')).toContain(`data-value="${ROLE}"`);
  expect(await pick('role', 'zzz')).toContain('No roles match');
  expect((await app.inject({ method: 'GET', url: '/admin/who/pickers/group?q=' })).statusCode).toBe(400);
});

test('auditors read the same without a way to edit', async () => {
  await insertPolicies(database, { eligibility: [eligibility()], approval: [approval()] });
  persona = 'auditor';
  const { text, html } = await look(ANA_IN_PAYMENTS);
  expect(text).toContain('Developers build version 1');
  expect(html).not.toContain('/edit"');
});
