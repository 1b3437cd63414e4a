import { DEMO_ACCOUNTS, DEMO_PEOPLE, DEMO_PERMISSION_SETS, demoUserId } from '../../src/sandbox/demo-organization.ts';

const lena = demoUserId(DEMO_PEOPLE.requester);
const account = DEMO_ACCOUNTS['payments-prod'] ?? '';
const role = DEMO_PERMISSION_SETS.PowerUser ?? '';

const to = (query: Record<string, string>) => `/admin/who?${new URLSearchParams(query)}`;

/** What "Who can get what" is asked, by title. */
export const WHO_CASES: Record<string, string> = {
  'who can get what, nothing chosen': '/admin/who',
  'why a person may have a role': to({ person: lena, account, role }),
  'why a person may not have a role': to({ person: demoUserId(DEMO_PEOPLE.auditor), account, role, duration: '9000' }),
  'what a person may ask for': to({ person: lena }),
  'what a person may ask for in an account': to({ person: lena, account }),
  'who may ask for a role in an account': to({ account, role }),
  'who may ask for a role': to({ role }),
};
