import type { Page } from 'playwright-core';
import { DEMO_ACCOUNTS, type DEMO_PEOPLE, DEMO_PERMISSION_SETS } from '../../src/sandbox/demo-organization.ts';
import type { TestPortal } from '../support/portal.ts';
import { compared } from './compared.ts';
import { EMERGENCY_CASES, UNDER_WAY } from './emergency-cases.ts';
import { POLICY_CHANGE_CASES } from './policy-change-cases.ts';
import { RESTORE_CASES } from './restore-cases.ts';
import { WHO_CASES } from './who-cases.ts';

/** A persona of the demo, the requester of the request that is looked at, or nobody. */
export type Who = keyof typeof DEMO_PEOPLE | 'its requester' | null;

/** What a page is opened in: a portal with the demo's history. */
export interface Stage {
  portal: TestPortal;
  /** The ID of a request that people see in this status. */
  requestIn(status: string): string;
  /** The ID of a policy. */
  policy(kind: 'eligibility' | 'approval' | 'guardrail'): string;
}

export interface PageCase {
  title: string;
  /** As the table of routes has it. */
  route: string;
  who: Who;
  /** What `its requester` means. */
  requestStatus?: string;
  status: number;
  /** Differs from another case in words only: colours and widths are looked at there. */
  brief?: boolean;
  open(page: Page, stage: Stage): Promise<unknown>;
}

type Address = string | ((stage: Stage) => string);

function at(title: string, route: string, who: Who, address: Address = route, status = 200): PageCase {
  return {
    title,
    route: `GET ${route}`,
    who,
    status,
    open: (page, stage) => page.goto(typeof address === 'string' ? address : address(stage)),
  };
}

/** Fills in a form of the page at `address` and sends it as a browser without its own checks would. */
function sent(
  title: string,
  route: string,
  who: Who,
  form: { address: Address; action: Address; fields?: Record<string, string>; verdict?: string; status?: number },
): PageCase {
  return {
    title,
    route: `POST ${route}`,
    who,
    status: form.status ?? 422,
    async open(page, stage) {
      const { address, action } = form;
      await page.goto(typeof address === 'string' ? address : address(stage));
      const [path, fields] = [typeof action === 'string' ? action : action(stage), form.fields ?? {}];
      await page.evaluate(
        `(() => {
          const form = document.querySelector('main form[method=post][action="${path}"]');
          for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
            const field = form.querySelector('[name="' + name + '"]');
            if (field.type === 'checkbox') field.checked = value === 'true'; else field.value = value;
          }
          form.noValidate = true;
        })()`,
      );
      const button = form.verdict
        ? `form[method=post] [name=verdict][value=${form.verdict}]`
        : `form[method=post][action="${path}"] button`;
      // Not `framenavigated`: a script that notes an address in the history fires that too.
      const landed = page.waitForEvent('load');
      await page.evaluate(
        `{ const button = document.querySelector('main ${button}'); button.form.requestSubmit((button.getAttribute('formaction') ?? button.form.getAttribute('action')).endsWith('${path}') ? button : undefined); }`,
      );
      await landed;
    },
  };
}

const STATUSES = 'pending rejected cancelled expired scheduled activating active ending ended revoked failed'.split(
  ' ',
);
const READERS: Who[] = ['its requester', 'secondApprover', 'auditor', 'admin'];

/** A request in each status, as everyone who may read it. */
const requests = STATUSES.flatMap((status) =>
  READERS.map((who) => ({
    ...at(
      `a request that is ${status}, as ${who}`,
      '/requests/:id',
      who,
      (stage) => `/requests/${stage.requestIn(status)}`,
    ),
    requestStatus: status,
    brief: (who === 'auditor' || who === 'admin') && !['pending', 'active', 'failed'].includes(status),
  })),
);

const asRequester = (status: string, page: PageCase): PageCase => ({ ...page, requestStatus: status });
const base = (stage: Stage, status: string) => `/requests/${stage.requestIn(status)}`;
const filled = new URLSearchParams({
  accountId: DEMO_ACCOUNTS['payments-prod']!,
  permissionSetArn: DEMO_PERMISSION_SETS.PowerUser!,
  durationMinutes: '120',
  justification: 'The ledger job hangs and has to be restarted.',
});

