import {
  allOrganizationalUnits,
  searchAccounts,
  searchGroups,
  searchPeople,
  searchPermissionSets,
} from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { splitRef } from './approval.ts';
import { type Named, namedAccount, namedGroup, namedRole, namedUnit, namedUser, readNames } from './names.ts';
import { countAccountsByUnit } from './queries.ts';

/** The fields that are chosen by searching. */
export const PICKER_FIELDS = ['principals', 'approvers', 'targets', 'permissionSets', 'requesterGroups'] as const;
export type PickerField = (typeof PICKER_FIELDS)[number];

/** One thing to choose. */
export interface Option {
  value: string;
  name: string;
  /** What tells it from others of the same name. */
  detail: string;
  /** Person, group, account, OU, role. */
  kind: string;
  known: boolean;
  /** Chosen already: it stands above, and is not offered twice. */
  taken: boolean;
  /** How deep it lies in the tree; 0 outside of one. */
  depth: number;
}

/** What `views/policy/_picker` and `_picker-choices` show. */
export interface Picker {
  field: PickerField;
  query: string;
  chosen: Option[];
  results: Option[];
  /** Results of several kinds: each then says which it is. */
  mixed: boolean;
  /** How many there are, or what to type. */
  note: string;
}

const PER_KIND = 20;
const MOST_UNITS = 500;

/** Searches for what the field takes. What is chosen stays, whether the search finds it or not. */
export async function readPicker(tx: Tx, field: PickerField, chosen: string[], query: string): Promise<Picker> {
  const values = [...new Set(chosen)];
  const names = await readNames(
    tx,
    values.map((value) => refOf(field, value)),
  );
  const taken = new Set(values);
  const found = await SEARCHES[field](tx, query);
  return {
    field,
    query,
    chosen: values.map((value) => toOption(field, names.of(refOf(field, value)), new Set())),
    results: toldApart(found.items).map((item) => ({ ...toOption(field, item, taken), depth: item.depth ?? 0 })),
    mixed: new Set(found.items.map((item) => item.kind)).size > 1,
    note: found.note,
  };
}

interface Results {
  items: (Named & { depth?: number })[];
  note: string;
}

const SEARCHES: Record<PickerField, (tx: Tx, query: string) => Promise<Results>> = {
  principals: searchPrincipals,
  approvers: searchPrincipals,
  targets: searchTargets,
  permissionSets: searchRoles,
  requesterGroups: async (tx, q) => {
    const groups = await searchGroups(tx, { q, limit: PER_KIND });
    return { items: groups.items.map(namedGroup), note: noteOf(groups.items.length, groups.nextCursor !== null) };
  },
};

async function searchPrincipals(tx: Tx, q: string): Promise<Results> {
  const groups = await searchGroups(tx, { q, limit: PER_KIND });
  // Fifty thousand people are no list to choose from; with nothing typed the groups are.
  const people =
    q === '' ? { items: [], nextCursor: null } : await searchPeople(tx, { q, limit: PER_KIND, onlyEnabled: true });
  const items = [...groups.items.map(namedGroup), ...people.items.map(namedUser)];
  const note = noteOf(items.length, groups.nextCursor !== null || people.nextCursor !== null);
  return { items, note: q === '' ? `${note} Type a name to find people too.` : note };
}

async function searchTargets(tx: Tx, q: string): Promise<Results> {
  const counts = await countAccountsByUnit(tx);
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const all = await allOrganizationalUnits(tx);
  const matching = all.filter((unit) => {
    const text = `${unit.path} ${unit.id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const units = matching.slice(0, MOST_UNITS).map((unit) => {
    const { direct, nested } = counts.get(unit.id) ?? { direct: 0, nested: 0 };
    const below = nested === direct ? '' : `, ${nested} with nested OUs`;
    const number = `${direct} ${direct === 1 ? 'account' : 'accounts'} directly in it${below}`;
    const detail = q === '' ? number : `${unit.path}; ${number}`;
    return { ...namedUnit(unit), detail, depth: q === '' ? unit.ancestorIds.length : 0 };
  });
  if (q === '') {
    return {
      items: units,
      note: 'These are the organizational units. Type a name or an account ID to find single accounts too.',
    };
  }
  const accounts = await searchAccounts(tx, { q, limit: PER_KIND });
  const items = [...accounts.items.map(namedAccount), ...units];
  return { items, note: noteOf(items.length, accounts.nextCursor !== null || matching.length > MOST_UNITS) };
}

async function searchRoles(tx: Tx, q: string): Promise<Results> {
  const roles = await searchPermissionSets(tx, { q, limit: PER_KIND });
  const marked = roles.items.map((role) => {
    const named = namedRole(role);
    return role.inManagementAccount
      ? {
          ...named,
          detail: `${named.detail} (also in the management account: not ours to give from a delegated administrator)`,
        }
      : named;
  });
  return { items: marked, note: noteOf(marked.length, roles.nextCursor !== null) };
}

/** Two of the same kind and name get their IDs. */
function toldApart<Item extends Named>(items: Item[]): Item[] {
  const count = new Map<string, number>();
  const keyOf = (item: Item) => `${item.kind} ${item.name}`;
  for (const item of items) count.set(keyOf(item), (count.get(keyOf(item)) ?? 0) + 1);
  return items.map((item) => {
    if (count.get(keyOf(item)) === 1 || item.kind === 'account') return item;
    return { ...item, detail: [item.detail, splitRef(item.ref)[1]].filter(Boolean).join(', ') };
  });
}

function noteOf(count: number, more: boolean): string {
  if (count === 0) return 'Nothing matches. Try part of a name or an ID.';
  if (more) return `The first ${count}. Type more letters to find others.`;
  return count === 1 ? 'One match.' : `${count} matches.`;
}

/** How `readNames` calls a value of the field: requester groups come as bare IDs. */
function refOf(field: PickerField, value: string): string {
  return field === 'requesterGroups' ? `GROUP:${value.replace(/^GROUP:/, '')}` : value;
}

function toOption(field: PickerField, { ref, name, detail, kind, known }: Named, taken: ReadonlySet<string>): Option {
  const value = field === 'requesterGroups' ? ref.replace(/^GROUP:/, '') : ref;
  return { value, name, detail, kind, known, taken: taken.has(value), depth: 0 };
}
