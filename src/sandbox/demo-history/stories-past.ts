import { given, type Outcome, plusMinutes, type Story, yes } from './story.ts';

const cancelled = (after: number, comment: string): Outcome => ({ kind: 'cancelled', after, comment });
const rejected = (who: string, after: number, comment: string): Outcome => ({
  kind: 'rejected',
  said: [yes(who, after, comment)],
});
const expired: Outcome = { kind: 'expired' };

/** The last two months at Example Corp, the oldest first. Days ago and the time of that day, in UTC. */
export function storiesOfThePast(now: Date): Story[] {
  const stories: Story[] = [];
  const add = (
    [daysAgo, time]: [number, string],
    [who, role, account, minutes]: [string, string, string, number],
    ticket: string,
    why: string,
    outcome: Outcome,
    more: { acts?: string[]; startsAfter?: number; found?: 'by hand' } = {},
  ) => {
    const { startsAfter, ...rest } = more;
    const submittedAt = onDay(now, daysAgo, time);
    const startsAt = startsAfter === undefined ? {} : { startsAt: plusMinutes(submittedAt, startsAfter) };
    stories.push({ who, role, account, minutes, ticket, why, submittedAt, ...startsAt, outcome, ...rest });
  };

  add(
    [60, '07:41'],
    ['wei.zhang', 'PowerUser', 'payments-prod', 120],
    'PAY-1388',
    'Replay the settlement batch that stopped at midnight.',
    given('ended', yes('priya.raman', 9, 'Go ahead.')),
    { acts: ['describe-instances', 'stop-instance'] },
  );
  add(
    [59, '13:05'],
    ['sofia.rossi', 'DeployOperator', 'storefront-prod', 60],
    'SHOP-2011',
    'Release 8.14 with the new basket.',
    given('ended', yes('claire.dupont', 16, 'Fine, after lunch.')),
  );
  add(
    [57, '09:30'],
    ['Marcus.Webb', 'PowerUser', 'mobile-api-prod', 120],
    'INC-2204',
    'The API’s instances run out of disk; extend the volumes and clean up.',
    given('ended', yes('tomas.novak', 3, 'Yes.')),
    { acts: ['describe-instances', 'list-buckets'] },
  );
  add(
    [56, '15:20'],
    ['lena.fischer', 'DatabaseAdmin', 'payments-prod', 240],
    'PAY-1391',
    'Change the partitioning of the transactions table.',
    rejected('priya.raman', 42, 'Not on a Friday afternoon. Please ask again for Monday morning.'),
  );
  add(
    [53, '06:12'],
    ['lena.fischer', 'DatabaseAdmin', 'payments-prod', 240],
    'PAY-1391',
    'Change the partitioning of the transactions table, now on Monday.',
    given('ended', yes('priya.raman', 20, 'Thank you for waiting. Three hours should do.', 180)),
    { acts: ['describe-instances', 'list-buckets', 'schedule-key-deletion'] },
  );
  add(
    [52, '10:02'],
    ['aiko.tanaka', 'ReadOnly', 'mobile-api-dev', 60],
    '',
    'Look up how a push message looks that a customer asks about.',
    given('ended'),
  );
  add(
    [51, '16:44'],
    ['viktor.petrov', 'AdministratorAccess', 'search-prod', 60],
    'INC-2219',
    'Search cannot assume its role since the last Terraform run.',
    given('ended', yes('tomas.novak', 5, 'Yes.'), yes('kofi.mensah', 12, 'Yes, please post what you change.')),
    { acts: ['list-roles', 'put-bucket-policy'] },
  );
  add(
    [49, '08:55'],
    ['emma.johansson', 'PowerUser', 'catalog-prod', 180],
    'SHOP-2030',
    'Rebuild the catalog’s search index after the price import.',
    given('ended', yes('erik.vandenberg', 11, 'OK.')),
  );
  add(
    [48, '11:17'],
    ['jakub.wojcik', 'ReadOnly', 'data-dev', 120],
    '',
    'Check which columns the export has before we ask for production.',
    given('ended'),
  );
  add(
    [46, '07:26'],
    ['dario.conti', 'DatabaseAdmin', 'data-prod', 120],
    'DATA-702',
    'Restore the orders table to before the faulty import.',
    given('ended', yes('tomas.novak', 18, 'Yes.')),
    { found: 'by hand' },
  );
  add(
    [45, '12:38'],
    ['minh.nguyen', 'PowerUser', 'storefront-staging', 240],
    '',
    'Load test of the new checkout in staging.',
    given('ended', yes('claire.dupont', 25, 'Have fun.')),
  );
  add(
    [44, '18:03'],
    ['thandi.nkosi', 'PowerUser', 'data-prod', 60],
    'INC-2241',
    'Kafka’s disks are nearly full; shorten the retention.',
    given('ended', yes('Hannah.Schneider', 2, 'Go.')),
    { acts: ['describe-instances', 'stop-instance'] },
  );
  add(
    [42, '09:09'],
    ['ravi.patel', 'PowerUser', 'ledger-prod', 120],
    'PAY-1420',
    'Rotate the credentials of the bank’s interface by hand, the automation is not finished yet.',
    {
      kind: 'given',
      said: [yes('priya.raman', 13, 'Yes.')],
      life: {
        kind: 'revoked',
        cause: 'requester',
        by: 'ravi.patel',
        after: 47,
        comment: 'Done sooner than I thought.',
      },
    },
    { acts: ['list-buckets', 'put-bucket-policy'] },
  );
  add(
    [41, '14:50'],
    ['leila.haddad', 'DataScientist', 'data-prod', 480],
    '',
    'Explore the returns data for the quarterly review.',
    expired,
  );
  add(
    [39, '08:08'],
    ['leila.haddad', 'DataScientist', 'data-prod', 480],
    'DATA-715',
    'Explore the returns data for the quarterly review (second try, the first one expired).',
    given('ended', yes('tomas.novak', 35, 'Sorry for the wait.')),
    { acts: ['list-buckets'] },
  );
  add(
    [38, '10:21'],
    ['JDubois', 'PowerUser', 'search-prod', 120],
    'SHOP-2077',
    'Enlarge the search cluster before the sale.',
    given('ended', yes('erik.vandenberg', 7, 'Yes, two nodes.')),
  );
  add(
    [36, '21:47'],
    ['oleksandr.kovalenko', 'LogsReader', 'payments-prod', 120],
    'INC-2257',
    'Alarm: payment latency. Looking at the gateway’s logs.',
    given('ended'),
    { acts: ['describe-instances'] },
  );
  add(
    [36, '22:10'],
    ['oleksandr.kovalenko', 'AdministratorAccess', 'payments-prod', 60],
    'INC-2257',
    'The gateway’s security group was changed; put the rule back.',
    given('ended', yes('priya.raman', 6, 'Yes, I am on the call.'), yes('tomas.novak', 8, 'Yes.')),
    { acts: ['describe-instances', 'delete-security-group-rule', 'list-roles'] },
  );
  add(
    [34, '07:58'],
    ['ibrahim.yilmaz', 'ReadOnly', 'ledger-dev', 480],
    '',
    'Getting to know the ledger’s set-up in my first week.',
    given('ended'),
  );
  add(
    [33, '13:31'],
    ['nora.bakke', 'NetworkAdmin', 'network', 240],
    'CHG-2940',
    'Add the route for the new office.',
    given('ended', yes('Hannah.Schneider', 29, 'Fine.')),
    { startsAfter: 420, acts: ['describe-instances'] },
  );
  add(
    [31, '09:44'],
    ['emma.johansson', 'PowerUser', 'storefront-prod', 480],
    '',
    'Look around for what makes the start page slow.',
    rejected('claire.dupont', 55, 'ReadOnly is enough to look around. Please ask for that.'),
  );
  add(
    [31, '11:02'],
    ['emma.johansson', 'ReadOnly', 'storefront-prod', 480],
    'SHOP-2102',
    'Look for what makes the start page slow, reading only.',
    given('ended', yes('claire.dupont', 4, 'Thank you.')),
    { acts: ['describe-instances', 'list-buckets', 'schedule-key-deletion'] },
  );
  add(
    [29, '08:33'],
    ["siobhan.o'connor", 'DeployOperator', 'payments-staging', 60],
    '',
    'Deploy the payout service to staging by hand while the pipeline is being moved.',
    cancelled(12, 'The pipeline works again.'),
  );
  add(
    [27, '15:15'],
    ['mateo.garcia', 'DatabaseAdmin', 'data-staging', 120],
    'DATA-730',
    'Copy last month’s anonymised orders into staging.',
    given('ended', yes('tomas.novak', 21, 'OK.')),
  );
  add(
    [26, '06:49'],
    ['Marcus.Webb', 'PowerUser', 'storefront-prod', 240],
    'INC-2270',
    'A certificate expires tonight and the renewal is stuck.',
    {
      kind: 'given',
      said: [yes('Hannah.Schneider', 5, 'Yes.')],
      life: {
        kind: 'revoked',
        cause: 'approver',
        by: 'tomas.novak',
        after: 96,
        comment: 'The incident is closed; please ask again if anything is left.',
      },
    },
    { acts: ['describe-instances', 'list-roles', 'stop-instance'] },
  );
  add(
    [24, '10:40'],
    ['yuki.sato', 'PowerUser', 'payments-dev', 480],
    '',
    'Work on the new fraud rules.',
    given('ended'),
  );
  add(
    [22, '12:25'],
    ['zoë.lindqvist', 'DeployOperator', 'catalog-prod', 60],
    'SHOP-2130',
    'Release the price service.',
    given('ended', yes('erik.vandenberg', 17, 'Yes.')),
    { acts: ['describe-instances'] },
  );
  add(
    [21, '09:13'],
    ['viktor.petrov', 'PowerUser', 'mobile-api-prod', 240],
    'INC-2281',
    'Scale the API by hand until autoscaling is repaired.',
    {
      kind: 'given',
      said: [yes('kofi.mensah', 4, 'Yes.')],
      life: { kind: 'revoked', cause: 'user_disabled', by: null, after: 58, comment: '' },
    },
  );
  add(
    [19, '14:06'],
    ['ravi.patel2', 'ReadOnly', 'search-dev', 60],
    '',
    'Find out why the other Ravi Patel gets my mail: comparing the two user profiles in search.',
    given('ended'),
  );
  add(
    [18, '08:19'],
    ['fatima.alhassan', 'DataScientist', 'data-prod', 240],
    'DATA-744',
    'Repair the consent flags that the import of Tuesday lost.',
    given('ended', yes('tomas.novak', 14, 'Yes.')),
    { acts: ['list-buckets', 'put-bucket-policy'] },
  );
  add(
    [16, '17:37'],
    ['thandi.nkosi', 'DatabaseAdmin', 'ledger-prod', 60],
    'INC-2290',
    'A replica is two hours behind; rebuild it.',
    given('ended', yes('priya.raman', 10, 'Yes.')),
    { acts: ['describe-instances', 'schedule-key-deletion'] },
  );
  add(
    [14, '07:50'],
    ['sofia.rossi', 'PowerUser', 'search-staging', 240],
    '',
    'Try the new synonyms with real traffic patterns.',
    given('ended', yes('claire.dupont', 38, 'Fine.')),
  );
  add(
    [12, '11:29'],
    ['lena.fischer', 'PowerUser', 'payments-dev', 240],
    '',
    'Debug the voucher refunds.',
    given('ended'),
  );
  add(
    [11, '15:55'],
    ['wei.zhang', 'DatabaseAdmin', 'payments-prod-dr', 120],
    'PAY-1471',
    'Check that the DR copy of the ledger has the same totals.',
    cancelled(140, 'Nobody had time today; I ask again next week.'),
  );
  add(
    [9, '09:01'],
    ['ravi.patel', 'PowerUser', 'payments-prod', 120],
    'PAY-1480',
    'Enable the second acquirer for ten percent of the traffic.',
    given('ended', yes('tomas.novak', 12, 'Priya is away; yes. Ninety minutes.', 90)),
    { acts: ['describe-instances', 'list-buckets'] },
  );
  add(
    [8, '13:48'],
    ['Marcus.Webb', 'LogsReader', 'data-prod', 60],
    'INC-2301',
    'Import errors since noon.',
    given('ended'),
  );
  add(
    [6, '10:10'],
    ['jakub.wojcik', 'ReadOnly', 'storefront-dev', 120],
    '',
    'Write the test plan for the new basket.',
    given('ended'),
  );
  add(
    [5, '08:24'],
    ['minh.nguyen', 'DeployOperator', 'storefront-prod', 60],
    'SHOP-2188',
    'Release 8.19 with the voucher repair.',
    expired,
  );
  add(
    [4, '12:52'],
    ['lena.fischer', 'DeployOperator', 'payments-prod', 60],
    'PAY-1493',
    'Roll out the retry limits.',
    given('ended', yes('priya.raman', 19, 'Yes.')),
    { acts: ['describe-instances'] },
  );
  add(
    [3, '07:35'],
    ['dario.conti', 'DataScientist', 'data-prod', 240],
    'DATA-766',
    'Backfill the missing day in the revenue table.',
    given('ended', yes('tomas.novak', 26, 'Yes.')),
    { acts: ['list-buckets'] },
  );
  return stories;
}

function onDay(now: Date, daysAgo: number, time: string): Date {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - daysAgo, hours, minutes, 17));
}
