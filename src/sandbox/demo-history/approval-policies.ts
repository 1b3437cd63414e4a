import type { ApprovalPolicy, PolicyContent } from '../../policy/index.ts';
import { ref } from './company.ts';
import { ADMIN, OTHER_ADMIN, PAYMENTS, type PolicyStory, PRODUCTION, STOREFRONT } from './policy-story.ts';

type Approval = PolicyContent<ApprovalPolicy>;

const deciding = (
  name: string,
  approvers: string[],
  approvalsNeeded: number,
  content: Pick<Approval, 'targets'> & Partial<Approval>,
) => ({
  exclusions: [],
  enabled: true,
  startsAt: null,
  endsAt: null,
  ticket: '',
  includeNestedOus: false,
  permissionSets: [],
  requesterGroups: [],
  broaderMayDecide: false,
  note: '',
  ...content,
  name,
  steps: [{ approvers: approvers.toSorted(), approvalsNeeded }],
});

export const APPROVAL_POLICIES: PolicyStory<Approval>[] = [
  {
    content: deciding('Payments leads decide on payments', [ref.group('Payments Leads')], 1, {
      targets: [ref.unit(PAYMENTS), ref.account('payments-staging'), ref.account('ledger-staging')],
    }),
    by: ADMIN,
    daysAgo: 88,
  },
  {
    content: deciding('Storefront leads decide on the storefront', [ref.group('Storefront Leads')], 1, {
      targets: [ref.unit(STOREFRONT), ref.account('storefront-staging'), ref.account('search-staging')],
    }),
    by: ADMIN,
    daysAgo: 85,
  },
  {
    content: deciding('Platform leads decide on production and the platform', [ref.group('Platform Leads')], 1, {
      targets: [ref.unit(PRODUCTION), ref.unit('Platform')],
      includeNestedOus: true,
      note: 'Besides those who lead the product itself.',
    }),
    by: ADMIN,
    daysAgo: 86,
  },
  {
    content: deciding('Tomás Novák decides on the data platform', [ref.user('tomas.novak')], 1, {
      targets: [ref.account('data-prod'), ref.account('data-staging'), ref.account('data-dev')],
      note: 'Until the data team has a lead again.',
    }),
    by: OTHER_ADMIN,
    daysAgo: 79,
  },
  {
    content: deciding(
      'AdministratorAccess in production takes two',
      [ref.group('Platform Leads'), ref.user('priya.raman')],
      2,
      { targets: [ref.unit(PRODUCTION)], includeNestedOus: true, permissionSets: ref.roles('AdministratorAccess') },
    ),
    by: ADMIN,
    daysAgo: 86,
  },
  {
    content: {
      ...deciding('Keys in production: a platform lead, then security', [], 1, {
        targets: [ref.unit(PRODUCTION)],
        includeNestedOus: true,
        permissionSets: ref.roles('KeyAdmin'),
        note: 'Two people from two teams, one after the other.',
        ticket: 'SEC-377',
      }),
      steps: [
        { approvers: [ref.group('Platform Leads')], approvalsNeeded: 1 },
        { approvers: [ref.group('Security Auditors')], approvalsNeeded: 1 },
      ],
    },
    by: ADMIN,
    daysAgo: 63,
  },
];
