import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { PLAIN, saveApprovalPolicy, saveEligibilityPolicy } from '../support/policies.ts';
import { ADMIN, policyPlatform, ROLE } from './directory.ts';
import { type Fields, usePolicyPages } from './policy-pages.ts';
import { changeSetting } from './settings.ts';

const ELIGIBILITY = '/admin/eligibility-policies';
const APPROVAL = '/admin/approval-policies';
const GUARDRAIL = '/admin/guardrails';
const DRAFT = {
  name: 'Developers',
  principals: 'GROUP:devs',
  targets: 'OU:r-root',
  includeNestedOus: 'true',
  permissionSets: ROLE,
  maxDurationMinutes: '120',
  approvalRequired: 'true',
};
const LEADS_DRAFT = { name: 'Leads decide', approvers: 'GROUP:leads', approvalsNeeded: '1', targets: 'OU:ou-work' };

const { database, app, post } = usePolicyPages();
beforeEach(async () => {
  await database().db.pool.query(
    'truncate requests, assignments, eligibility_policies, approval_policies, guardrails cascade',
  );
});

/** What the page says of a form, without its markup. */
async function impactOf(base: string, fields: Fields): Promise<string> {
  const answer = await post(`${base}/impact`, fields, { 'hx-request': 'true', 'hx-request-type': 'partial' });
  expect(answer.statusCode).toBe(200);
  return textOf(answer.body);
}

function textOf(html: string): string {
  return html
    .replace(/<svg[\s\S]*?<\/svg>|<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([,:])/g, '$1')
    .trim();
}

const DEVELOPERS = {
  name: 'Developers',
  principals: ['GROUP:devs'],
  targets: ['OU:r-root'],
  includeNestedOus: true,
  permissionSets: [ROLE],
  maxDurationMinutes: 120,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...PLAIN,
};
const LEADS = {
  name: 'Leads decide',
  targets: ['OU:r-root'],
  includeNestedOus: true,
  permissionSets: [],
  requesterGroups: [],
  broaderMayDecide: false,
  steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
  note: '',
  ...PLAIN,
};

interface Dates {
  startsAt?: Date;
  endsAt?: Date;
}

async function saveDevelopers(given: Partial<Omit<typeof DEVELOPERS, keyof Dates>> & Dates = {}) {
  return saveEligibilityPolicy(policyPlatform(database()).platform, { ...DEVELOPERS, ...given }, ADMIN);
}
async function saveLeads(given: Partial<typeof LEADS> = {}) {
  return saveApprovalPolicy(policyPlatform(database()).platform, { ...LEADS, ...given }, ADMIN);
}

interface Asked {
  minutes?: number;
  /** Approved: when its window opens. */
  opensAt?: Date;
  steps?: { approvers: string[]; approvalsNeeded: number }[];
}

const TOMORROW = new Date(Date.now() + 24 * 3_600_000);

/** A request of Ana's for the one role in the account; approved ones wait for their time. */
async function ask(accountId: string, accountName: string, asked: Asked = {}): Promise<string> {
  const { minutes = 60, opensAt, steps = LEADS.steps } = asked;
  const { rows } = await database().db.pool.query<{ id: string; number: string }>(
    `insert into requests (status, form_key, requester_id, requester_name, requester_user_name, account_id, account_name,
       ou_path, permission_set_arn, permission_set_name, session_seconds, duration_minutes, justification,
       approval_needed, steps, policies, expires_at, closed_at)
     values ($1, $2, 'ana', 'Ana Ruiz', 'ana', $3, $4, '', $5, 'PowerUser', 3600, $6,
       'because it is needed', true, $7, '[]', app_now() + interval '1 hour', case when $1 = 'approved' then app_now() end) returning id, number`,
    [opensAt ? 'approved' : 'pending', randomUUID(), accountId, accountName, ROLE, minutes, JSON.stringify(steps)],
  );
  const [request] = rows;
  if (opensAt) {
    const assignment = await database().db.pool.query<{ id: string }>(
      `insert into assignments (instance_arn, principal_type, principal_id, target_type, target_id, permission_set_arn)
       values ('arn:aws:sso:::instance/ssoins-1', 'USER', 'ana', 'AWS_ACCOUNT', $1, $2) returning id`,
      [accountId, ROLE],
    );
    await database().db.pool.query(
      `insert into grants (assignment_id, request_id, basis, status, user_id, account_id, permission_set_arn,
         user_display_name, user_name, account_name, ou_path, permission_set_name, session_seconds, duration_minutes,
         opens_at, latest_end)
       values ($1, $2, 'approval', 'scheduled', 'ana', $3, $4, 'Ana Ruiz', 'ana', $5, '', 'PowerUser', 3600, $6,
         $7, $7::timestamptz + interval '2 days')`,
      [assignment.rows[0]?.id, request?.id, accountId, ROLE, accountName, minutes, opensAt],
    );
  }
  return `R-${request?.number}`;
}

