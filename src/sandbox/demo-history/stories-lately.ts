import { cancelled, expired, rejected, revoked, storiesTold } from './past.ts';
import { given, type Story, yes } from './story.ts';

/** What happened at Example Corp in the last month, until the day before yesterday. */
export function latelyStories(now: Date): Story[] {
  return storiesTold(now, (tell) => {
    tell(
      [31, '09:44'],
      ['emma.johansson', 'PowerUser', 'storefront-prod', 480],
      '',
      'Look around for what makes the start page slow.',
      rejected('claire.dupont', 55, 'ReadOnly is enough to look around. Please ask for that.'),
    );
    tell(
      [31, '11:02'],
      ['emma.johansson', 'ReadOnly', 'storefront-prod', 480],
      'SHOP-2102',
      'Look for what makes the start page slow, reading only.',
      given('ended', yes('claire.dupont', 4, 'Thank you.')),
      { acts: ['describe-instances', 'list-buckets', 'schedule-key-deletion'] },
    );
    tell(
      [29, '08:33'],
      ["siobhan.o'connor", 'DeployOperator', 'payments-staging', 60],
      '',
      'Deploy the payout service to staging by hand while the pipeline is being moved.',
      cancelled(12, 'The pipeline works again.'),
    );
    tell(
      [27, '15:15'],
      ['mateo.garcia', 'DatabaseAdmin', 'data-staging', 120],
      'DATA-730',
      'Copy last month’s anonymised orders into staging.',
      given('ended', yes('tomas.novak', 21, 'OK.')),
    );
    tell(
      [26, '06:49'],
      ['Marcus.Webb', 'PowerUser', 'storefront-prod', 240],
      'INC-2270',
      'A certificate expires tonight and the renewal is stuck.',
      revoked(
        yes('Hannah.Schneider', 5, 'Yes.'),
        'approver',
        'tomas.novak',
        96,
        'The incident is closed; please ask again if anything is left.',
      ),
      { acts: ['describe-instances', 'list-roles', 'stop-instance'] },
    );
    tell(
      [24, '10:40'],
      ['yuki.sato', 'PowerUser', 'payments-dev', 480],
      '',
      'Work on the new fraud rules.',
      given('ended'),
    );
    tell(
      [22, '12:25'],
      ['zoë.lindqvist', 'DeployOperator', 'catalog-prod', 60],
      'SHOP-2130',
      'Release the price service.',
      given('ended', yes('erik.vandenberg', 17, 'Yes.')),
      { acts: ['describe-instances'] },
    );
    tell(
      [21, '09:13'],
      ['viktor.petrov', 'PowerUser', 'mobile-api-prod', 240],
      'INC-2281',
      'Scale the API by hand until autoscaling is repaired.',
      revoked(yes('kofi.mensah', 4, 'Yes.'), 'user_disabled', null, 58, ''),
    );
    tell(
      [19, '14:06'],
      ['ravi.patel2', 'ReadOnly', 'search-dev', 60],
      '',
      'Find out why the other Ravi Patel gets my mail: comparing the two user profiles in search.',
      given('ended'),
    );
    tell(
      [18, '08:19'],
      ['fatima.alhassan', 'DataScientist', 'data-prod', 240],
      'DATA-744',
      'Repair the consent flags that the import of Tuesday lost.',
      given('ended', yes('tomas.novak', 14, 'Yes.')),
      { acts: ['list-buckets', 'put-bucket-policy'] },
    );
    tell(
      [16, '17:37'],
      ['thandi.nkosi', 'DatabaseAdmin', 'ledger-prod', 60],
      'INC-2290',
      'A replica is two hours behind; rebuild it.',
      given('ended', yes('priya.raman', 10, 'Yes.')),
      { acts: ['describe-instances', 'schedule-key-deletion'] },
    );
    tell(
      [14, '07:50'],
      ['sofia.rossi', 'PowerUser', 'search-staging', 240],
      '',
      'Try the new synonyms with real traffic patterns.',
      given('ended', yes('claire.dupont', 38, 'Fine.')),
    );
    tell(
      [12, '11:29'],
      ['lena.fischer', 'PowerUser', 'payments-dev', 240],
      '',
      'Debug the voucher refunds.',
      given('ended'),
    );
    tell(
      [11, '15:55'],
      ['wei.zhang', 'DatabaseAdmin', 'payments-prod-dr', 120],
      'PAY-1471',
      'Check that the DR copy of the ledger has the same totals.',
      cancelled(140, 'Nobody had time today; I ask again next week.'),
    );
    tell(
      [9, '09:01'],
      ['ravi.patel', 'PowerUser', 'payments-prod', 120],
      'PAY-1480',
      'Enable the second acquirer for ten percent of the traffic.',
      given('ended', yes('tomas.novak', 12, 'Priya is away; yes. Ninety minutes.', 90)),
      { acts: ['describe-instances', 'list-buckets'] },
    );
    tell(
      [8, '13:48'],
      ['Marcus.Webb', 'LogsReader', 'data-prod', 60],
      'INC-2301',
      'Import errors since noon.',
      given('ended'),
    );
    tell(
      [6, '10:10'],
      ['jakub.wojcik', 'ReadOnly', 'storefront-dev', 120],
      '',
      'Write the test plan for the new basket.',
      given('ended'),
    );
    tell(
      [5, '08:24'],
      ['minh.nguyen', 'DeployOperator', 'storefront-prod', 60],
      'SHOP-2188',
      'Release 8.19 with the voucher repair.',
      expired,
    );
    tell(
      [4, '12:52'],
      ['lena.fischer', 'DeployOperator', 'payments-prod', 60],
      'PAY-1493',
      'Roll out the retry limits.',
      given('ended', yes('priya.raman', 19, 'Yes.')),
      { acts: ['describe-instances'] },
    );
    tell(
      [3, '07:35'],
      ['dario.conti', 'DataScientist', 'data-prod', 240],
      'DATA-766',
      'Backfill the missing day in the revenue table.',
      given('ended', yes('tomas.novak', 26, 'Yes.')),
      { acts: ['list-buckets'] },
    );
  });
}
