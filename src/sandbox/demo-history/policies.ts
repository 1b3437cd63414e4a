import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from '../../policy/index.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../settings/index.ts';
import { ref } from './company.ts';

/** Example Corp's settings: twelve hours at most, two days to decide. */
export const DEMO_SETTINGS: Settings = {
  ...DEFAULT_SETTINGS,
  maxDurationMinutes: 720,
  requestExpiryMinutes: 2_880,
  supportContact: 'the platform team (#platform-help)',
  timeZone: 'Europe/Berlin',
};

/** A policy with who wrote it and how many days ago; `before`: what its first version said otherwise. */
export interface PolicyStory<C extends object> {
  content: C;
  by: string;
  daysAgo: number;
  changed?: { by: string; daysAgo: number; before: Partial<C> };
  /** Deleted so many minutes ago. */
  deletedMinutesAgo?: number;
}

type Eligibility = PolicyContent<EligibilityPolicy>;
type Approval = PolicyContent<ApprovalPolicy>;

const eligible = (
  name: string,
  content: Pick<Eligibility, 'principals' | 'targets' | 'permissionSets'> & Partial<Eligibility>,
) => ({
  includeNestedOus: false,
  maxDurationMinutes: 480,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...content,
  name,
});

const deciding = (
  name: string,
  approvers: string[],
  approvalsNeeded: number,
  content: Pick<Approval, 'targets'> & Partial<Approval>,
) => ({
  includeNestedOus: false,
  permissionSets: [],
  requesterGroups: [],
  broaderMayDecide: false,
  note: '',
  ...content,
  name,
  steps: [{ approvers: approvers.toSorted(), approvalsNeeded }],
});

const PRODUCTION = 'Workloads/Production';
const PAYMENTS = 'Workloads/Production/Payments';
const STOREFRONT = 'Workloads/Production/Storefront';
const ADMIN = 'ines.moreau';
const OTHER_ADMIN = 'liam.murphy';

/** The group was deleted in Identity Center when the migration was over; the policy was forgotten. */
const GONE_GROUP = 'GROUP:9367a1b2c4-7d1e6f02-5b3a-4c88-9f10-2ad4c6e8b135';

export const ELIGIBILITY_POLICIES: PolicyStory<Eligibility>[] = [
  {
    content: eligible('Payments engineers in payments accounts', {
      principals: [ref.group('Payments Engineers')],
      targets: [ref.unit(PAYMENTS), ref.account('payments-staging'), ref.account('ledger-staging')],
      permissionSets: ref.roles('ReadOnly', 'LogsReader', 'PowerUser', 'DatabaseAdmin', 'DeployOperator'),
      note: 'Whoever builds payments may repair payments.',
    }),
    by: ADMIN,
    daysAgo: 88,
    changed: { by: OTHER_ADMIN, daysAgo: 66, before: { maxDurationMinutes: 240, note: '' } },
  },
  {
    content: eligible('Payments engineers in payments development, without approval', {
      principals: [ref.group('Payments Engineers')],
      targets: [ref.account('payments-dev'), ref.account('ledger-dev')],
      permissionSets: ref.roles('PowerUser', 'DatabaseAdmin'),
      maxDurationMinutes: 720,
      approvalRequired: false,
    }),
    by: ADMIN,
    daysAgo: 88,
  },
  {
    content: eligible('Everyone: ReadOnly in development, without approval', {
      principals: [ref.group('All Staff')],
      targets: [ref.unit('Workloads/Development')],
      permissionSets: ref.roles('ReadOnly', 'LogsReader'),
      approvalRequired: false,
      note: 'There is no customer data in development.',
    }),
    by: ADMIN,
    daysAgo: 87,
  },
  {
    content: eligible('On-call: PowerUser and above in production', {
      principals: [ref.group('SRE On-call')],
      targets: [ref.unit(PRODUCTION)],
      includeNestedOus: true,
      permissionSets: ref.roles('PowerUser', 'AdministratorAccess', 'DatabaseAdmin'),
      maxDurationMinutes: 240,
      ticketRequired: true,
      note: 'The ticket is the incident. AdministratorAccess takes two approvals.',
    }),
    by: ADMIN,
    daysAgo: 86,
    changed: { by: ADMIN, daysAgo: 64, before: { ticketRequired: false, note: '' } },
  },
  {
    content: eligible('On-call: logs in production, without approval', {
      principals: [ref.group('SRE On-call')],
      targets: [ref.unit(PRODUCTION)],
      includeNestedOus: true,
      permissionSets: ref.roles('LogsReader'),
      approvalRequired: false,
      note: 'Nobody should wait for an approval to read a log at night.',
    }),
    by: OTHER_ADMIN,
    daysAgo: 80,
  },
  {
    content: eligible('Storefront engineers in storefront accounts', {
      principals: [ref.group('Storefront Engineers')],
      targets: [ref.unit(STOREFRONT), ref.account('storefront-staging'), ref.account('search-staging')],
      permissionSets: ref.roles('ReadOnly', 'PowerUser', 'DeployOperator'),
    }),
    by: ADMIN,
    daysAgo: 85,
  },
  {
    content: eligible('Data engineers on the data platform', {
      principals: [ref.group('Data Engineers')],
      targets: [ref.account('data-prod'), ref.account('data-staging'), ref.account('data-dev')],
      permissionSets: ref.roles('DataScientist', 'DatabaseAdmin'),
    }),
    by: OTHER_ADMIN,
    daysAgo: 79,
  },
  {
    content: eligible('Nora Bakke looks after the network', {
      principals: [ref.user('nora.bakke')],
      targets: [ref.unit('Platform')],
      permissionSets: ref.roles('NetworkAdmin'),
      note: 'Until the network team has a group of its own.',
    }),
    by: ADMIN,
    daysAgo: 72,
  },
  {
    content: eligible('Migration squad in the catalog', {
      principals: [GONE_GROUP],
      targets: [ref.account('catalog-prod')],
      permissionSets: ref.roles('PowerUser'),
      maxDurationMinutes: 720,
      ticketRequired: true,
      note: 'For the move to the new catalog; to be deleted afterwards.',
    }),
    by: OTHER_ADMIN,
    daysAgo: 83,
  },
  {
    content: eligible('Platform leads administer the organization', {
      principals: [ref.group('Platform Leads')],
      targets: [ref.account('shared-services')],
      permissionSets: ref.roles('OrganizationAdmin'),
      maxDurationMinutes: 60,
    }),
    by: OTHER_ADMIN,
    daysAgo: 30,
    deletedMinutesAgo: 95,
  },
];

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
];