const asking: PageCase[] = [
  at('home of somebody with access', '/', 'requester'),
  at('home of an approver', '/', 'approver'),
  at('home of an auditor', '/', 'auditor'),
  at('home of an administrator', '/', 'admin'),
  at('an empty request', '/requests/new', 'requester'),
  at('a request filled in by its link', '/requests/new', 'requester', `/requests/new?${filled}`),
  at('a request that nobody may make', '/requests/new', 'auditor', `/requests/new?${filled}`),
  sent('a request with everything missing', '/requests', 'requester', {
    address: '/requests/new',
    action: '/requests',
  }),
  at('my requests', '/requests', 'requester'),
  at('my requests, none yet', '/requests', 'auditor'),
  at(
    'my requests, filtered until none is left',
    '/requests',
    'requester',
    '/requests?q=nothing&status=failed&from=2020-01-01',
  ),
  asRequester(
    'pending',
    at(
      'asking whether to cancel',
      '/requests/:id/cancellation',
      'its requester',
      (stage) => `${base(stage, 'pending')}/cancellation`,
    ),
  ),
  asRequester(
    'active',
    at(
      'asking whether to end access',
      '/requests/:id/revocation',
      'its requester',
      (stage) => `${base(stage, 'active')}/revocation`,
    ),
  ),
  asRequester(
    'active',
    at(
      'asking for more time',
      '/requests/:id/extension',
      'its requester',
      (stage) => `${base(stage, 'active')}/extension`,
    ),
  ),
  asRequester(
    'active',
    sent('asking for more time without saying why', '/requests/:id/extension', 'its requester', {
      address: (stage) => `${base(stage, 'active')}/extension`,
      action: (stage) => `${base(stage, 'active')}/extension`,
      fields: { customMinutes: '0' },
    }),
  ),
  asRequester(
    'ended',
    at(
      'asking for more time when access is over',
      '/requests/:id/extension',
      'its requester',
      (stage) => `${base(stage, 'ended')}/extension`,
      409,
    ),
  ),
  at('asking whether to revoke', '/requests/:id/revocation', 'admin', (stage) => `${base(stage, 'active')}/revocation`),
  sent('revoking without saying why', '/requests/:id/revocation', 'admin', {
    address: (stage) => `${base(stage, 'active')}/revocation`,
    action: (stage) => `${base(stage, 'active')}/revocation`,
  }),
  asRequester(
    'active',
    at(
      'what was done with access',
      '/requests/:id/activity',
      'its requester',
      (stage) => `${base(stage, 'active')}/activity`,
    ),
  ),
];

const deciding: PageCase[] = [
  at('what waits for an approver', '/approvals', 'secondApprover'),
  at('what waits, filtered until none is left', '/approvals', 'secondApprover', '/approvals?q=nothing'),
  sent('deciding on nothing', '/approvals', 'secondApprover', {
    address: '/approvals',
    action: '/approvals',
    verdict: 'approve',
  }),
  sent('an approval without a comment', '/requests/:id/approval', 'secondApprover', {
    address: (stage) => base(stage, 'pending'),
    action: (stage) => `${base(stage, 'pending')}/approval`,
    fields: { durationMinutes: '0' },
  }),
  at('what an approver decided', '/approvals/mine', 'secondApprover'),
  at('active access as an approver', '/access/active', 'secondApprover'),
  at('active access as an administrator', '/access/active', 'admin'),
  at('active access of a requester', '/access/active', 'requester'),
  at('ended access as an approver', '/access/ended', 'secondApprover'),
  at('ended access, none', '/access/ended', 'secondApprover', '/access/ended?q=nothing'),
];

const auditing: PageCase[] = [
  at('all approvals', '/audit/approvals', 'auditor'),
  at('all approvals, filtered', '/audit/approvals', 'auditor', '/audit/approvals?status=ended&q=payments'),
  at('all access', '/audit/access', 'auditor'),
  at('all access, none', '/audit/access', 'auditor', '/audit/access?q=nothing'),
];

const policies: PageCase[] = (['eligibility', 'approval'] as const).flatMap((kind) => {
  const list = `/admin/${kind}-policies`;
  return [
    at(`${kind} policies`, list, 'admin'),
    at(`${kind} policies, none found`, list, 'admin', `${list}?q=nothing`),
    at(`a new ${kind} policy`, `${list}/new`, 'admin'),
    sent(`an empty ${kind} policy`, list, 'admin', { address: `${list}/new`, action: list }),
    at(`an ${kind} policy`, `${list}/:id/edit`, 'admin', (stage) => `${list}/${stage.policy(kind)}/edit`),
    at(
      `deleting an ${kind} policy`,
      `${list}/:id/deletion`,
      'admin',
      (stage) => `${list}/${stage.policy(kind)}/deletion`,
    ),
  ];
});