describe('what a new or changed eligibility policy does', () => {
  test('is said in people, accounts and roles, before anything is saved', async () => {
    await saveLeads();
    const text = await impactOf(ELIGIBILITY, { ...DRAFT, principals: ['GROUP:devs', 'USER:cleo'] });
    expect(text).toContain('2 people gain PowerUser in 2 accounts (4 combinations). For up to 2 h, with approval.');
    expect(text).toContain('People: Ana Ruiz, Cleo Lind');
    expect(text).toContain('Accounts: audit, payments');
    expect(await database().db.prisma.eligibilityPolicy.count()).toBe(0);
  });

  test('names the one person and account, and says that nobody could approve', async () => {
    const text = await impactOf(ELIGIBILITY, { ...DRAFT, targets: 'ACCOUNT:111111111111' });
    expect(text).toContain('Ana Ruiz gains PowerUser in payments. For up to 2 h, with approval.');
    expect(text).toContain('Nobody could approve when Ana Ruiz asks for PowerUser in payments');
  });

  test('compares with the policy as it is, and leaves out who is disabled and accounts that are closed', async () => {
    await saveLeads();
    const { id, version } = await saveDevelopers();
    const seen = { policyId: id, version: String(version) };
    expect(await impactOf(ELIGIBILITY, { ...DRAFT, ...seen })).toBe('Nothing changes for anybody.');
    expect(await impactOf(ELIGIBILITY, { ...DRAFT, ...seen, principals: ['GROUP:devs', 'USER:gone'] })).toBe(
      'Nothing changes for anybody.',
    );
    expect(await impactOf(ELIGIBILITY, { ...DRAFT, ...seen, maxDurationMinutes: '30' })).toContain(
      'Ana Ruiz may ask for PowerUser in 2 accounts for less time: up to 30 min instead of 2 h.',
    );
    await database().db.pool.query(`update accounts set state = 'SUSPENDED' where id = '222222222222'`);
    expect(await impactOf(ELIGIBILITY, { ...DRAFT, ...seen, targets: 'OU:ou-work' })).toBe(
      'Nothing changes for anybody.',
    );
    await database().db.pool.query(`update accounts set state = 'ACTIVE' where id = '222222222222'`);
    expect(await impactOf(ELIGIBILITY, { ...DRAFT, ...seen, targets: 'OU:ou-work' })).toContain(
      'Ana Ruiz loses PowerUser in audit.',
    );
  });

  test('says what is missing while the form is not complete', async () => {
    const text = await impactOf(ELIGIBILITY, { ...DRAFT, permissionSets: [] });
    expect(text).toBe('What would change is shown here once the form is complete. Choose at least one role.');
    expect(await impactOf(ELIGIBILITY, { ...DRAFT, name: '' })).toContain('Ana Ruiz gains');
  });

  test('warns of a role whose sessions outlive an hour', async () => {
    await database().db.pool.query('update permission_sets set session_seconds = 43200');
    expect(await impactOf(ELIGIBILITY, DRAFT)).toContain('A session of PowerUser lasts 12 h');
    await database().db.pool.query('update permission_sets set session_seconds = 3600');
    expect(await impactOf(ELIGIBILITY, DRAFT)).not.toContain('A session of');
  });

  test('is told as of the day on which the policy begins', async () => {
    const text = await impactOf(ELIGIBILITY, { ...DRAFT, startsAt: '2999-01-01T09:00' });
    expect(text).toMatch(/^From 2999-01-01/);
    expect(text).toContain('Ana Ruiz gains PowerUser');
  });

  test('shows the form again with the impact where there is no JavaScript', async () => {
    const answer = await post(`${ELIGIBILITY}/impact`, { ...DRAFT, note: 'typed so far' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('<h1>');
    expect(answer.body).toContain('typed so far');
    expect(textOf(answer.body)).toContain('Ana Ruiz gains PowerUser in 2 accounts.');
  });
});

describe('dates of a policy', () => {
  const at = (year: number) => new Date(`${year}-01-01T09:00:00Z`);
  const [begin, end] = ['2996-01-01T09:00', '2998-01-01T09:00'];

  test('that begins later than so far: told is what is lost until then, and which requests fall into the gap', async () => {
    await saveLeads();
    const { id, version } = await saveDevelopers();
    const inTheGap = await ask('111111111111', 'payments', { opensAt: at(2995) });
    const later = await ask('222222222222', 'audit', { opensAt: at(2997) });
    const text = await impactOf(ELIGIBILITY, { ...DRAFT, policyId: id, version: String(version), startsAt: begin });
    expect(text).toMatch(
      /^Now: Ana Ruiz loses PowerUser in 2 accounts\. Accounts: audit, payments From 2996-01-01[^:]+:\d\d: The same as without this change\. Open/,
    );
    expect(text).toContain(`1 scheduled request would be refused when access is to be given: ${inTheGap}`);
    expect(text).not.toContain(later);
  });

  test('that ends: told is what is lost then, and which requests that are scheduled after it would be refused', async () => {
    await saveLeads();
    const { id, version } = await saveDevelopers();
    const before = await ask('222222222222', 'audit', { opensAt: at(2997) });
    const after = await ask('111111111111', 'payments', { opensAt: at(2999) });
    const text = await impactOf(ELIGIBILITY, { ...DRAFT, policyId: id, version: String(version), endsAt: end });
    expect(text).toMatch(/^From 2998-01-01[^:]+:\d\d: Ana Ruiz loses PowerUser in 2 accounts\./);
    expect(text).not.toContain('Now:');
    expect(text).toContain(`1 scheduled request would be refused when access is to be given: ${after}`);
    expect(text).not.toContain(before);
  });

  test('that no longer begins and ends when it did: told is each moment at which something differs', async () => {
    await saveLeads();
    const { id, version } = await saveDevelopers({ startsAt: at(2996), endsAt: at(2998) });
    const text = await impactOf(ELIGIBILITY, { ...DRAFT, policyId: id, version: String(version) });
    expect(text).toMatch(
      /^Now: Ana Ruiz gains PowerUser in 2 accounts\. .* From 2996-01-01[^:]+:\d\d: The same as without this change\. From 2998-01-01[^:]+:\d\d: Ana Ruiz gains /,
    );
  });

  test('of an approval policy: requests that still wait then are told of that moment', async () => {
    const { id, version } = await saveLeads();
    await saveDevelopers();
    const pending = await ask('111111111111', 'payments');
    const soon = new Date(Date.now() + 30 * 60_000).toISOString().slice(0, 16);
    const whole = { ...LEADS_DRAFT, targets: 'OU:r-root', includeNestedOus: 'true' };
    const text = await impactOf(APPROVAL, { ...whole, policyId: id, version: String(version), endsAt: soon });
    expect(text).toMatch(/^From [^:]+:\d\d: Nobody could approve when Ana Ruiz asks/);
    expect(text).toMatch(
      new RegExp(`From [^:]+:\\d\\d: 1 pending request could be approved by nobody any more: ${pending}`),
    );
  });
});

describe('open requests', () => {
  test('that would be refused are named, whether they wait for a decision or for their time', async () => {
    await saveLeads();
    const { id, version } = await saveDevelopers();
    const pending = await ask('111111111111', 'payments');
    const scheduled = await ask('222222222222', 'audit', { opensAt: TOMORROW });
    const text = await impactOf(ELIGIBILITY, {
      ...DRAFT,
      policyId: id,
      version: String(version),
      maxDurationMinutes: '30',
    });
    expect(text).toContain('1 pending and 1 scheduled requests would be refused when access is to be given');
    expect(text).toContain(`${pending} (Ana Ruiz, payments, PowerUser), ${scheduled} (Ana Ruiz, audit, PowerUser)`);
  });

  test('are judged without the durations that the form offers, which is no reason to refuse what was asked for before', async () => {
    await saveLeads();
    const { id, version } = await saveDevelopers();
    await changeSetting(database().db, { allowedDurationsMinutes: [30, 120] });
    const scheduled = await ask('111111111111', 'payments', { minutes: 45, opensAt: TOMORROW });
    const shorter = { ...DRAFT, policyId: id, version: String(version), maxDurationMinutes: '30' };
    expect(await impactOf(ELIGIBILITY, shorter)).toContain(
      `1 scheduled request would be refused when access is to be given: ${scheduled}`,
    );
    await changeSetting(database().db, {});
  });

  test('that were sent in for more approvals are promised nothing by a policy that wants fewer', async () => {
    const { id, version } = await saveLeads({ steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }] });
    await saveDevelopers();
    await ask('111111111111', 'payments', { steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }] });
    const text = await impactOf(APPROVAL, { ...LEADS_DRAFT, policyId: id, version: String(version) });
    expect(text).toContain('Fewer approvals are needed when Ana Ruiz asks for PowerUser in payments');
    expect(text).not.toContain('pending request');
  });

  test('lose a step that only a policy added since, and are not said to be stuck by that', async () => {
    const security = { approvers: ['USER:cleo'], approvalsNeeded: 1 };
    const { id, version } = await saveLeads({ steps: [...LEADS.steps, security] });
    await saveDevelopers();
    const pending = await ask('111111111111', 'payments');
    await database().db.pool.query('update requests set submitted_steps = steps, steps = $1 where number = $2', [
      JSON.stringify([...LEADS.steps, security]),
      pending.slice('R-'.length),
    ]);
    const one = { ...LEADS_DRAFT, policyId: id, version: String(version), stepCount: '1' };
    const text = await impactOf(APPROVAL, one);
    expect(text).toContain('Fewer approvals are needed when Ana Ruiz asks for PowerUser in payments');
    expect(text).not.toContain('by nobody any more');
  });

  test('are said to need other approvers, not more, where they were sent in for so many', async () => {
    await saveLeads();
    await saveDevelopers();
    const pending = await ask('111111111111', 'payments', {
      steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }],
    });
    const narrowed = { ...LEADS_DRAFT, approvers: ['USER:cleo', 'USER:ben'], permissionSets: ROLE };
    const text = await impactOf(APPROVAL, { ...narrowed, approvalsNeeded: '2' });
    expect(text).toContain(`1 pending request needs other approvers: ${pending}`);
    expect(text).not.toContain('needs more approvals');
  });

  test('that nobody could approve before are not said to be so by a deletion', async () => {
    const { id } = await saveLeads();
    await saveDevelopers();
    await ask('111111111111', 'payments', { steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 2 }] });
    const page = await app().inject({ method: 'GET', url: `${APPROVAL}/${id}/deletion` });
    expect(textOf(page.body)).toContain('Nobody could approve when Ana Ruiz asks');
    expect(textOf(page.body)).not.toContain('any more:');
  });

  test('that need other approvers, or more, are told by an approval policy, and others are not', async () => {
    await saveLeads();
    await saveDevelopers();
    const inWorkloads = await ask('111111111111', 'payments');
    const elsewhere = await ask('222222222222', 'audit');
    const narrowed = { ...LEADS_DRAFT, approvers: ['USER:cleo', 'USER:ben'], permissionSets: ROLE };
    const text = await impactOf(APPROVAL, { ...narrowed, approvalsNeeded: '2' });
    expect(text).toContain('Other people decide when Ana Ruiz asks for PowerUser in payments.');
    expect(text).toContain(`1 pending request needs other approvers: ${inWorkloads} (Ana Ruiz, payments, PowerUser)`);
    expect(text).toContain(`1 pending request needs more approvals: ${inWorkloads}`);
    expect(text).not.toContain(elsewhere);
  });

  test('that nobody could approve any more are told when an approval policy is deleted', async () => {
    const { id } = await saveLeads();
    await saveDevelopers();
    const pending = await ask('111111111111', 'payments');
    const page = await app().inject({ method: 'GET', url: `${APPROVAL}/${id}/deletion` });
    const text = textOf(page.body);
    expect(text).toContain('Nobody could approve when Ana Ruiz asks for PowerUser in 2 accounts');
    expect(text).toContain(`1 pending request could be approved by nobody any more: ${pending}`);
    expect(text).toContain('requests that wait for a decision go by the approval policies that are left');
    expect(text).not.toContain('keep what they copied');
  });
});

test('deleting an eligibility policy shows who loses what on the page that asks', async () => {
  const { id } = await saveDevelopers({ principals: ['GROUP:devs', 'GROUP:leads'] });
  const page = await app().inject({ method: 'GET', url: `${ELIGIBILITY}/${id}/deletion` });
  // Of the leads one is disabled.
  expect(textOf(page.body)).toContain('2 people lose PowerUser in 2 accounts (4 combinations).');
});

test('a guardrail shows who gets less by it', async () => {
  await saveDevelopers({ approvalRequired: false });
  await saveLeads();
  const guardrail = { name: 'Never alone', permissionSets: ROLE, neverSelfServed: 'true', maxDurationMinutes: '60' };
  const text = await impactOf(GUARDRAIL, guardrail);
  expect(text).toContain('Ana Ruiz now needs approval for PowerUser in 2 accounts.');
  expect(text).toContain('for less time: up to 1 h instead of 2 h.');
});
