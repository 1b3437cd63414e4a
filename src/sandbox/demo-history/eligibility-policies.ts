import type { EligibilityPolicy, PolicyContent } from '../../policy/index.ts';
import { ref } from './company.ts';
import { ADMIN, OTHER_ADMIN, PAYMENTS, type PolicyStory, PRODUCTION, STOREFRONT } from './policy-story.ts';

type Eligibility = PolicyContent<EligibilityPolicy>;

const eligible = (
  name: string,
  content: Pick<Eligibility, 'principals' | 'targets' | 'permissionSets'> & Partial<Eligibility>,
) => ({
  exclusions: [],
  enabled: true,
  startsAt: null,
  endsAt: null,
  ticket: '',
  includeNestedOus: false,
  maxDurationMinutes: 480,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...content,
  name,
});

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
      exclusions: [ref.account('payments-dev')],
      approvalRequired: false,
      note: 'There is no customer data in development, save in payments-dev.',
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
    content: eligible('On-call: keys in production', {
      principals: [ref.group('SRE On-call')],
      targets: [ref.unit(PRODUCTION)],
      includeNestedOus: true,
      permissionSets: ref.roles('KeyAdmin'),
      maxDurationMinutes: 60,
      ticketRequired: true,
      ticket: 'SEC-377',
    }),
    by: ADMIN,
    daysAgo: 63,
  },
  {
    content: eligible('Storefront engineers deploy on Black Friday, without approval', {
      principals: [ref.group('Storefront Engineers')],
      targets: [ref.unit(STOREFRONT)],
      permissionSets: ref.roles('DeployOperator'),
      maxDurationMinutes: 720,
      approvalRequired: false,
      enabled: false,
      note: 'Switched on for the week of Black Friday, and off again.',
    }),
    by: OTHER_ADMIN,
    daysAgo: 20,
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