const guardrails: PageCase[] = [
  at('guardrails', '/admin/guardrails', 'admin'),
  at('a new guardrail', '/admin/guardrails/new', 'admin'),
  sent('an empty guardrail', '/admin/guardrails', 'admin', {
    address: '/admin/guardrails/new',
    action: '/admin/guardrails',
    fields: { neverSelfServed: 'false' },
  }),
  at(
    'a guardrail',
    '/admin/guardrails/:id/edit',
    'admin',
    (stage) => `/admin/guardrails/${stage.policy('guardrail')}/edit`,
  ),
  at(
    'deleting a guardrail',
    '/admin/guardrails/:id/deletion',
    'admin',
    (stage) => `/admin/guardrails/${stage.policy('guardrail')}/deletion`,
  ),
];

const settings: PageCase[] = [
  at('health', '/admin/health', 'admin'),
  at('health, as auditors read it', '/admin/health', 'auditor'),
  at('the directory', '/admin/directory', 'admin'),
  at('what changed in the directory', '/admin/directory', 'admin', '/admin/directory?kind=account'),
  compared(at('drift', '/admin/drift', 'admin')),
  compared(at('drift, as auditors read it', '/admin/drift', 'auditor')),
  compared(at('drift, nothing matches', '/admin/drift', 'admin', '/admin/drift?q=nothing')),
  compared(
    sent('a decision on drift with everything missing', '/admin/drift/decisions', 'admin', {
      address: '/admin/drift',
      action: '/admin/drift/decisions',
      verdict: 'leave',
    }),
  ),
  compared(
    sent('asking whether to remove drift', '/admin/drift/decisions', 'admin', {
      address: '/admin/drift',
      action: '/admin/drift/decisions',
      verdict: 'remove',
      fields: { chosen: 'true', reason: 'Nobody knows what it is for.' },
      status: 200,
    }),
  ),
  sent('a comparison of nothing', '/admin/drift/comparisons', 'admin', {
    address: '/admin/drift',
    action: '/admin/drift/comparisons',
  }),
  at('settings', '/admin/settings', 'admin'),
  at('what was changed in the settings', '/admin/settings/history', 'admin'),
  at('what was changed in the settings, as auditors read it', '/admin/settings/history', 'auditor'),
  at(
    'a setting that was never changed',
    '/admin/settings/history',
    'admin',
    '/admin/settings/history?setting=ticketLink',
  ),
  at('preferences', '/preferences', 'requester'),
  sent('preferences that cannot be', '/preferences', 'requester', {
    address: '/preferences',
    action: '/preferences',
    fields: { timeZone: 'Nowhere' },
  }),
  sent('settings that another admin changed meanwhile', '/admin/settings', 'admin', {
    address: '/admin/settings',
    action: '/admin/settings',
    fields: { version: '0', maxDurationMinutes: '120' },
    status: 409,
  }),
  sent('settings that cannot be', '/admin/settings', 'admin', {
    address: '/admin/settings',
    action: '/admin/settings',
    fields: { maxDurationMinutes: '0', timeZone: 'Nowhere', approvalEnabled: 'false' },
  }),
];

const errors: PageCase[] = [
  at('a page for administrators only', '/admin/settings', 'requester', '/admin/settings', 403),
  at('a page that does not exist', '/*', 'requester', '/no/such/page', 404),
  at('a page that does not exist, not signed in', '/*', null, '/no/such/page', 404),
  {
    ...at(
      'cancelling what is over',
      '/requests/:id/cancellation',
      'its requester',
      (stage) => `${base(stage, 'ended')}/cancellation`,
      409,
    ),
    requestStatus: 'ended',
  },
  {
    title: 'sending a request while AWS is away',
    route: 'POST /requests',
    who: 'requester',
    status: 503,
    async open(page, { portal }) {
      await page.goto(`/requests/new?${filled}`);
      portal.sandbox.faults.outage = true;
      try {
        await page.getByRole('button', { name: 'Submit request' }).click({ timeout: 30_000 });
        await page.waitForURL((url) => url.pathname === '/requests');
      } finally {
        portal.sandbox.faults.outage = false;
      }
    },
  },
];

