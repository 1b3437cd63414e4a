import type { AccessRule, Person } from '../identity/types.ts';

/** What waits for the person, by the address of the entry that leads there. */
export type NavCounts = Record<string, number>;

export interface NavEntry {
  label: string;
  address: string;
  count: number;
  current: boolean;
}

export interface NavSection {
  label: string;
  entries: NavEntry[];
}

interface Section {
  label: string;
  entries: [label: string, address: string][];
}

const SECTIONS: Section[] = [
  { label: '', entries: [['Home', '/']] },
  {
    label: 'Requests',
    entries: [
      ['Create request', '/requests/new'],
      ['My requests', '/requests'],
    ],
  },
  {
    label: 'Approvals',
    entries: [
      ['Approve requests', '/approvals'],
      ['My approvals', '/approvals/mine'],
    ],
  },
  {
    label: 'Elevated access',
    entries: [
      ['Active access', '/access/active'],
      ['Ended access', '/access/ended'],
    ],
  },
  {
    label: 'Audit',
    entries: [
      ['Approvals', '/audit/approvals'],
      ['Elevated access', '/audit/access'],
      ['Activity', '/audit/activity'],
      ['Audit log', '/audit/log'],
      ['Reports', '/audit/reports'],
    ],
  },
  {
    label: 'Administration',
    entries: [
      ['Eligibility policies', '/admin/eligibility-policies'],
      ['Approval policies', '/admin/approval-policies'],
      ['Guardrails', '/admin/guardrails'],
      ['Who can get what', '/admin/who'],
      ['Policy changes', '/admin/policy-changes'],
      ['Directory', '/admin/directory'],
      ['Drift', '/admin/drift'],
      ['Emergency', '/admin/emergency'],
      ['Settings', '/admin/settings'],
      ['Health', '/admin/health'],
    ],
  },
];

/** What auditors read of the administration. Administrators find it in theirs. */
const AUDITED: Section['entries'] = [
  ['Policy changes', '/admin/policy-changes'],
  ['Drift', '/admin/drift'],
  ['Settings history', '/admin/settings/history'],
  ['Health', '/admin/health'],
];

/**
 * The side navigation: the entries whose page exists and is open to the person by its own access rule, so that
 * nobody is offered what the guard would refuse. `marked`: the address of the entry that the page belongs to, where
 * its own address does not say.
 */
export function navigation(
  rules: ReadonlyMap<string, AccessRule>,
  person: Person,
  counts: NavCounts,
  path: string,
  marked = '',
): NavSection[] {
  const offered = sectionsFor(person)
    .map((section) => ({
      label: section.label,
      entries: section.entries.filter(([, address]) => isOpenTo(rules.get(address), person)),
    }))
    .filter((section) => section.entries.length > 0);
  const current = offered
    .flatMap((section) => section.entries.map(([, address]) => address))
    .filter((address) => (marked ? address === marked : leadsTo(address, path)))
    .sort((a, b) => b.length - a.length)[0];
  return offered.map((section) => ({
    label: section.label,
    entries: section.entries.map(([label, address]) => ({
      label,
      address,
      count: counts[address] ?? 0,
      current: address === current,
    })),
  }));
}

function sectionsFor(person: Person): Section[] {
  if (person.personas.has('admin')) return SECTIONS;
  return SECTIONS.flatMap(({ label, entries }) => {
    if (label === 'Administration') return [];
    return [{ label, entries: label === 'Audit' ? [...entries, ...AUDITED] : entries }];
  });
}

function leadsTo(address: string, path: string): boolean {
  if (path === address) return true;
  // What lies below is anyone's request, not only one's own.
  return address !== '/' && address !== '/requests' && path.startsWith(`${address}/`);
}

function isOpenTo(rule: AccessRule | undefined, person: Person): boolean {
  if (rule === undefined) return false;
  if (rule === 'anyone' || rule === 'person') return true;
  return [rule].flat().some((persona) => person.personas.has(persona));
}
