import { principalIdOf } from '../identifiers.ts';
import type { SandboxGroup } from '../organization.ts';
import { DEMO_PEOPLE, demoUserId, demoUsers, IDENTITY_STORE_ID } from './people.ts';

/** The group whose members administer the portal: what ADMIN_GROUPS names in the demo. */
export const ADMIN_GROUP = 'Latchkey Admins';

/** The group whose members audit: what AUDITOR_GROUPS names in the demo. */
export const AUDITOR_GROUP = 'Security Auditors';

const { requester, secondRequester, approver, secondApprover, auditor, admin } = DEMO_PEOPLE;

const PLAN: [name: string, description: string, members: string[]][] = [
  [ADMIN_GROUP, 'Administer Latchkey: policies, settings, health', [admin, 'liam.murphy']],
  [AUDITOR_GROUP, 'See and prove what happened', [auditor, 'noah.weiss']],
  ['Platform Leads', 'Decide on access to the platform accounts', [secondApprover, 'Hannah.Schneider', 'kofi.mensah']],
  ['Payments Leads', 'Decide on access to the payments accounts', [approver, secondApprover]],
  ['Storefront Leads', 'Decide on access to the storefront accounts', ['claire.dupont', 'erik.vandenberg']],
  [
    'Payments Engineers',
    'Build payments and the ledger',
    [requester, approver, 'wei.zhang', 'ravi.patel', 'yuki.sato', "siobhan.o'connor"],
  ],
  [
    'Storefront Engineers',
    'Build the shop, search and catalog',
    ['zoë.lindqvist', 'JDubois', 'emma.johansson', 'sofia.rossi', 'minh.nguyen'],
  ],
  ['Data Engineers', 'Run the data platform', ['dario.conti', 'fatima.alhassan', 'mateo.garcia', 'leila.haddad']],
  [
    'SRE On-call',
    'Whoever carries the pager',
    [secondRequester, 'oleksandr.kovalenko', 'thandi.nkosi', 'viktor.petrov'],
  ],
  ['Network Engineers', 'Run the network', ['nora.bakke', 'pavel.dvorak']],
  ['Finance', 'Look after costs and invoices', ['maria.silva', 'olivia.brown']],
  ['Support Desk', 'Help customers', ['anna.kowalska', 'ben.carter', 'chloe.martin', 'aiko.tanaka']],
  ['Contractors', 'People from outside', ['sam.taylor+contractor', 'jakub.wojcik']],
];

/** The ID of the demo's group of this name. */
export function demoGroupId(name: string): string {
  return principalIdOf(IDENTITY_STORE_ID, `group ${name}`);
}

/** A fresh copy of the groups; everybody is in the last one. */
export function demoGroups(): SandboxGroup[] {
  return allGroups().map(([displayName, description]) => ({ id: demoGroupId(displayName), displayName, description }));
}

/** A fresh copy of who is in which group. */
export function demoMemberships(): Map<string, Set<string>> {
  return new Map(allGroups().map(([name, , members]) => [demoGroupId(name), new Set(members.map(demoUserId))]));
}

function allGroups(): typeof PLAN {
  const everybody = demoUsers().map(({ userName }) => userName);
  return [...PLAN, ['All Staff', 'Everybody at Example Corp', everybody]];
}