const signingIn: PageCase[] = [
  at('signed out', '/signed-out', null),
  at('a reload of the sign-in', '/saml/acs', null, '/saml/acs', 400),
  {
    title: 'a rejected sign-in',
    route: 'POST /saml/acs',
    who: null,
    status: 400,
    open: (page, { portal }) => post(page, `${portal.url}/saml/acs`, 'nonsense'),
  },
  {
    title: 'a tile that asks to continue to sign in',
    route: 'POST /saml/acs',
    who: null,
    status: 200,
    async open(page, { portal: { url, sandbox } }) {
      const [user] = sandbox.organization.users;
      const unsolicited = Buffer.from(sandbox.identityProvider.responseFor(user!, null)).toString('base64');
      await post(page, `${url}/saml/acs`, unsolicited);
      await page.getByRole('button', { name: 'Continue to sign in' }).waitFor();
    },
  },
];

async function post(page: Page, address: string, samlResponse: string): Promise<void> {
  await page.setContent(
    `<form method="post" action="${address}"><input name="SAMLResponse" value="${samlResponse}"><button>Post</button></form>`,
  );
  await page.getByRole('button').click();
  await page.waitForURL(address);
}

const emergencies: PageCase[] = [
  ...EMERGENCY_CASES.map(([title, route, address, status]) => at(title, route, 'admin', address, status)),
  sent('stopping without the word', '/admin/emergency/giving', 'admin', {
    address: '/admin/emergency',
    action: '/admin/emergency/giving',
  }),
  sent('ending all without the word', '/admin/emergency/end', 'admin', {
    address: '/admin/emergency/end?scope=all',
    action: '/admin/emergency/end',
  }),
  {
    ...at('an emergency under way', '/admin/emergency/:id', 'admin'),
    async open(page, { portal }) {
      const { rows } = await portal.database.db.pool.query<{ id: string }>(UNDER_WAY);
      return page.goto(`/admin/emergency/${rows[0]?.id}`);
    },
  },
];

export const PAGE_CASES: PageCase[] = [
  ...asking,
  ...requests,
  ...deciding,
  ...auditing,
  ...policies,
  ...guardrails,
  ...POLICY_CHANGE_CASES,
  ...Object.entries(WHO_CASES).map(([title, address]) => at(title, '/admin/who', 'admin', address)),
  ...settings,
  ...emergencies,
  ...RESTORE_CASES,
  ...errors,
  ...signingIn,
  // The last, because then nothing waits any more.
  sent('what came of several decisions', '/approvals', 'secondApprover', {
    address: '/approvals',
    action: '/approvals',
    verdict: 'reject',
    fields: { chosen: 'true', comment: 'Not this week.' },
    status: 200,
  }),
];

const formsAgain = ['eligibility-policies', 'approval-policies', 'guardrails'].flatMap((kind) =>
  ['draft', 'preview', 'impact'].map((part) => [`GET /admin/${kind}/${part}`, 'leads to the form']),
);

/** What can be asked for with GET and is no page of its own. */
export const NOT_PAGES: Record<string, string> = {
  ...Object.fromEntries(formsAgain),
  'GET /healthz': 'for load balancers',
  'GET /readyz': 'for load balancers',
  'GET /metrics': 'for Prometheus',
  'GET /login': 'leads to the identity provider',
  'GET /saml/metadata': 'for Identity Center',
  'GET /admin/who/pickers/:field': 'part of the form',
  'GET /requests/new/draft': 'leads to the form',
  'GET /requests/new/verdict': 'part of the form',
  'GET /requests/new/accounts': 'part of the form',
  'GET /requests/new/roles': 'part of the form',
  'GET /requests/:id/state': 'part of the request',
  'GET /admin/directory/state': 'part of the directory',
  'GET /admin/drift/state': 'part of drift',
  'GET /admin/drift/pickers/:field': 'part of the form',
  'GET /admin/emergency/:id/state': 'part of the emergency',
  'GET /admin/restore/state': 'part of the restore',
  'GET /admin/health/state': 'part of the page of health',
  'GET /requests/:id/activity.csv': 'a file',
  'GET /audit/approvals.csv': 'a file',
  'GET /audit/access.csv': 'a file',
};
