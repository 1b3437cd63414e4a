import { given, plusMinutes, type Story, yes } from './story.ts';

/** Whose access AWS never finishes to give: a fault of the sandbox holds it up. */
export const STUCK = { who: 'ravi.patel', role: 'DeployOperator', account: 'payments-prod-dr' };

/** What AWS really says when it cannot reach an account's IAM. */
const AWS_TAKES_LONGER = (accountId: string) =>
  `AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account '${accountId}' takes longer than usual. Please try again in a few minutes. If this problem continues, contact AWS Support.`;

/** Who has access at Example Corp right now, and who had until a few hours ago. */
export function storiesOfToday(now: Date): Story[] {
  const ago = (minutes: number) => plusMinutes(now, -minutes);
  return [
    // On its way, there, and held up.
    {
      ...STUCK,
      minutes: 480,
      ticket: 'PAY-1499',
      why: 'Fail the payment gateway over to the DR account for the quarterly exercise.',
      submittedAt: ago(16),
      outcome: given('activating', yes('priya.raman', 15, 'Good luck with the exercise.')),
    },
    {
      who: 'lena.fischer',
      role: 'PowerUser',
      account: 'payments-prod',
      minutes: 240,
      ticket: 'PAY-1500',
      why: 'The refund worker fails on orders with a voucher; I need to drain its dead letter queue and redeploy.',
      submittedAt: ago(63),
      outcome: given('active', yes('priya.raman', 8, 'Yes. Tell support when the queue is empty.')),
      acts: ['describe-instances', 'list-buckets', 'stop-instance', 'schedule-key-deletion'],
    },
    {
      who: 'Marcus.Webb',
      role: 'AdministratorAccess',
      account: 'storefront-prod',
      minutes: 120,
      ticket: 'INC-2319',
      why: 'Checkout answers 502 for one in ten: the load balancer’s role was changed by hand and must be put back.',
      submittedAt: ago(52),
      outcome: given(
        'active',
        yes('tomas.novak', 4, 'Incident is declared, go.'),
        yes('Hannah.Schneider', 7, 'Second yes. Please shorten it when done.'),
      ),
      acts: ['list-roles', 'describe-instances', 'delete-security-group-rule'],
    },
    {
      who: 'fatima.alhassan',
      role: 'DataScientist',
      account: 'data-staging',
      minutes: 60,
      ticket: '',
      why: 'Try the new Athena workgroup limits before they go to production.',
      submittedAt: ago(58),
      outcome: given('active', yes('tomas.novak', 9, 'Fine.')),
      acts: ['list-buckets'],
    },
    {
      who: 'ben.carter',
      role: 'ReadOnly',
      account: 'storefront-dev',
      minutes: 240,
      ticket: '',
      why: 'A customer reports a broken voucher page; comparing what development shows for the same voucher.',
      submittedAt: ago(34),
      outcome: given('active'),
      acts: ['list-buckets'],
    },
    // Two grants of the same access: the first ends while the second goes on.
    {
      who: 'oleksandr.kovalenko',
      role: 'LogsReader',
      account: 'mobile-api-prod',
      minutes: 120,
      ticket: 'INC-2319',
      why: 'Follow the checkout errors through the mobile API’s logs.',
      submittedAt: ago(74),
      outcome: given('active'),
      acts: ['describe-instances'],
    },
    {
      who: 'oleksandr.kovalenko',
      role: 'LogsReader',
      account: 'mobile-api-prod',
      minutes: 360,
      ticket: 'INC-2319',
      why: 'The incident goes on into the evening; I keep watching the mobile API’s logs.',
      submittedAt: ago(22),
      outcome: given('active'),
      found: 'other grant',
    },
    // AWS refuses to take this one away: the permission set reached the management account.
    {
      who: 'tomas.novak',
      role: 'OrganizationAdmin',
      account: 'shared-services',
      minutes: 60,
      ticket: 'SEC-418',
      why: 'Clean up delegated administrators that are left from the old security tooling.',
      submittedAt: ago(345),
      outcome: given('overdue', yes('Hannah.Schneider', 11, 'As discussed with Inès.')),
      acts: ['list-roles'],
    },
    {
      who: 'zoë.lindqvist',
      role: 'PowerUser',
      account: 'storefront-prod',
      minutes: 480,
      ticket: 'SHOP-2204',
      why: 'Warm the product image cache after the CDN change and watch the hit rate for the day.',
      submittedAt: ago(128),
      outcome: {
        kind: 'given',
        said: [yes('claire.dupont', 22, 'Yes, but not during the flash sale.')],
        life: { kind: 'failed', aws: AWS_TAKES_LONGER('212000000304') },
      },
    },

    // Over since earlier today.
    {
      who: 'yuki.sato',
      role: 'DatabaseAdmin',
      account: 'ledger-prod',
      minutes: 60,
      ticket: 'PAY-1497',
      why: 'Add the missing index on the settlement table that makes the morning report time out.',
      submittedAt: ago(312),
      outcome: given('ended', yes('priya.raman', 6, 'Yes, with CONCURRENTLY.')),
      acts: ['describe-instances', 'list-buckets', 'schedule-key-deletion'],
    },
    {
      who: 'JDubois',
      role: 'DeployOperator',
      account: 'search-prod',
      minutes: 120,
      ticket: 'SHOP-2201',
      why: 'Roll the search service back to last week’s release: results are empty for accented words.',
      submittedAt: ago(500),
      outcome: {
        kind: 'given',
        said: [yes('erik.vandenberg', 5, 'Please, quickly.')],
        life: {
          kind: 'revoked',
          cause: 'requester',
          by: 'JDubois',
          after: 38,
          comment: 'Rolled back, search is fine.',
        },
      },
      acts: ['describe-instances', 'stop-instance'],
    },
  ];
}
