import { DEMO_ACCOUNTS, DEMO_PEOPLE, demoUserId } from '../../src/sandbox/demo-organization.ts';

/** What an administrator looks at in an emergency, by title: the route, and the address. */
export const EMERGENCY_CASES: [title: string, route: string, address: string, status: number][] = [
  ['emergency', '/admin/emergency', '/admin/emergency', 200],
  [
    'emergency, somebody searched for',
    '/admin/emergency',
    `/admin/emergency?personQuery=lena&person=${demoUserId(DEMO_PEOPLE.requester)}`,
    200,
  ],
  ['ending all access', '/admin/emergency/end', '/admin/emergency/end?scope=all', 200],
  [
    'ending all access in an account',
    '/admin/emergency/end',
    `/admin/emergency/end?scope=account&account=${DEMO_ACCOUNTS['payments-prod']}`,
    200,
  ],
  [
    'ending all access of somebody who has none',
    '/admin/emergency/end',
    `/admin/emergency/end?scope=user&person=${demoUserId(DEMO_PEOPLE.auditor)}`,
    200,
  ],
  ['ending the access of nobody', '/admin/emergency/end', '/admin/emergency/end?scope=user', 422],
];

/** An emergency that is under way, with what still goes in the demo; its ID. */
export const UNDER_WAY = `
  with begun as (
    insert into emergencies (scope, scope_name, reason, grants, started_by_id, started_by_name, swept_at)
    values ('all', 'everybody, everywhere', 'A laptop with open sessions was stolen on a train.', 3, 'x', 'Ada Admin', app_now())
    returning id
  ), taken as (
    update grants set emergency_id = begun.id from begun where status in ('ending', 'revoked')
  )
  select id from begun`;
