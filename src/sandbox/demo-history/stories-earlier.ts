import { expired, rejected, revoked, storiesTold } from './past.ts';
import { given, type Story, yes } from './story.ts';

/** What happened at Example Corp from two months to one month ago. */
export function earlierStories(now: Date): Story[] {
  return storiesTold(now, (tell) => {
    tell(
      [60, '07:41'],
      ['wei.zhang', 'PowerUser', 'payments-prod', 120],
      'PAY-1388',
      'Replay the settlement batch that stopped at midnight.',
      given('ended', yes('priya.raman', 9, 'Go ahead.')),
      { acts: ['describe-instances', 'stop-instance'] },
    );
    tell(
      [59, '13:05'],
      ['sofia.rossi', 'DeployOperator', 'storefront-prod', 60],
      'SHOP-2011',
      'Release 8.14 with the new basket.',
      given('ended', yes('claire.dupont', 16, 'Fine, after lunch.')),
    );
    tell(
      [57, '09:30'],
      ['Marcus.Webb', 'PowerUser', 'mobile-api-prod', 120],
      'INC-2204',
      'The API’s instances run out of disk; extend the volumes and clean up.',
      given('ended', yes('tomas.novak', 3, 'Yes.')),
      { acts: ['describe-instances', 'list-buckets'] },
    );
    tell(
      [56, '15:20'],
      ['lena.fischer', 'DatabaseAdmin', 'payments-prod', 240],
      'PAY-1391',
      'Change the partitioning of the transactions table.',
      rejected('priya.raman', 42, 'Not on a Friday afternoon. Please ask again for Monday morning.'),
    );
    tell(
      [53, '06:12'],
      ['lena.fischer', 'DatabaseAdmin', 'payments-prod', 240],
      'PAY-1391',
      'Change the partitioning of the transactions table, now on Monday.',
      given('ended', yes('priya.raman', 20, 'Thank you for waiting. Three hours should do.', 180)),
      { acts: ['describe-instances', 'list-buckets', 'schedule-key-deletion'] },
    );
    tell(
      [52, '10:02'],
      ['aiko.tanaka', 'ReadOnly', 'mobile-api-dev', 60],
      '',
      'Look up how a push message looks that a customer asks about.',
      given('ended'),
    );
    tell(
      [51, '16:44'],
      ['viktor.petrov', 'AdministratorAccess', 'search-prod', 60],
      'INC-2219',
      'Search cannot assume its role since the last Terraform run.',
      given('ended', yes('tomas.novak', 5, 'Yes.'), yes('kofi.mensah', 12, 'Yes, please post what you change.')),
      { acts: ['list-roles', 'put-bucket-policy'] },
    );
    tell(
      [49, '08:55'],
      ['emma.johansson', 'PowerUser', 'catalog-prod', 180],
      'SHOP-2030',
      'Rebuild the catalog’s search index after the price import.',
      given('ended', yes('erik.vandenberg', 11, 'OK.')),
    );
    tell(
      [48, '11:17'],
      ['jakub.wojcik', 'ReadOnly', 'data-dev', 120],
      '',
      'Check which columns the export has before we ask for production.',
      given('ended'),
    );
    tell(
      [46, '07:26'],
      ['dario.conti', 'DatabaseAdmin', 'data-prod', 120],
      'DATA-702',
      'Restore the orders table to before the faulty import.',
      given('ended', yes('tomas.novak', 18, 'Yes.')),
      { found: 'by hand' },
    );
    tell(
      [45, '12:38'],
      ['minh.nguyen', 'PowerUser', 'storefront-staging', 240],
      '',
      'Load test of the new checkout in staging.',
      given('ended', yes('claire.dupont', 25, 'Have fun.')),
    );
    tell(
      [44, '18:03'],
      ['thandi.nkosi', 'PowerUser', 'data-prod', 60],
      'INC-2241',
      'Kafka’s disks are nearly full; shorten the retention.',
      given('ended', yes('Hannah.Schneider', 2, 'Go.')),
      { acts: ['describe-instances', 'stop-instance'] },
    );
    tell(
      [42, '09:09'],
      ['ravi.patel', 'PowerUser', 'ledger-prod', 120],
      'PAY-1420',
      'Rotate the credentials of the bank’s interface by hand, the automation is not finished yet.',
      revoked(yes('priya.raman', 13, 'Yes.'), 'requester', 'ravi.patel', 47, 'Done sooner than I thought.'),
      { acts: ['list-buckets', 'put-bucket-policy'] },
    );
    tell(
      [41, '14:50'],
      ['leila.haddad', 'DataScientist', 'data-prod', 480],
      '',
      'Explore the returns data for the quarterly review.',
      expired,
    );
    tell(
      [39, '08:08'],
      ['leila.haddad', 'DataScientist', 'data-prod', 480],
      'DATA-715',
      'Explore the returns data for the quarterly review (second try, the first one expired).',
      given('ended', yes('tomas.novak', 35, 'Sorry for the wait.')),
      { acts: ['list-buckets'] },
    );
    tell(
      [38, '10:21'],
      ['JDubois', 'PowerUser', 'search-prod', 120],
      'SHOP-2077',
      'Enlarge the search cluster before the sale.',
      given('ended', yes('erik.vandenberg', 7, 'Yes, two nodes.')),
    );
    tell(
      [36, '21:47'],
      ['oleksandr.kovalenko', 'LogsReader', 'payments-prod', 120],
      'INC-2257',
      'Alarm: payment latency. Looking at the gateway’s logs.',
      given('ended'),
      { acts: ['describe-instances'] },
    );
    tell(
      [36, '22:10'],
      ['oleksandr.kovalenko', 'AdministratorAccess', 'payments-prod', 60],
      'INC-2257',
      'The gateway’s security group was changed; put the rule back.',
      given('ended', yes('priya.raman', 6, 'Yes, I am on the call.'), yes('tomas.novak', 8, 'Yes.')),
      { acts: ['describe-instances', 'delete-security-group-rule', 'list-roles'] },
    );
    tell(
      [34, '07:58'],
      ['ibrahim.yilmaz', 'ReadOnly', 'ledger-dev', 480],
      '',
      'Getting to know the ledger’s set-up in my first week.',
      given('ended'),
    );
    tell(
      [33, '13:31'],
      ['nora.bakke', 'NetworkAdmin', 'network', 240],
      'CHG-2940',
      'Add the route for the new office.',
      given('ended', yes('Hannah.Schneider', 29, 'Fine.')),
      { startsAfter: 420, acts: ['describe-instances'], found: 'by hand' },
    );
  });
}
