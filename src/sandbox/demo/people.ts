import { principalIdOf } from '../identifiers.ts';
import type { SandboxUser } from '../organization.ts';

export const IDENTITY_STORE_ID = 'd-9367a1b2c4';

/** The people to sign in as, by user name. */
export const DEMO_PEOPLE = {
  /** Lena Fischer, who works on payments and asks for access. */
  requester: 'lena.fischer',
  /** Marcus Webb, who is on call and asks as well. */
  secondRequester: 'Marcus.Webb',
  /** Priya Raman, who leads payments and decides. */
  approver: 'priya.raman',
  /** Tomás Novák, who leads the platform and decides too. */
  secondApprover: 'tomas.novak',
  /** Grace Okafor, who audits. */
  auditor: 'grace.okafor',
  /** Inès Moreau, who administers Latchkey. */
  admin: 'ines.moreau',
} as const;

/** User name, given name, family name; names and spellings as varied as in a real directory. */
const PLAN: [userName: string, givenName: string, familyName: string, ...particular: ('DISABLED' | 'NO E-MAIL')[]][] = [
  ['lena.fischer', 'Lena', 'Fischer'],
  ['Marcus.Webb', 'Marcus', 'Webb'],
  ['priya.raman', 'Priya', 'Raman'],
  ['tomas.novak', 'Tomás', 'Novák'],
  ['grace.okafor', 'Grace', 'Okafor'],
  ['ines.moreau', 'Inès', 'Moreau'],
  ["siobhan.o'connor", 'Siobhán', "O'Connor"],
  ['zoë.lindqvist', 'Zoë', 'Lindqvist'],
  ['JDubois', 'Jean-Luc', 'Dubois'],
  ['aiko.tanaka', 'Aiko', 'Tanaka', 'NO E-MAIL'],
  ['viktor.petrov', 'Viktor', 'Petrov', 'DISABLED'],
  ['wei.zhang', 'Wei', 'Zhang'],
  ['fatima.alhassan', 'Fatima', 'Al-Hassan'],
  ['dario.conti', 'Dario', 'Conti'],
  ['Hannah.Schneider', 'Hannah', 'Schneider'],
  ['kofi.mensah', 'Kofi', 'Mensah'],
  ['maria.silva', 'Maria', 'da Silva'],
  ['oleksandr.kovalenko', 'Oleksandr', 'Kovalenko'],
  ['yuki.sato', 'Yuki', 'Sato'],
  ['emma.johansson', 'Emma', 'Johansson'],
  ['ravi.patel', 'Ravi', 'Patel'],
  ['ravi.patel2', 'Ravi', 'Patel'],
  ['claire.dupont', 'Claire', 'Dupont'],
  ['mateo.garcia', 'Mateo', 'García López'],
  ['nora.bakke', 'Nora', 'Bakke'],
  ['ibrahim.yilmaz', 'İbrahim', 'Yılmaz'],
  ['sofia.rossi', 'Sofia', 'Rossi'],
  ['liam.murphy', 'Liam', 'Murphy'],
  ['anna.kowalska', 'Anna', 'Kowalska'],
  ['ben.carter', 'Ben', 'Carter'],
  ['thandi.nkosi', 'Thandi', 'Nkosi'],
  ['noah.weiss', 'Noah', 'Weiß'],
  ['leila.haddad', 'Leila', 'Haddad'],
  ['pavel.dvorak', 'Pavel', 'Dvořák'],
  ['olivia.brown', 'Olivia', 'Brown'],
  ['jakub.wojcik', 'Jakub', 'Wójcik'],
  ['minh.nguyen', 'Minh', 'Nguyễn'],
  ['chloe.martin', 'Chloé', 'Martin'],
  ['erik.vandenberg', 'Erik', 'van den Berg'],
  ['sam.taylor+contractor', 'Sam', 'Taylor'],
];

/** The ID of the demo's person of this user name. */
export function demoUserId(userName: string): string {
  return principalIdOf(IDENTITY_STORE_ID, `user ${userName}`);
}

/** A fresh copy of the people. */
export function demoUsers(): SandboxUser[] {
  return PLAN.map(([userName, givenName, familyName, particular]) => ({
    id: demoUserId(userName),
    userName,
    displayName: `${givenName} ${familyName}`,
    givenName,
    familyName,
    email: particular === 'NO E-MAIL' ? '' : emailOf(userName),
    status: particular === 'DISABLED' ? 'DISABLED' : 'ENABLED',
  }));
}

// Mail addresses here are plain, as those of most companies: no accents, all lower case.
function emailOf(userName: string): string {
  return `${userName.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()}@example.com`;
}

/** The people worth trying first, and what they are. */
export const DEMO_FEATURED_PEOPLE: { userName: string; about: string }[] = [
  { userName: DEMO_PEOPLE.requester, about: 'asks for access: builds payments' },
  { userName: DEMO_PEOPLE.secondRequester, about: 'asks for access: on call' },
  { userName: DEMO_PEOPLE.approver, about: 'approves for payments' },
  { userName: DEMO_PEOPLE.secondApprover, about: 'approves for the platform and payments' },
  { userName: DEMO_PEOPLE.auditor, about: 'audits' },
  { userName: DEMO_PEOPLE.admin, about: 'administers Latchkey' },
  { userName: 'liam.murphy', about: 'administers Latchkey too' },
];
